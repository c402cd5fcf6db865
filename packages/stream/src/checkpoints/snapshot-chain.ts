import type { SnapshotPart } from './snapshot-blob.js';

/** Which blobs a restart needs: back to the oldest whole snapshot that any operator's changes build on. */
export class SnapshotChain {
  private blobs: string[] = [];
  /** Operator id → the blob with its latest whole snapshot. */
  private readonly whole = new Map<string, string>();

  /** Adds a blob behind the others and forgets those that are not needed any more. */
  append(name: string, parts: readonly Pick<SnapshotPart, 'id' | 'state'>[]): void {
    this.blobs.push(name);
    for (const { id, state } of parts) {
      if (state === undefined) this.whole.delete(id);
      else if (state.baseEpoch === null) this.whole.set(id, name);
    }
    const oldest = Math.min(this.blobs.length - 1, ...[...this.whole.values()].map((blob) => this.blobs.indexOf(blob)));
    this.blobs = this.blobs.slice(Math.max(0, oldest));
  }

  /** In the order in which they are applied. */
  get names(): readonly string[] {
    return [...this.blobs];
  }
}
