import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  batchOf,
  binary,
  defineSchema,
  float64,
  int32,
  int64,
  list,
  nullable,
  rowsOf,
  timestamp,
  utf8,
} from '@sabot/columnar';
import { encodeIpcStream } from '@sabot/columnar/ipc';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLocalLog } from '../../src/log/local-log.js';
import { defineJob } from '../../src/plan/job.js';
import type { Source } from '../../src/ports/source.js';
import { startJob } from '../../src/runtime/start-job.js';
import { csvFileSink } from '../../src/sinks/csv-file-sink.js';
import { logSink } from '../../src/sinks/log-sink.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { ndjsonFileSink } from '../../src/sinks/ndjson-file-sink.js';
import { arrowFileSource } from '../../src/sources/arrow-file-source.js';
import { csvSource } from '../../src/sources/csv-source.js';
import { logSource } from '../../src/sources/log-source.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { ndjsonSource } from '../../src/sources/ndjson-source.js';
import { Stream } from '../../src/surface/stream.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sabot-bad-input-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const schema = defineSchema({ name: utf8(), value: nullable(int32()) });

/** Rows, dead letters and stats of a run over a source. */
async function read(source: Source, batchRows = 2) {
  const stream = Stream.from(source, { name: 'in', batchRows });
  const [rows, dead] = [collectSink(), collectSink()];
  const sinks = [stream.to(rows, { name: 'out' })];
  if (source.rejects !== undefined) sinks.push(stream.deadLetters.to(dead as never, { name: 'dead' }));
  const running = await startJob(defineJob('job', sinks));
  await running.done;
  return {
    rows: rows.rows(),
    dead: dead.rows(),
    stats: running.status().operators.find(({ id }) => id === 'in')?.stats,
  };
}

const files = {
  csv: ['name,value', 'a,1', 'b,x', 'c', 'd,4', 'e,5,6', 'f,'].join('\n'),
  ndjson: [
    '{"name":"a","value":1}',
    '{"name":"b","value":"x"}',
    '{"name":"c"',
    '{"name":"d","value":4}',
    '[1]',
    '',
    '{"name":"f","value":null,"more":[1]}',
  ].join('\n'),
};
const good = [
  { name: 'a', value: 1 },
  { name: 'd', value: 4 },
  { name: 'f', value: null },
];

describe.each(['csv', 'ndjson'] as const)('rows of %s that cannot be decoded', (format) => {
  const open = async (onError: 'fail' | 'skip' | 'deadLetter') => {
    const path = join(folder, `rows.${format}`);
    await writeFile(path, files[format]);
    return format === 'csv' ? csvSource(path, { schema, onError }) : ndjsonSource(path, { schema, onError });
  };

  it('fail the job by default, with file, line and reason', async () => {
    const failure = await read(await open('fail')).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'SABOT_STREAM_SCHEMA_MISMATCH' });
    expect(String(failure)).toMatch(format === 'csv' ? /line 3 of .*rows.csv/ : /line 2 of .*rows.ndjson/);
  });

  it('are skipped and counted', async () => {
    const { rows, stats } = await read(await open('skip'));
    expect(rows).toEqual(good);
    expect(stats).toMatchObject({ rowsIn: 6, rowsOut: 3, skippedRows: 3, deadLetterRows: 0 });
  });

  it('go to the dead letters with their line and text', async () => {
    const { rows, dead, stats } = await read(await open('deadLetter'));
    expect(rows).toEqual(good);
    const lines = format === 'csv' ? [3, 4, 6] : [2, 3, 5];
    expect(dead.map(({ line }) => line)).toEqual(lines);
    expect(dead[0]).toMatchObject({
      text: format === 'csv' ? 'b,x' : '{"name":"b","value":"x"}',
      _error_code: 'SABOT_STREAM_SCHEMA_MISMATCH',
    });
    expect(stats).toMatchObject({ deadLetterRows: 3, skippedRows: 0 });
  });

  it('are not lost when nothing else was in the batch, and positions go on behind them', async () => {
    const source = await open('skip');
    const [split] = await source.splits();
    const request = { columns: undefined, batchRows: 1 };
    const names: unknown[] = [];
    for (let position: Parameters<Source['read']>[1]; ; ) {
      const reader = await source.read(split as never, position, request);
      const polled = await reader.poll(new AbortController().signal);
      await reader.close();
      if (polled.kind !== 'batch') break;
      position = JSON.parse(JSON.stringify(polled.position)) as typeof position;
      names.push(polled.skippedRows ?? rowsOf(polled.batch)[0]?.['name']);
    }
    expect(names).toEqual(['a', 1, 1, 'd', 1, 'f']);
  });

  it('have no dead-letter stream unless the source was made so', async () => {
    const stream = Stream.from(await open('skip'));
    expect(() => stream.deadLetters).toThrow(expect.objectContaining({ code: 'SABOT_STREAM_PLAN_INVALID' }));
    await expect(open('never' as 'skip')).rejects.toMatchObject({ code: 'SABOT_STREAM_OPTION_INVALID' });
  });
});

describe('ndjson', () => {
  it('gives back what the sink has written, 64-bit integers and bytes included', async () => {
    const wide = defineSchema({
      id: int64(),
      at: timestamp('ms'),
      share: float64(),
      bytes: nullable(binary()),
      tags: list(utf8()),
    });
    const rows = [
      {
        id: 9_007_199_254_740_993n,
        at: 1_700_000_000_123,
        share: 0.1,
        bytes: Uint8Array.of(0, 255),
        tags: ['1234567890123456789'],
      },
      { id: -1n, at: 0, share: 1e300, bytes: null, tags: [] },
    ];
    const batch = batchOf(wide, {
      id: rows.map(({ id }) => id),
      at: rows.map(({ at }) => at),
      share: rows.map(({ share }) => share),
      bytes: rows.map(({ bytes }) => bytes),
      tags: rows.map(({ tags }) => tags),
    });
    const path = join(folder, 'wide.ndjson');
    await (await startJob(defineJob('job', [Stream.from(memorySource(wide, [batch])).to(ndjsonFileSink(path))]))).done;
    expect((await read(ndjsonSource(path, { schema: wide }))).rows).toEqual([...rowsOf(batch)]);
  });

  it('refuses a file that is another one than at the checkpoint', async () => {
    const path = join(folder, 'other.ndjson');
    await writeFile(path, '{"name":"a"}\n{"name":"b"}\n');
    const source = ndjsonSource(path, { schema });
    const request = { columns: undefined, batchRows: 1 };
    const reader = await source.read({ id: path }, undefined, request);
    const polled = await reader.poll(new AbortController().signal);
    await reader.close();
    await writeFile(path, '{"name":"x"}\n{"name":"b"}\n');
    const position = polled.kind === 'batch' ? polled.position : undefined;
    const refusal = { code: 'SABOT_STREAM_POSITION_INVALID' };
    await expect(source.read({ id: path }, position, request)).rejects.toMatchObject(refusal);
    await expect(ndjsonSource(join(folder, 'none'), { schema }).splits()).rejects.toMatchObject({
      code: 'SABOT_STREAM_SOURCE_FAILED',
    });
  });
});

describe('arrow files', () => {
  it('refuse columns that are not there or of another type, damage and other files', async () => {
    const path = join(folder, 'file.arrow');
    const bytes = encodeIpcStream(schema, [batchOf(schema, { name: ['a'], value: [1] })]);
    await writeFile(path, bytes);
    const open = (
      wanted: Parameters<typeof arrowFileSource>[1]['schema'],
      position?: { batch: number; row: number; bytes: number },
    ) => arrowFileSource(path, { schema: wanted }).read({ id: path }, position, { columns: undefined, batchRows: 1 });
    const fails = (opened: Promise<unknown>, code: string) => expect(opened).rejects.toMatchObject({ code });
    await fails(open(defineSchema({ no: utf8() })), 'SABOT_STREAM_COLUMN_UNKNOWN');
    await fails(open(defineSchema({ name: int32() })), 'SABOT_STREAM_SCHEMA_MISMATCH');
    await fails(open(schema, { batch: 0, row: 1, bytes: 7 }), 'SABOT_STREAM_POSITION_INVALID');
    await writeFile(path, bytes.subarray(0, bytes.length - 20));
    await fails(open(schema), 'SABOT_COLUMNAR_IPC_MALFORMED');
    await fails(arrowFileSource(join(folder, 'none'), { schema }).splits(), 'SABOT_STREAM_SOURCE_FAILED');
  });
});

describe('csv file sink', () => {
  it('quotes what needs it, and csvSource reads the same back', async () => {
    const path = join(folder, 'out.csv');
    const batch = batchOf(schema, { name: ['a,b', 'say "hi"', 'two\nlines', 'plain'], value: [1, null, 3, 4] });
    await (await startJob(defineJob('job', [Stream.from(memorySource(schema, [batch])).to(csvFileSink(path))]))).done;
    expect(await readFile(path, 'utf8')).toBe('name,value\n"a,b",1\n"say ""hi""",\n"two\nlines",3\nplain,4\n');
    expect((await read(csvSource(path, { schema }))).rows).toEqual([...rowsOf(batch)]);
  });

  it('refuses delimiters and types that do not fit', async () => {
    expect(() => csvFileSink('x', { delimiter: '"' })).toThrow('delimiter');
    const bytes = defineSchema({ bytes: binary() });
    const job = defineJob('job', [Stream.from(memorySource(bytes, [])).to(csvFileSink(join(folder, 'b.csv')))]);
    await expect(startJob(job)).rejects.toMatchObject({ code: 'SABOT_STREAM_SCHEMA_MISMATCH' });
  });
});

describe('the local log', () => {
  it('carries the batches of one job to another, committed ones only', async () => {
    const log = await createLocalLog({ directory: join(folder, 'log') });
    const batch = batchOf(schema, { name: ['a', 'b', 'c'], value: [1, 2, null] });
    const source = memorySource(schema, [batch]);
    const write = defineJob('write', [Stream.from(source, { batchRows: 2 }).to(logSink(log, 'rows'), { name: 'log' })]);
    await (await startJob(write)).done;
    expect((await read(logSource(log, 'rows', { schema, bounded: true }))).rows).toEqual([...rowsOf(batch)]);
    await log.close();
  });
});
