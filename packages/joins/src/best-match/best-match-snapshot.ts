import { type Batch, createBatch, defineSchema, makeColumn, type Schema, uint8 } from '@sabot/columnar';
import { restoreSides, snapshotSides } from '../state/side-snapshot.js';

/** The open lives in order of arrival, and what waits. */
export interface RestoredLives {
  readonly watermarkMs: number;
  readonly left: Batch;
  readonly waiting: Batch;
  /** One right row for each left row that has one, in the order of these. */
  readonly best: Batch;
  /** By left row: 1 when it has one. */
  readonly matched: Uint8Array;
}

const flagSchema = defineSchema({ matched: uint8() });

export function snapshotLives({ watermarkMs, left, waiting, best, matched }: RestoredLives): Uint8Array {
  const flags = createBatch(flagSchema, [makeColumn(uint8(), matched.length, { values: matched })]);
  return snapshotSides([left, waiting, best, flags], watermarkMs);
}

export function restoreLives(bytes: Uint8Array, [left, right]: readonly [Schema, Schema]): RestoredLives {
  const { watermarkMs, batches } = restoreSides(bytes, [left, right, right, flagSchema]);
  const [lives, waiting, best, flags] = batches as [Batch, Batch, Batch, Batch<typeof flagSchema.fields>];
  return { watermarkMs, left: lives, waiting, best, matched: flags.column('matched').values as Uint8Array };
}
