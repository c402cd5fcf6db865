import { submitJob, waitForJob } from '@sabot/cluster';
import type { DemoOptions } from './command-line.js';
import { type Committed, readCommitted } from './committed.js';
import { checkInput, type DemoInput } from './data-files.js';
import { demoErrors } from './errors.js';
import { type DemoFolders, demoFolders } from './folders.js';
import { jobName } from './job-names.js';
import { createProgress } from './live-job.js';
import { readResults } from './results.js';
import { listenForStop, type StopRequest } from './stop-request.js';
import { type DemoSystem, startSystem } from './system.js';
import { createLiveView } from './view/create-live-view.js';
import { count, duration } from './view/format.js';
import type { LiveView } from './view/live-view.js';
import { summary } from './view/summary.js';

const drawEveryMs = 200;
const drainDeadlineMs = 20_000;
/** Longer than the pause before a retry. */
const standstillMs = 15_000;
/** Fewer flights make no bad hour. */
const minimumFlights = 10n;

/** Runs the job until its input ends or somebody stops it, and says what came out. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const input = await checkInput(options);
  const folders = demoFolders(options.directory);
  const stop = listenForStop();
  const system = await startSystem(options, input, folders);
  const view = createLiveView({ output: process.stdout, plain: options.plain });
  let lost: readonly string[] = [];
  try {
    await runJob({ system, view, stop, input, folders });
  } finally {
    lost = await system.shutdown();
    stop.dispose();
  }
  for (const line of lost) view.note(line);
}

interface Run {
  readonly system: DemoSystem;
  readonly view: LiveView;
  readonly stop: StopRequest;
  readonly input: DemoInput;
  readonly folders: DemoFolders;
}

async function runJob(run: Run): Promise<void> {
  const { system, view, input, folders } = run;
  const totalRows = input.flights.fileRows;
  const begunMs = performance.now();
  const before = await readCommitted(system.engine);
  view.note(banner(run, before.rows));
  const stopDrawing = draw(run, before);
  const ended = await untilEnd(run).finally(stopDrawing);
  const elapsedMs = performance.now() - begunMs;
  const after = await readCommitted(system.engine);
  if (ended === 'stopped') {
    view.note(stopped(after.rows, totalRows, elapsedMs));
    return;
  }
  const results = readResults(folders.output, minimumFlights);
  const rows = after.rows - before.rows;
  const status = system.observer.status();
  view.note(summary({ results, totalRows, status, rows, elapsedMs, outputFolder: folders.output }));
}

async function untilEnd({ system, stop }: Run): Promise<'finished' | 'stopped'> {
  const waiting = new AbortController();
  await system.worker.start();
  await submitJob(system.engine, jobName);
  const finished = waitForJob(system.engine, jobName, { signal: waiting.signal }).then(() => 'finished' as const);
  const asked = stop.requested.then(() => 'stopped' as const);
  const stuck = watchForStandstill(system);
  try {
    const first = await Promise.race([finished, asked, stuck.failed]);
    if (first === 'finished') return first;
    await system.worker.drain({ deadlineMs: drainDeadlineMs });
    const error = lastFailure(system);
    if (error !== undefined) throw error;
    return first;
  } finally {
    stuck.dispose();
    // Nobody waits for it any more.
    finished.catch(() => undefined);
    waiting.abort();
  }
}

/**
 * A task that fails is started again, or the job is recorded as failed. Neither can be written when the engine's disk is
 * full: then nothing happens any more, and this says why.
 */
function watchForStandstill(system: DemoSystem): { readonly failed: Promise<never>; dispose(): void } {
  let timer: NodeJS.Timeout | undefined;
  let stopListening: () => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    stopListening = system.worker.listen((event) => {
      if (event.kind === 'task-started') clearTimeout(timer);
      if (event.kind !== 'task-ended' || event.outcome !== 'failed') return;
      clearTimeout(timer);
      timer = setTimeout(() => reject(lastFailure(system) ?? standstill()), standstillMs);
    });
  });
  failed.catch(() => undefined);
  return {
    failed,
    dispose() {
      clearTimeout(timer);
      stopListening();
    },
  };
}

function standstill(): Error {
  return demoErrors.error('JOB_STANDS_STILL', {
    what: `job "${jobName}" does not go on`,
    why: 'its task failed and was not started again',
  });
}

/** What the job failed of, if it is not running again. */
function lastFailure({ observer }: DemoSystem): unknown {
  const status = observer.status();
  return status?.state === 'failed' ? status.error : undefined;
}

function draw({ system, view, input }: Run, before: Committed): () => void {
  const progressOf = createProgress(input.flights.fileRows, before, () => readCommitted(system.engine));
  const show = () => {
    const status = system.observer.status();
    if (status !== undefined) view.update(progressOf(status));
  };
  const timer = setInterval(show, drawEveryMs);
  return () => {
    clearInterval(timer);
    show();
    view.close();
  };
}

function banner({ system, input, folders }: Run, earlierRows: number): string {
  const lines = [
    `Sabot demo: ${count(input.flights.fileRows)} flights, joined with their airports, in windows of three kinds, watched by an agent.`,
    earlierRows > 0 && earlierRows < input.flights.fileRows
      ? `It continues after ${count(earlierRows)} flights of an earlier run; --fresh starts over.`
      : undefined,
    system.metricsUrl === undefined ? undefined : `Metrics: ${system.metricsUrl}   Results: ${folders.output}`,
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

function stopped(rows: number, totalRows: number, elapsedMs: number): string {
  return [
    `Stopped after ${count(rows)} of ${count(totalRows)} flights; all of it is saved. (${duration(elapsedMs)})`,
    'Run it again to continue, or with --fresh to start over.',
  ].join('\n');
}
