import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStoreOutlet } from '../../src/store/store-outlet.js';
import { openTelemetryStore } from '../../src/store/telemetry-store.js';
import { buildProgram } from '../built-package.js';
import { madeSpans } from '../export/made-spans.js';
import { temporaryFolder } from '../temporary-folder.js';

const KIB = 1024;

function storeIn(path: string, serviceName = 'shop') {
  return createStoreOutlet({
    path,
    serviceName,
    resource: { 'service.name': serviceName },
    segmentBytes: 100 * KIB,
    capBytes: 400 * KIB,
    onProblem: (problem) => {
      throw problem;
    },
  });
}

const bytesIn = (folder: string) =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

describe('the local store', () => {
  it('begins new files at their size and deletes the oldest, so that it never exceeds its cap', async () => {
    const path = temporaryFolder();
    const outlet = storeIn(path);
    for (let round = 0; round < 20; round++) {
      outlet.acceptSpans(madeSpans(256, round * 256));
      await outlet.flush();
      expect(bytesIn(join(path, 'shop'))).toBeLessThanOrEqual(400 * KIB);
    }
    await outlet.close(1000);
    expect(readdirSync(join(path, 'shop')).length).toBeGreaterThan(2);
    const [newest] = await openTelemetryStore(path).traces({ limit: 1 });
    expect(newest?.startTimeMs).toBe(1_790_000_000_000 + 20 * 256 - 1);
  });

  it('counts what comes faster than the disk takes it', async () => {
    const outlet = storeIn(temporaryFolder());
    outlet.acceptSpans(madeSpans(40_000));
    await outlet.close(5000);
    const { accepted, delivered } = outlet.ledger;
    expect(outlet.ledger.lostCount('spans', 'store_behind')).toBe(40_000 - 32_768);
    expect(delivered.spans + outlet.ledger.lostCount('spans')).toBe(accepted.spans);
  });

  it('keeps services apart, whatever their names', async () => {
    const path = temporaryFolder();
    for (const [at, name] of ['shop', '../shop', '..', 'a/b'].entries()) {
      const outlet = storeIn(path, name);
      outlet.acceptSpans(madeSpans(1, at));
      await outlet.close(1000);
    }
    const store = openTelemetryStore(path);
    expect([...(await store.summary()).services].sort()).toEqual(['..', '../shop', 'a/b', 'shop']);
    expect(await store.traces({ service: '..' })).toHaveLength(1);
  });

  it('finds traces by duration and time, newest first, at most as many as asked for', async () => {
    const path = temporaryFolder();
    const outlet = storeIn(path);
    const spans = madeSpans(20).map((span, at) => ({ ...span, endTimeMs: span.startTimeMs + at }));
    outlet.acceptSpans(spans);
    await outlet.close(1000);
    const store = openTelemetryStore(path);
    const slow = await store.traces({ minDurationMs: 15, limit: 3 });
    expect(slow.map((trace) => trace.durationMs)).toEqual([19, 18, 17]);
    const late = await store.traces({ sinceMs: spans[18]?.endTimeMs ?? 0, limit: 100 });
    expect(late.map((trace) => trace.durationMs)).toEqual([19, 18]);
  });

  it('is empty when its folder does not exist', async () => {
    const store = openTelemetryStore(join(temporaryFolder(), 'nowhere'));
    expect(await store.traces()).toEqual([]);
    expect(await store.metrics()).toEqual([]);
    expect(await store.summary()).toMatchObject({ services: [], files: 0, oldestMs: undefined });
  });
});

describe('a disk that takes no more', () => {
  it('leaves one file whose every line is whole, no empty ones, and counts what it refused', async () => {
    const program = await buildProgram('limited-disk');
    const path = temporaryFolder();
    // The kernel refuses to write files beyond 8 KiB: what is written of a line by then must go away again.
    const run = spawnSync('bash', ['-c', `ulimit -f 8; exec "$0" "$@"`, process.execPath, program, path], {
      encoding: 'utf8',
    });
    expect({ status: run.status, stderr: run.stderr }).toEqual({ status: 0, stderr: '' });
    const { files, accepted, delivered, lost, problems } = JSON.parse(run.stdout) as Record<string, number> & {
      files: number[];
    };
    expect(files).toHaveLength(1);
    expect({ accepted, accounted: (delivered ?? 0) + (lost ?? 0), problems }).toEqual({
      accepted: 60,
      accounted: 60,
      problems: 1,
    });
    const store = openTelemetryStore(path);
    expect(await store.traces({ limit: 100 })).toHaveLength(delivered ?? 0);
    expect(store.losses).toEqual({ tornLines: 0, badLines: 0 });
  });
});
