import type { Recovery, Restored } from '../../checkpoints/recovery.js';
import type { Clock } from '../../ports/clock.js';
import type { LanePlan } from '../lanes/lane-plan.js';
import { type LaneLinks, oneThread } from '../lanes/lane-wiring.js';
import { type OpenParts, openParts } from '../open-parts.js';
import { memoryShare, type StartJobOptions } from '../task-options.js';
import type { LaneThread } from './lane-thread.js';
import { ThreadLinks } from './thread-links.js';
import { type ModuleRef, meshOf, startWorkerLanes } from './worker-lanes.js';

export interface ThreadOpening {
  readonly ref: ModuleRef | undefined;
  readonly plan: LanePlan;
  readonly explained: string;
  readonly options: StartJobOptions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly recovery: Recovery | undefined;
}

/** A job opened on all its threads, this one first. */
export interface OpenedThreads {
  readonly parts: OpenParts;
  readonly links: LaneLinks & { start(): void; close(): void };
  readonly threads: readonly LaneThread[];
}

/** Opens the lanes of a job on as many threads as were asked for. On failure everything opened so far is closed. */
export async function openThreads(opening: ThreadOpening): Promise<OpenedThreads> {
  const { ref, options } = opening;
  const count = options.parallelism ?? 1;
  if (ref === undefined || count === 1) {
    const links = { ...oneThread, start: () => undefined, close: () => undefined };
    return { parts: await openHere(opening, links), links, threads: [] };
  }
  const [own, ...others] = meshOf(count);
  const links = new ThreadLinks(0, count, own ?? new Map());
  const starting = others.map((ports, at) => startWorkerLanes(plainRef(ref), bootOf(opening, count, at + 1, ports)));
  const [here, ...there] = await Promise.allSettled([openHere(opening, links), ...starting]);
  const threads = there.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const refused = [here, ...there].find((outcome) => outcome.status === 'rejected');
  if (here.status === 'fulfilled' && refused === undefined) return { parts: here.value, links, threads };
  if (here.status === 'fulfilled') await here.value.closers.close(false);
  await Promise.all(threads.map((thread) => thread.close(false)));
  links.close();
  throw (refused as PromiseRejectedResult).reason;
}

function openHere({ plan, options, clock, signal, recovery }: ThreadOpening, links: LaneLinks): Promise<OpenParts> {
  return openParts({ plan, hosts: (lane) => links.hosts(lane), options, clock, signal, recovery });
}

function bootOf(opening: ThreadOpening, threads: number, thread: number, ports: ReturnType<typeof meshOf>[number]) {
  const { plan, explained, options, recovery } = opening;
  const { channelBytes, channelRows, batchRows, turnMs, expressions } = options;
  const restored = recovery === undefined ? undefined : restoredFor(recovery, threads, thread);
  const memoryBytes = memoryShare(options, threads);
  return {
    thread,
    threads,
    lanes: plan.lanes,
    explained,
    channelBytes,
    channelRows,
    batchRows,
    turnMs,
    expressions,
    memoryBytes,
    restored,
    ports,
  };
}

/** Only what the thread's own lanes need: state may be large. */
function restoredFor({ record, operators }: Recovery, threads: number, thread: number): Restored {
  const own = [...operators].filter(([instance]) => {
    const at = instance.lastIndexOf('@');
    return at >= 0 && Number(instance.slice(at + 1)) % threads === thread;
  });
  return { record, operators: new Map(own) };
}

/** What can be cloned of a job module. */
function plainRef({ module, exportName, argument }: ModuleRef): ModuleRef {
  return { module, exportName, argument };
}
