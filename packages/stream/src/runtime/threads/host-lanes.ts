import { type MessagePort, parentPort } from 'node:worker_threads';
import type { OpenStateStore } from '@sabot/state';
import { streamErrors } from '../../errors.js';
import type { Plan } from '../../plan/plan.js';
import { systemClock } from '../../time/system-clock.js';
import { fairTurns } from '../fair-turns.js';
import { LaneGroup } from '../lanes/lane-group.js';
import { placeOnLanes } from '../lanes/lane-plan.js';
import { openParts } from '../open-parts.js';
import { DEFAULT_TURN_MS } from '../task-options.js';
import { carryError } from './carried-error.js';
import { PostingCollector } from './posting-collector.js';
import { ThreadLinks } from './thread-links.js';
import type { ThreadBoot, ThreadOrder, ThreadReport } from './thread-protocol.js';

const REPORT_MS = 100;
/** As on the main thread: steps under way get this long to end. */
const QUIET_DEADLINE_MS = 1000;

/** What a job module has described on this thread. */
export interface DescribedJob {
  readonly plan: Plan;
  readonly explained: string;
  readonly stateStore: ((operatorId: string) => OpenStateStore | Promise<OpenStateStore>) | undefined;
}

/** Runs the lanes of this thread for the main one, until it says close. */
export async function hostLanes(job: DescribedJob, boot: ThreadBoot): Promise<void> {
  const port = parentPort as MessagePort;
  if (job.explained !== boot.explained) throw planDiffers(job, boot);
  const abort = new AbortController();
  const links = new ThreadLinks(boot.thread, boot.threads, boot.ports);
  const plan = placeOnLanes(job.plan, boot.lanes);
  const parts = await openParts({
    plan,
    hosts: (lane) => links.hosts(lane),
    options: {
      ...(job.stateStore === undefined ? {} : { stateStore: job.stateStore }),
      ...(boot.expressions === undefined ? {} : { expressions: boot.expressions }),
      ...(boot.batchRows === undefined ? {} : { batchRows: boot.batchRows }),
    },
    clock: systemClock,
    signal: abort.signal,
    recovery: boot.restored,
  });
  const post = (report: ThreadReport) => port.postMessage(report);
  const collector = new PostingCollector(post);
  const group = new LaneGroup({
    plan,
    links,
    parts,
    clock: systemClock,
    signal: abort.signal,
    collector,
    decorators: [],
    channelBytes: boot.channelBytes,
    channelRows: boot.channelRows,
    turns: fairTurns(boot.turnMs ?? DEFAULT_TURN_MS),
    memoryBytes: boot.memoryBytes,
    onSourceExhausted: () => post({ kind: 'exhausted' }),
    onFailure: (error) => post({ kind: 'failed', error: carryError(error) }),
  });
  links.start();
  new HostedLanes(port, group, collector, links, abort).listen();
}

class HostedLanes {
  private readonly port: MessagePort;
  private readonly group: LaneGroup;
  private readonly collector: PostingCollector;
  private readonly links: ThreadLinks;
  private readonly abort: AbortController;
  private reporting: NodeJS.Timeout | undefined;

  constructor(
    port: MessagePort,
    group: LaneGroup,
    collector: PostingCollector,
    links: ThreadLinks,
    abort: AbortController,
  ) {
    this.port = port;
    this.group = group;
    this.collector = collector;
    this.links = links;
    this.abort = abort;
  }

  listen(): void {
    this.port.on('message', (order: ThreadOrder) => this.obey(order));
    this.post({ kind: 'opened', facts: this.group.facts, ordering: this.group.ordering });
  }

  private obey(order: ThreadOrder): void {
    switch (order.kind) {
      case 'start':
        this.reporting = setInterval(() => this.report(), REPORT_MS);
        this.group.start();
        return;
      case 'inject':
        void this.inject(order);
        return;
      case 'confirm':
        this.collector.confirm(order.instance, order.epoch);
        return;
      case 'stop-reading':
        this.group.stopReading();
        return;
      case 'close':
        void this.close(order.finished);
    }
  }

  private async inject({ epoch, final, trace }: Extract<ThreadOrder, { kind: 'inject' }>): Promise<void> {
    try {
      await this.collector.confirmed();
      if (final) this.collector.finalEpoch = epoch;
      this.collector.trace = trace;
      this.group.inject(epoch, final);
    } catch (error) {
      this.post({ kind: 'failed', error: carryError(error) });
    }
  }

  private report(): void {
    this.post({ kind: 'facts', facts: this.group.facts, ordering: this.group.ordering });
  }

  private async close(finished: boolean): Promise<void> {
    clearInterval(this.reporting);
    this.group.stop();
    this.abort.abort();
    await Promise.race([this.group.quiet(), new Promise((resolve) => setTimeout(resolve, QUIET_DEADLINE_MS).unref())]);
    const { facts } = this.group;
    const error = await this.group.close(finished);
    this.post({ kind: 'closed', facts, error: error === undefined ? undefined : carryError(error) });
    this.links.close();
    this.port.close();
  }

  private post(report: ThreadReport): void {
    this.port.postMessage(report);
  }
}

function planDiffers(job: DescribedJob, { explained, thread }: ThreadBoot) {
  const own = job.explained.split('\n');
  const other = explained.split('\n');
  const line = other.findIndex((text, at) => text !== own[at]);
  return streamErrors.error('PLAN_DIFFERS', {
    what: `cannot run lanes of job "${job.plan.job}" on thread ${thread}`,
    why: `its module has described "${(own[line] ?? '').trim()}" there and "${(other[line] ?? '').trim()}" on the main thread`,
    facts: { thread },
  });
}
