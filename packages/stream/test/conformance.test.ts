import { writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchOf, defineSchema, int32, rowsOf, utf8 } from '@sabot/columnar';
import { tableFromBatches } from '@sabot/columnar/arrow';
import { decodeIpcStream, encodeBatch, encodeIpcFile, encodeIpcStream } from '@sabot/columnar/ipc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalCommitRegister } from '../src/checkpoints/local-commit-register.js';
import { createMemoryLog } from '../src/log/memory-log.js';
import { arrowFileSink } from '../src/sinks/arrow-file-sink.js';
import { csvFileSink } from '../src/sinks/csv-file-sink.js';
import { logSink } from '../src/sinks/log-sink.js';
import { ndjsonFileSink } from '../src/sinks/ndjson-file-sink.js';
import { arrowFileSource } from '../src/sources/arrow-file-source.js';
import { arrowTableSource } from '../src/sources/arrow-table-source.js';
import { iterableSource, rowsSource } from '../src/sources/iterable-source.js';
import { logSource } from '../src/sources/log-source.js';
import { memorySource } from '../src/sources/memory-source.js';
import { ndjsonSource } from '../src/sources/ndjson-source.js';
import { retryingSource } from '../src/sources/retrying-source.js';
import { createMemoryCommitRegister } from '../src/testing/memory-commit-register.js';
import { commitRegisterConformance } from '../src/testing/register-conformance.js';
import { sinkConformance } from '../src/testing/sink-conformance.js';
import { createSinkProbe } from '../src/testing/sink-probe.js';
import { sourceConformance } from '../src/testing/source-conformance.js';

let folder: string;
let next = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-conformance-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const schema = defineSchema({ name: utf8(), number: int32() });
const rows = Array.from({ length: 11 }, (_, at) => ({ name: `n${at}`, number: at }));
const batchFrom = (from: number, to: number) =>
  batchOf(schema, {
    name: rows.slice(from, to).map(({ name }) => name),
    number: rows.slice(from, to).map(({ number }) => number),
  });

describe('conformance', () => {
  const shared = new Map<string, ReturnType<typeof createMemoryCommitRegister>>();
  const memoryRegister = (place: string) => {
    const register = shared.get(place) ?? createMemoryCommitRegister();
    shared.set(place, register);
    return register;
  };
  const place = (extension: string) => join(folder, `in-${next++}.${extension}`);
  const file = (extension: string) => join(folder, `${next++}`, `out.${extension}`);
  const cases = [
    ...commitRegisterConformance('memory register', memoryRegister),
    ...commitRegisterConformance('local register', (place) => createLocalCommitRegister(join(folder, place))),
    ...sourceConformance('memory source', () =>
      memorySource(schema, [batchFrom(0, 4), batchFrom(4, 4), batchFrom(4, 11)]),
    ),
    ...sourceConformance('iterable source', () => iterableSource(schema, () => [batchFrom(0, 4), batchFrom(4, 11)])),
    ...sourceConformance('rows source', () => rowsSource(schema, rows)),
    ...sourceConformance('arrow stream file source', () => {
      const path = place('arrows');
      writeFileSync(path, encodeIpcStream(schema, [batchFrom(0, 4), batchFrom(4, 11)]));
      return arrowFileSource(path, { schema });
    }),
    ...sourceConformance('arrow file source', () => {
      const path = place('arrow');
      writeFileSync(path, encodeIpcFile(schema, [batchFrom(0, 4), batchFrom(4, 11)]));
      return arrowFileSource(path, { schema });
    }),
    ...sourceConformance('arrow table source', () =>
      arrowTableSource(schema, tableFromBatches(schema, [batchFrom(0, 4), batchFrom(4, 11)])),
    ),
    ...sourceConformance('ndjson source', () => {
      const path = place('ndjson');
      writeFileSync(path, rows.map((row) => JSON.stringify({ ...row, other: 1 })).join('\n'));
      return ndjsonSource(path, { schema });
    }),
    ...sourceConformance('log source', async () => {
      const log = createMemoryLog();
      for (const batch of [batchFrom(0, 4), batchFrom(4, 11)]) {
        await log.append('rows', [{ payload: encodeBatch(batch) }]);
      }
      return logSource(log, 'rows', { schema, bounded: true });
    }),
    ...sourceConformance('retrying source', () => retryingSource(rowsSource(schema, rows), { retry: { attempts: 2 } })),
    ...sinkConformance('csv file sink', () => {
      const path = file('csv');
      const read = async () =>
        (await readFile(path, 'utf8'))
          .split('\n')
          .slice(1, -1)
          .map((line) => Number(line.split(',')[1]));
      return { sink: csvFileSink(path), read };
    }),
    ...sinkConformance('log sink', () => {
      const log = createMemoryLog();
      const read = async () =>
        (await log.read('out', 1, 100))
          .flatMap(({ payload }) => decodeIpcStream(payload).batches.flatMap((batch) => [...rowsOf(batch)]))
          .map((row) => Number(row['value']));
      return { sink: logSink(log, 'out'), read };
    }),
    ...sinkConformance('arrow file sink', () => {
      const path = file('arrow');
      const read = async () =>
        decodeIpcStream(await readFile(path))
          .batches.flatMap((batch) => [...rowsOf(batch)])
          .map((row) => Number(row['value']));
      return { sink: arrowFileSink(path), read };
    }),
    ...sinkConformance('ndjson file sink', () => {
      const path = file('ndjson');
      const read = async () =>
        (await readFile(path, 'utf8'))
          .split('\n')
          .filter(Boolean)
          .map((line) => (JSON.parse(line) as { value: number }).value);
      return { sink: ndjsonFileSink(path), read };
    }),
    ...sinkConformance('sink probe', () => {
      const sink = createSinkProbe<{ key: ReturnType<typeof utf8>; value: never }>();
      return { sink: sink as never, read: async () => sink.committed().map((row) => Number(row.value)) };
    }),
  ];
  for (const { name, run } of cases) it(name, run);
});

describe('local commit register', () => {
  it('refuses a torn or altered file', async () => {
    const place = join(folder, 'torn');
    const register = createLocalCommitRegister(place);
    const record = {
      version: 1,
      job: 'j',
      task: 'main',
      epoch: 1,
      owner: 'o',
      positions: {},
      watermarks: {},
      snapshots: [],
      sinks: {},
      layout: '{}',
      finished: false,
      committedAtMs: 0,
    } as const;
    await register.advance(record, 0);
    const path = join(place, 'commit-register');
    const bytes = await readFile(path);
    for (let at = 0; at < bytes.length; at += 7) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] as number) ^ 4;
      await writeFile(path, altered);
      await expect(register.read()).rejects.toMatchObject({ code: 'SABOT_STREAM_CHECKPOINT_INVALID' });
      await writeFile(path, bytes.subarray(0, at));
      await expect(register.read()).rejects.toMatchObject({ code: 'SABOT_STREAM_CHECKPOINT_INVALID' });
    }
  });
});

describe('file sinks', () => {
  it('refuse to go on when the file is shorter than what was committed, or gone', async () => {
    const path = join(folder, 'short.ndjson');
    const context = { sinkId: 's', schema, committed: { bytes: 10, rows: 1 }, signal: new AbortController().signal };
    await expect(ndjsonFileSink(path).open(context)).rejects.toMatchObject({ code: 'SABOT_STREAM_SINK_STATE_MISSING' });
    await writeFile(path, 'abc');
    await expect(ndjsonFileSink(path).open(context)).rejects.toMatchObject({ code: 'SABOT_STREAM_SINK_STATE_MISSING' });
  });
});
