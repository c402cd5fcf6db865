import type { Column } from '../batch/column.js';
import type { DataType } from '../schema/data-type.js';

/**
 * Numbers the distinct keys of one or more columns: the first new key is group 0, and so on.
 *
 * Null keys are ordinary values here: all nulls are one group.
 */
export interface GroupTable {
  readonly keyTypes: readonly DataType[];
  /** Number of groups; ids are 0 … size − 1. */
  readonly size: number;
  /** Bytes of memory held. */
  readonly bytes: number;
  /**
   * The group of every row, new groups included. With a selection, element i is the group of row `selection[i]`.
   * Without `out`, the result is overwritten by the next call.
   */
  assign(columns: readonly Column[], numRows: number, selection?: Int32Array | null, out?: Int32Array): Int32Array;
  /** As `assign`, but unknown keys give −1 and nothing is added. */
  lookup(columns: readonly Column[], numRows: number, selection?: Int32Array | null, out?: Int32Array): Int32Array;
  /** The key columns of all groups, or of the given ones. */
  keys(groups?: Int32Array): Column[];
  /** Keeps only the given groups and renumbers them: the i-th becomes group i. */
  retain(groups: Int32Array): void;
  clear(): void;
  /** All keys as bytes (an Arrow IPC stream). */
  snapshot(): Uint8Array;
  /** Replaces the groups by those of a snapshot, with the same ids; `SNAPSHOT_INVALID` when key types differ. */
  restore(bytes: Uint8Array): void;
}
