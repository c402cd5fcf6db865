import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Workbench } from '../run.js';

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.create();
});
afterEach(() => bench.remove());

describe('sabot telemetry enable and disable', () => {
  it('write the settings given, typed, say what changed, and leave no other file', async () => {
    const { code, err, out } = await bench.run(
      'telemetry enable --service-name orders --otlp-endpoint http://localhost:4317 --prometheus-port 9100 --sample-rate 0.25',
    );
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('sample_rate: not set → 0.25');
    expect(await settings()).toEqual({
      enabled: true,
      service_name: 'orders',
      otlp_endpoint: 'http://localhost:4317',
      prometheus_port: 9100,
      sample_rate: 0.25,
    });
    expect(await readdir(bench.folder)).toEqual(['sabot.json']);
  });

  it('keep what they do not change, other sections too', async () => {
    const before = { $schema: 's', telemetry: { service_name: 'orders' }, performance: { batch_size: 500 } };
    await write(before);
    expect((await bench.run('telemetry enable')).code).toBe(0);
    expect((await bench.run('telemetry disable')).out).toContain('enabled: true → false');
    const file = JSON.parse(await readFile(join(bench.folder, 'sabot.json'), 'utf8')) as unknown;
    expect(file).toEqual({ ...before, telemetry: { service_name: 'orders', enabled: false } });
  });

  it('say that nothing changed when nothing does', async () => {
    await bench.run('telemetry enable');
    expect((await bench.run('telemetry enable')).out).toContain('nothing changed');
  });

  it.each([
    ['--prometheus-port 99999', 'prometheus_port'],
    ['--sample-rate 2', 'sample_rate'],
    ['--otlp-endpoint localhost', 'otlp_endpoint'],
    ['--console-tracing perhaps', 'console_tracing'],
  ])('refuse %s with exit code 2 and write nothing', async (flags, setting) => {
    const { code, err, out } = await bench.run(`telemetry enable ${flags}`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(setting);
    expect(await readdir(bench.folder)).toEqual([]);
  });

  it('refuse a broken file with exit code 1 and leave it as it is', async () => {
    await writeFile(join(bench.folder, 'sabot.json'), '{"telemetry": {"servce_name": "x"}}');
    const { code, err } = await bench.run('telemetry enable');
    expect(code).toBe(1);
    expect(err).toContain('servce_name');
    expect(err).toContain('service_name');
    expect(await readFile(join(bench.folder, 'sabot.json'), 'utf8')).toContain('servce_name');
  });

  it('refuse a folder that does not exist with exit code 1', async () => {
    const { code, err } = await bench.run('telemetry enable --config-file nowhere/sabot.json');
    expect(code).toBe(1);
    expect(err).toMatch(/^sabot: cannot write ".*nowhere\/sabot.json": .*\[SABOT_CLI_CONFIG_NOT_WRITTEN\]\n$/s);
  });

  it('turn a setting off with none', async () => {
    await bench.run('telemetry enable --prometheus-port none');
    expect(await settings()).toEqual({ enabled: true, prometheus_port: null });
  });
});

async function settings(): Promise<unknown> {
  return (JSON.parse(await readFile(join(bench.folder, 'sabot.json'), 'utf8')) as { readonly telemetry: unknown })
    .telemetry;
}

async function write(content: unknown): Promise<void> {
  await writeFile(join(bench.folder, 'sabot.json'), JSON.stringify(content));
}
