import type { TraceContext } from '@sabot/core-observability/trace-context';
import type { StateSnapshot } from '@sabot/state';
import type { SnapshotCollector, SourceCut } from '../snapshot-collector.js';
import type { ThreadReport } from './thread-protocol.js';

type Post = (report: ThreadReport, moved?: readonly ArrayBuffer[]) => void;

/** Hands the parts of a checkpoint over to the main thread, and keeps what has to be confirmed when it is committed. */
export class PostingCollector implements SnapshotCollector {
  finalEpoch = 0;
  trace: TraceContext | undefined;
  private readonly post: Post;
  private readonly unconfirmed = new Map<string, StateSnapshot>();
  private confirming: Promise<unknown> = Promise.resolve();

  constructor(post: Post) {
    this.post = post;
  }

  source(instance: string, epoch: number, cut: SourceCut): void {
    this.post({ kind: 'source', instance, epoch, cut });
  }

  operator(instance: string, epoch: number, bytes: Uint8Array | undefined, state: StateSnapshot | undefined): void {
    if (state !== undefined) this.unconfirmed.set(instance, state);
    const carried =
      state === undefined ? undefined : { epoch: state.epoch, baseEpoch: state.baseEpoch, bytes: state.bytes() };
    this.post({ kind: 'operator', instance, epoch, bytes, state: carried });
  }

  sink(): never {
    throw new RangeError('sinks run on the main thread');
  }

  confirm(instance: string, epoch: number): void {
    const state = this.unconfirmed.get(instance);
    if (state === undefined || state.epoch !== epoch) return;
    this.unconfirmed.delete(instance);
    this.confirming = Promise.all([this.confirming, state.confirm()]);
  }

  /** Resolves when everything committed so far is confirmed: before that, no snapshot may be taken. */
  confirmed(): Promise<unknown> {
    return this.confirming;
  }
}
