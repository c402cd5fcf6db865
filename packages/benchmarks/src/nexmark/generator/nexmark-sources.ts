import { type Batch, type Column, createBatch, type Fields, projectSchema, type Schema } from '@sabot/columnar';
import type { Source } from '@sabot/stream';
import type { Polled } from '@sabot/stream/ports';
import { auctionColumns, auctionSchema } from './auction-columns.js';
import { bidColumns, bidSchema } from './bid-columns.js';
import { EVENTS_PER_EPOCH, FIRST_BID, type NexmarkModel, type NexmarkOptions, nexmarkModel } from './model.js';
import { personColumns, personSchema } from './person-columns.js';

/** Which events of each epoch are of a kind: offsets from `first` to before `end`. */
interface Kind<F extends Fields> {
  readonly name: string;
  readonly schema: Schema<F>;
  readonly first: number;
  readonly end: number;
  readonly columns: Readonly<Record<string, (model: NexmarkModel, events: Int32Array) => Column>>;
}

const persons = { name: 'persons', schema: personSchema, first: 0, end: 1, columns: personColumns };
const auctions = { name: 'auctions', schema: auctionSchema, first: 1, end: FIRST_BID, columns: auctionColumns };
const bids = { name: 'bids', schema: bidSchema, first: FIRST_BID, end: EVENTS_PER_EPOCH, columns: bidColumns };

/**
 * Nexmark's three streams as bounded sources: the same events for the same options, whatever the batches.
 *
 * A batch covers as many *events* of all kinds as it is asked for rows, so that three sources read in turns stay abreast:
 * 8192 are about 7536 bids, 492 auctions and 164 persons. Only the columns that a plan reads are made.
 * Errors: `SABOT_BENCHMARKS_OPTION_INVALID`.
 */
export function nexmarkSources(options: NexmarkOptions) {
  const model = nexmarkModel(options);
  return {
    model,
    persons: sourceOf(model, persons),
    auctions: sourceOf(model, auctions),
    bids: sourceOf(model, bids),
  };
}

function sourceOf<F extends Fields>(model: NexmarkModel, kind: Kind<F>): Source<F> {
  const splits = Array.from({ length: model.splits }, (_, split) => ({ id: `${split} of ${model.splits}` }));
  return {
    name: `nexmark ${kind.name}`,
    schema: kind.schema,
    bounded: true,
    splits: async () => splits,
    async read(split, position, { columns, batchRows }) {
      const part = splits.findIndex(({ id }) => id === split.id);
      const names = columns ?? kind.schema.names;
      const schema = projectSchema(kind.schema, names as (keyof F & string)[]);
      const end = eventsOfSplit(model, part);
      let event = Number(position?.['event'] ?? 0);
      return {
        async poll(): Promise<Polled> {
          if (event >= end) return { kind: 'end' };
          const to = Math.min(end, event + batchRows);
          const batch = batchOf(model, kind, schema, eventNumbers(model, kind, part, event, to));
          event = to;
          return { kind: 'batch', batch, position: { event } };
        },
        close: async () => undefined,
      };
    },
  };
}

function batchOf<F extends Fields>(
  model: NexmarkModel,
  { columns }: Kind<F>,
  schema: Schema,
  events: Int32Array,
): Batch {
  const made = schema.names.map((name) => (columns[name] as Kind<F>['columns'][string])(model, events));
  return createBatch(schema, made, events.length);
}

/** Split s of S has the epochs e with e mod S = s: how many events that is. */
function eventsOfSplit({ events, splits }: NexmarkModel, split: number): number {
  const epochs = Math.floor(events / EVENTS_PER_EPOCH);
  const whole = Math.floor(epochs / splits) + (split < epochs % splits ? 1 : 0);
  const rest = split === epochs % splits ? events % EVENTS_PER_EPOCH : 0;
  return whole * EVENTS_PER_EPOCH + rest;
}

/** The numbers of the events of a kind among a split's own events `from` to `to`. */
function eventNumbers<F extends Fields>(
  { splits }: NexmarkModel,
  { first, end }: Kind<F>,
  split: number,
  from: number,
  to: number,
): Int32Array {
  const numbers = new Int32Array(countOf(first, end, to) - countOf(first, end, from));
  let count = 0;
  for (let epoch = Math.floor(from / EVENTS_PER_EPOCH); epoch * EVENTS_PER_EPOCH < to; epoch++) {
    const own = epoch * EVENTS_PER_EPOCH;
    const base = (epoch * splits + split) * EVENTS_PER_EPOCH;
    const stop = Math.min(end, to - own);
    for (let offset = Math.max(first, from - own); offset < stop; offset++) numbers[count++] = base + offset;
  }
  return numbers;
}

/** How many of the first `events` events are of a kind. */
function countOf(first: number, end: number, events: number): number {
  const epochs = Math.floor(events / EVENTS_PER_EPOCH);
  const rest = events - epochs * EVENTS_PER_EPOCH;
  return epochs * (end - first) + Math.max(0, Math.min(end, rest) - first);
}
