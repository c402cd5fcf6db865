import { stateErrors } from '../errors.js';
import type { StateSnapshot } from '../store/state-snapshot.js';
import type { SnapshotOrigin } from './snapshot-format.js';

/** What a store does for a snapshot that it has frozen. */
export interface FrozenState {
  readonly origin: SnapshotOrigin;
  encode(): { readonly id: string; readonly bytes: Uint8Array };
  /** `id` and `size` as encoded last; undefined and 0 when nobody took the bytes. */
  confirm(id: string | undefined, size: number): Promise<void>;
  abandon(): void;
}

/** A snapshot that is settled once; a confirmation that fails may be tried again. */
export class PendingSnapshot implements StateSnapshot {
  readonly epoch: number;
  readonly baseEpoch: number | null;
  private readonly frozen: FrozenState;
  private phase: 'open' | 'confirming' | 'settled' = 'open';
  private id: string | undefined;
  private size = 0;

  constructor(frozen: FrozenState) {
    this.frozen = frozen;
    this.epoch = frozen.origin.epoch;
    this.baseEpoch = frozen.origin.base?.epoch ?? null;
  }

  bytes(): Uint8Array {
    this.expectOpen('take the bytes of');
    const { id, bytes } = this.frozen.encode();
    this.id = id;
    this.size = bytes.length;
    return bytes;
  }

  async confirm(): Promise<void> {
    this.expectOpen('confirm');
    this.phase = 'confirming';
    try {
      await this.frozen.confirm(this.id, this.size);
    } catch (error) {
      this.phase = 'open';
      throw error;
    }
    this.phase = 'settled';
  }

  abandon(): void {
    this.expectOpen('abandon');
    this.phase = 'settled';
    this.frozen.abandon();
  }

  /** The store was restored or closed: this snapshot is of a state that is no more. */
  drop(): void {
    this.phase = 'settled';
  }

  private expectOpen(action: string): void {
    if (this.phase === 'open') return;
    throw stateErrors.error('SNAPSHOT_SETTLED', {
      what: `cannot ${action} the snapshot of epoch ${this.epoch}`,
      why:
        this.phase === 'confirming'
          ? 'it is being confirmed'
          : 'it has been confirmed, abandoned or overtaken by a restore',
    });
  }
}

/** The failure of taking a snapshot while another is unsettled. */
export function snapshotPending(epoch: number, pendingEpoch: number) {
  return stateErrors.error('SNAPSHOT_PENDING', {
    what: `cannot take a snapshot of epoch ${epoch}`,
    why: `the one of epoch ${pendingEpoch} is neither confirmed nor abandoned`,
  });
}
