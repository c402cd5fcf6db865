import { openEmbeddedEngine } from '../../src/embedded/open-embedded-engine.js';
import type { LocalEngine } from '../../src/engine/table-engine.js';
import { submitJob } from '../../src/job/submit-job.js';
import { commitRecordOf } from '../../src/testing/commit-record-of.js';
import { createWorker } from '../../src/worker/create-worker.js';

/** A process of its own for the tests: `node child.cjs <what> <directory>`; it speaks in lines on standard output. */
const [what, directory] = process.argv.slice(2) as [string, string];

async function run(): Promise<void> {
  const engine = await openEmbeddedEngine({ directory, compactAfterRecords: 100 });
  if (what === 'commit') await commitForever(engine);
  if (what === 'work') await workForever(engine);
  say('opened');
  setInterval(() => undefined, 1000);
}

/** Says the epoch of each commit that was acknowledged. */
async function commitForever(engine: LocalEngine): Promise<void> {
  const register = engine.register('job', 'main');
  const held = await register.read();
  let { revision } = held ?? { revision: 0 };
  for (let epoch = (held?.record.epoch ?? 0) + 1; ; epoch++) {
    revision = await register.advance(commitRecordOf({ epoch, owner: String(process.pid) }), revision);
    say(`committed ${epoch}`);
  }
}

async function workForever(engine: LocalEngine): Promise<void> {
  const started = async () => {
    say('task started');
    return { done: new Promise<never>(() => undefined), drain: async () => undefined };
  };
  const worker = createWorker({ engine, name: 'worker', jobs: { job: started } });
  await worker.start();
  await submitJob(engine, 'job');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

run().catch((error: unknown) => {
  const { code, message } = error as Error & { readonly code?: string };
  say(`failed ${code ?? ''} ${message}`);
  process.exitCode = 1;
});
