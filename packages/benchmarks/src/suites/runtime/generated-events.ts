import { type Batch, createBatch, defineSchema, float64, int32, makeColumn, timestamp } from '@sabot/columnar';
import type { Source } from '@sabot/stream';
import type { Polled } from '@sabot/stream/ports';

export const eventSchema = defineSchema({ key: int32(), at: timestamp('ms'), value: float64() });

export type EventFields = typeof eventSchema.fields;

export interface GeneratedEvents {
  readonly events: number;
  readonly splits: number;
  readonly keys: number;
  readonly eventsPerMs: number;
}

/** Events made as they are read: every column in full, the same for the same number. Splits share them out by turns. */
export function generatedEvents({ events, splits, keys, eventsPerMs }: GeneratedEvents): Source<EventFields> {
  return {
    name: 'generated',
    schema: eventSchema,
    bounded: true,
    splits: async () => Array.from({ length: splits }, (_, split) => ({ id: String(split) })),
    async read(split, position, { batchRows }) {
      const own = Number(split.id);
      let next = Number(position?.['next'] ?? 0);
      const total = Math.floor(events / splits);
      return {
        async poll(): Promise<Polled> {
          if (next >= total) return { kind: 'end' };
          const rows = Math.min(batchRows, total - next);
          const batch = batchOf(next, rows, (at) => at * splits + own, { keys, eventsPerMs });
          next += rows;
          return { kind: 'batch', batch, position: { next } };
        },
        close: async () => undefined,
      };
    },
  };
}

function batchOf(
  first: number,
  rows: number,
  numberOf: (at: number) => number,
  { keys, eventsPerMs }: Pick<GeneratedEvents, 'keys' | 'eventsPerMs'>,
): Batch<EventFields> {
  const key = new Int32Array(rows);
  const at = new Int32Array(2 * rows);
  const value = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const number = numberOf(first + row);
    const mixed = mix(number);
    const timeMs = Math.floor(number / eventsPerMs);
    key[row] = mixed % keys;
    at[2 * row] = timeMs | 0;
    at[2 * row + 1] = Math.floor(timeMs / 4294967296);
    value[row] = (mixed >>> 8) / 1000;
  }
  const columns = [
    makeColumn(eventSchema.fields.key, rows, { values: key }),
    makeColumn(eventSchema.fields.at, rows, { values: at }),
    makeColumn(eventSchema.fields.value, rows, { values: value }),
  ];
  return createBatch(eventSchema, columns, rows);
}

/** MurmurHash3's finaliser. */
function mix(word: number): number {
  let hash = word | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
