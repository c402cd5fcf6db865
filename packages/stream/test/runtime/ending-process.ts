import { setTimeout as sleep } from 'node:timers/promises';
import { batchOf, defineSchema, int32 } from '@sabot/columnar';
import { defineJob } from '../../src/plan/job.js';
import type { Source } from '../../src/ports/source.js';
import { startJob } from '../../src/runtime/start-job.js';
import type { StartJobOptions } from '../../src/runtime/task-options.js';
import { collectSink, forEachSink } from '../../src/sinks/memory-sinks.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';

const schema = defineSchema({ value: int32() });
const rows = [batchOf(schema, { value: [1, 2, 3] })];
const never = new Promise<never>(() => undefined);

const input = () => Stream.from(memorySource(schema, rows), { batchRows: 1 });
const start = (stream: Stream<(typeof schema)['fields']>, options?: StartJobOptions, sink = collectSink()) =>
  startJob(defineJob('job', [stream.to(sink as never)]), options);
const silent = (read: () => Promise<never>): Source<(typeof schema)['fields']> => ({
  name: 'silent',
  schema,
  bounded: false,
  splits: async () => [{ id: 'all' }],
  read: async () => ({ poll: read, close: async () => undefined }),
});
const failing = async () => {
  throw new Error('away');
};

/** Throws unless the job fails. */
async function fails(running: Awaited<ReturnType<typeof start>>): Promise<void> {
  const failed = await running.done.then(
    () => false,
    () => true,
  );
  if (!failed) throw new Error('the job has not failed');
}

async function cancelledAfter(running: Awaited<ReturnType<typeof start>>): Promise<void> {
  await sleep(20);
  await running.cancel();
}

const endings: Readonly<Record<string, () => Promise<unknown>>> = {
  finishes: async () => (await start(input())).done,
  'is-cancelled': async () => cancelledAfter(await start(Stream.from(silent(() => never)))),
  'is-aborted': async () => (await start(input(), { signal: AbortSignal.abort() })).done,
  'is-drained': async () => (await start(input().rebatch({ rows: 1000, maxDelayMs: 60_000 }))).drain(),
  'source-fails': async () => fails(await start(Stream.from(silent(failing)))),
  'function-throws': async () => fails(await start(input().map(schema, () => Number('x').toFixed(1000)))),
  'sink-rejects': async () => fails(await start(input(), {}, forEachSink(failing) as never)),
  'sink-hangs': async () => cancelledAfter(await start(input(), {}, forEachSink(() => never) as never)),
  'source-hangs': async () =>
    cancelledAfter(
      await start(
        Stream.from(
          silent(() => never),
          { pollTimeoutMs: 60_000 },
        ),
      ),
    ),
  'call-hangs': async () => cancelledAfter(await start(input().asyncMap(schema, () => never, { timeoutMs: 60_000 }))),
  'source-retries': async () =>
    cancelledAfter(await start(Stream.from(silent(failing), { retry: { attempts: 9, backoffMs: 60_000 } }))),
  'loop-left': async () => {
    for await (const _batch of input()) break;
  },
  unasked: async () => {
    const running = await start(Stream.from(silent(failing)));
    while (running.status().state === 'running') await sleep(5);
  },
};

const ending = String(process.argv[2]);
await endings[ending]?.();
process.stdout.write(`${ending}\n`);
