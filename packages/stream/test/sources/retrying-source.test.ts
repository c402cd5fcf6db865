import { setTimeout as sleep } from 'node:timers/promises';
import { batchOf, defineSchema, int32 } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { streamErrors } from '../../src/errors.js';
import { defineJob } from '../../src/plan/job.js';
import type { Polled, Source } from '../../src/ports/source.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { retryingSource, type SourceRetryOptions } from '../../src/sources/retrying-source.js';
import { Stream } from '../../src/surface/stream.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';

const schema = defineSchema({ value: int32() });

/** Gives 0, 1, 2, then ends; `trouble` may throw or hang before any poll. */
function troubled(trouble: (poll: number) => unknown) {
  const facts = { polls: 0, opened: 0, closed: 0 };
  const source: Source = {
    name: 'troubled',
    schema,
    bounded: true,
    splits: async () => [{ id: 'all' }],
    async read(_split, position) {
      facts.opened++;
      let value = Number(position?.['value'] ?? -1);
      return {
        async poll(): Promise<Polled> {
          await trouble(facts.polls++);
          if (value === 2) return { kind: 'end' };
          value++;
          return { kind: 'batch', batch: batchOf(schema, { value: [value] }), position: { value } };
        },
        close: async () => void facts.closed++,
      };
    },
  };
  return { source, facts };
}

async function run(source: Source, options: SourceRetryOptions) {
  const stream = Stream.from(source, { ...options, name: 'in' });
  const sink = collectSink();
  const running = await startJob(defineJob('job', [stream.to(sink)]));
  try {
    await running.done;
    return { values: sink.rows().map((row) => row['value']), stats: running.status().operators[0]?.stats };
  } finally {
    await running.cancel().catch(() => undefined);
  }
}

const fails =
  (...polls: readonly number[]) =>
  (poll: number) => {
    if (polls.includes(poll)) throw new Error(`poll ${poll}`);
  };

describe('a source that fails', () => {
  it('ends the job with a coded error when no retry is asked for', async () => {
    const { source, facts } = troubled(fails(1));
    await expect(run(source, {})).rejects.toMatchObject({ code: 'SABOT_STREAM_SOURCE_FAILED', why: 'poll 1' });
    expect(facts.closed).toBe(facts.opened);
  });

  it('is opened again where it stood, as often as it may fail in a row, and is closed each time', async () => {
    const { source, facts } = troubled(fails(0, 1, 4, 5));
    const { values, stats } = await run(source, { retry: { attempts: 3, backoffMs: 1 } });
    expect(values).toEqual([0, 1, 2]);
    expect(stats).toMatchObject({ retries: 4, errors: 0 });
    expect(facts).toMatchObject({ opened: 5, closed: 5 });
  });

  it('ends the job when it fails once more, and at once when the failure is not of the outside world', async () => {
    const failing = run(troubled(fails(1, 2, 3)).source, { retry: { attempts: 3, backoffMs: 1 } });
    await expect(failing).rejects.toMatchObject({ code: 'SABOT_STREAM_SOURCE_FAILED', why: 'poll 3' });
    const { source, facts } = troubled(() => {
      throw streamErrors.error('SCHEMA_MISMATCH', { what: 'no', why: 'no' });
    });
    const wrong = run(source, { retry: { attempts: 9, backoffMs: 1 } });
    await expect(wrong).rejects.toMatchObject({ code: 'SABOT_STREAM_SCHEMA_MISMATCH' });
    expect(facts.polls).toBe(1);
  });

  it('waits longer from try to try', async () => {
    const clock = createVirtualClock();
    const { source, facts } = troubled(fails(0, 1, 2));
    const options = { retry: { attempts: 4, backoffMs: 10, maxBackoffMs: 25 } };
    const reader = await retryingSource(source, options, clock).read({ id: 'all' }, undefined, {
      columns: undefined,
      batchRows: 1,
    });
    const polled = reader.poll(new AbortController().signal);
    for (const [at, delayMs] of [10, 20, 25].entries()) {
      await sleep(0);
      clock.advance(delayMs - 1);
      await sleep(0);
      expect(facts.polls).toBe(at + 1);
      clock.advance(1);
    }
    expect(await polled).toMatchObject({ kind: 'batch', retries: 3 });
  });
});

describe('a source that hangs', () => {
  it('is given up after the time that it has, and asked again', async () => {
    const { source } = troubled((poll) => (poll === 1 ? new Promise(() => undefined) : undefined));
    const { values, stats } = await run(source, { pollTimeoutMs: 20, retry: { attempts: 2, backoffMs: 1 } });
    expect(values).toEqual([0, 1, 2]);
    expect(stats?.retries).toBe(1);
  });

  it('ends the job with SABOT_STREAM_TIMED_OUT when it may not be asked again', async () => {
    const { source } = troubled(() => new Promise(() => undefined));
    await expect(run(source, { pollTimeoutMs: 10 })).rejects.toMatchObject({ code: 'SABOT_STREAM_TIMED_OUT' });
  });

  it('does not keep a job from being cancelled', async () => {
    const { source } = troubled(() => new Promise(() => undefined));
    const stream = Stream.from(source, { retry: { attempts: 5 } });
    const running = await startJob(defineJob('job', [stream.to(collectSink())]));
    await sleep(5);
    await expect(running.cancel()).resolves.toMatchObject({ state: 'cancelled' });
  });

  it.each([[{ pollTimeoutMs: 0 }], [{ retry: { attempts: 1.5 } }]])('refuses %o', (options) => {
    expect(() => Stream.from(troubled(() => undefined).source, options)).toThrow(
      expect.objectContaining({ code: 'SABOT_STREAM_OPTION_INVALID' }),
    );
  });
});
