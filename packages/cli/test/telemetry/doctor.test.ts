import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workbench } from '../run.js';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create();
  bench.env['SABOT_PROMETHEUS_PORT'] = 'none';
  bench.env['SABOT_TELEMETRY_ENABLED'] = 'true';
  bench.env['SABOT_TELEMETRY_STORE'] = join(bench.folder, 'store');
});
afterEach(() => bench.remove());

describe('sabot telemetry doctor', () => {
  it('finds a store that works', async () => {
    const { code, out } = await bench.run('telemetry doctor');
    expect(code).toBe(0);
    expect(out).toMatch(/^✓ store: /m);
    const { findings } = JSON.parse((await bench.run('telemetry doctor --format json')).out) as { findings: unknown[] };
    expect(findings).toContainEqual(expect.objectContaining({ level: 'ok', subject: 'store' }));
  });

  it('fails with exit code 1 when telemetry is lost, and says where', async () => {
    const file = join(bench.folder, 'a-file');
    await writeFile(file, 'x');
    bench.env['SABOT_TELEMETRY_STORE'] = join(file, 'store');
    const { code, err, out } = await bench.run('telemetry doctor');
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ store: /m);
    expect(err).toContain('SABOT_CLI_TELEMETRY_LOST');
  });
});
