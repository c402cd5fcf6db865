import { batchOf, defineSchema, int32, nullable, rowsOf, timestamp, utf8 } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../../src/plan/job.js';
import { startJob } from '../../../src/runtime/start-job.js';
import { collectSink } from '../../../src/sinks/memory-sinks.js';
import { memorySource } from '../../../src/sources/memory-source.js';
import { Stream } from '../../../src/surface/stream.js';

const input = defineSchema({ at: timestamp('ms'), word: utf8(), count: int32() });
const output = defineSchema({ at: timestamp('ms'), word: utf8(), size: nullable(int32()) });
const rows = batchOf(input, { at: [1, 2, 3, 4], word: ['a', 'bad', 'b', 'bad'], count: [1, 2, 3, 4] });
const words = () => Stream.from(memorySource(input, [rows]), { name: 'words', eventTime: 'at' });

async function run(stream: ReturnType<typeof words> | unknown, letters?: unknown) {
  const [sink, dead] = [collectSink(), collectSink()];
  const out = stream as { to(sink: unknown, options: object): never };
  const sinks = [out.to(sink, { name: 'out' })];
  if (letters !== undefined) sinks.push((letters as typeof out).to(dead, { name: 'dead' }));
  const running = await startJob(defineJob('job', sinks));
  await running.done;
  const stats = running.status().operators.find(({ id }) => id === 'op')?.stats;
  return { rows: sink.rows(), dead: dead.rows(), stats };
}

const strict = (row: { readonly word: string }) => {
  if (row.word === 'bad') throw new Error(`no ${row.word}`);
};

describe('map', () => {
  it('makes one row of each, null where the draft is not set', async () => {
    const stream = words().map(
      output,
      (row, draft) => {
        draft.at = row.at;
        draft.word = row.word.toUpperCase();
        if (row.count > 2) draft.size = row.count * 10;
      },
      { name: 'op' },
    );
    expect(stream.eventTime).toBe('at');
    expect((await run(stream)).rows).toEqual([
      { at: 1, word: 'A', size: null },
      { at: 2, word: 'BAD', size: null },
      { at: 3, word: 'B', size: 30 },
      { at: 4, word: 'BAD', size: 40 },
    ]);
  });

  it('fails the job with the error of the function by default', async () => {
    const failing = words().map(
      input,
      (row, draft) => {
        strict(row);
        Object.assign(draft, row);
      },
      { name: 'op' },
    );
    await expect(run(failing)).rejects.toMatchObject({ code: 'SABOT_STREAM_OPERATOR_FAILED', why: 'no bad' });
  });

  it('skips and counts rows whose function throws, and rows that the output refuses', async () => {
    const fill = (row: { word: string; at: number }, draft: { word: string; at: number; count: number }) => {
      strict(row);
      draft.word = row.word;
      draft.at = row.at;
      // int32 without nulls: the second good row does not fit.
      if (row.word !== 'b') draft.count = 1;
    };
    const { rows: passed, stats } = await run(words().map(input, fill, { name: 'op', onError: 'skip' }));
    expect(passed).toEqual([{ at: 1, word: 'a', count: 1 }]);
    expect(stats).toMatchObject({ skippedRows: 3, deadLetterRows: 0, errors: 0 });
  });

  it('sends refused rows to the dead letters with operator, code and message, and lets the others pass', async () => {
    const stream = words().map(
      input,
      (row, draft) => {
        strict(row);
        Object.assign(draft, row);
      },
      { name: 'op', onError: 'deadLetter' },
    );
    const { rows: passed, dead, stats } = await run(stream, stream.deadLetters);
    expect(passed.map((row) => row['word'])).toEqual(['a', 'b']);
    const letter = { word: 'bad', _operator: 'op', _error_code: 'SABOT_STREAM_OPERATOR_FAILED', _trace_id: null };
    expect(dead).toEqual([
      { ...letter, at: 2, count: 2, _error_message: 'Error: no bad', _failed_at: expect.any(Number) },
      { ...letter, at: 4, count: 4, _error_message: 'Error: no bad', _failed_at: expect.any(Number) },
    ]);
    expect(stats).toMatchObject({ skippedRows: 0, deadLetterRows: 2 });
  });

  it('refuses a column that the output does not have, a policy that does not exist and names that dead letters need', () => {
    const misspelt = words().map(output, (_row, draft) => Object.assign(draft, { wrod: 1 }), { onError: 'skip' });
    return Promise.all([
      expect(run(misspelt)).resolves.toMatchObject({ rows: [] }),
      expect(() => words().map(output, () => undefined, { onError: 'ignore' as 'skip' })).toThrow('onError "ignore"'),
      expect(() =>
        Stream.from(memorySource(defineSchema({ _operator: utf8() }), [])).map(output, () => undefined, {
          onError: 'deadLetter',
        }),
      ).toThrow('_operator'),
    ]);
  });
});

describe('flat map', () => {
  it('makes any number of rows, and takes back what a row had emitted before its function threw', async () => {
    const stream = words().flatMap(
      output,
      (row, draft, emit) => {
        draft.at = row.at;
        for (let n = 0; n < row.count; n++) {
          draft.word = `${row.word}${n}`;
          emit();
        }
        strict(row);
      },
      { name: 'op', onError: 'skip' },
    );
    const { rows: passed, stats } = await run(stream);
    expect(passed.map((row) => row['word'])).toEqual(['a0', 'b0', 'b1', 'b2']);
    expect(stats).toMatchObject({ skippedRows: 2, rowsOut: 4 });
  });
});

describe('map batches', () => {
  it('splits a poisoned batch so that the good rows pass', async () => {
    let calls = 0;
    const stream = words().mapBatches(
      input,
      (batch) => {
        calls++;
        for (const row of rowsOf(batch)) strict(row);
        return batch;
      },
      { name: 'op', onError: 'deadLetter' },
    );
    const { rows: passed, dead } = await run(stream, stream.deadLetters);
    expect(passed.map((row) => row['at'])).toEqual([1, 3]);
    expect(dead.map((row) => row['at'])).toEqual([2, 4]);
    expect(calls).toBe(7);
  });

  it('refuses a batch of another schema', async () => {
    const stream = words().mapBatches(output, (batch) => batch as never, { name: 'op' });
    await expect(run(stream)).rejects.toMatchObject({ code: 'SABOT_STREAM_SCHEMA_MISMATCH' });
  });
});
