import { defineSchema, int32, timestamp, utf8 } from '@sabot/columnar';
import { float64Codec, valueState } from '@sabot/state';
import type { Stream } from '@sabot/stream';
import { attachAgent } from '../../src/agent/attach-agent.js';
import { defineAgent } from '../../src/agent/define-agent.js';

const input = defineSchema({ at: timestamp('ms'), key: utf8(), amount: int32() });
const output = defineSchema({ at: timestamp('ms'), total: int32() });
declare const stream: Stream<typeof input.fields, 'event-time'>;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const proven = <T extends true>(): T | undefined => undefined;

const agent = defineAgent({
  name: 'typed',
  input,
  output,
  key: 'key',
  eventTime: 'at',
  state: { sum: valueState(float64Codec, { initial: () => 0 }) },
  onStart: async (ctx) => ({ since: ctx.clock.now() }),
  onRow(row, ctx) {
    proven<Equal<typeof row.amount, number>>();
    proven<Equal<typeof ctx.resources, { since: number }>>();
    ctx.state.sum.update((sum) => sum + row.amount);
    ctx.emit({ at: row.at, total: 1 });
    // @ts-expect-error a column that the input does not have
    void row.amuont;
    // @ts-expect-error a state that was not declared
    void ctx.state.summ;
    // @ts-expect-error an output column is missing
    ctx.emit({ at: row.at });
    // @ts-expect-error only onBatch chooses rows
    ctx.at(0);
  },
});

const attached = attachAgent(stream, agent);
proven<Equal<typeof attached.output, Stream<typeof output.fields, 'event-time'>>>();

const untimed = attachAgent(stream, defineAgent({ name: 'untimed', input, output, onRow: () => undefined }));
proven<Equal<typeof untimed.output, Stream<typeof output.fields, 'no-time'>>>();

defineAgent({ name: 'batches', input, output, onBatch: (batch, ctx) => ctx.at(batch.numRows - 1) });

// @ts-expect-error a key that is no column
defineAgent({ name: 'wrong', input, output, key: 'kye', onRow: () => undefined });
// @ts-expect-error event time must be a timestamp of the output
defineAgent({ name: 'wrong', input, output, eventTime: 'total', onRow: () => undefined });
// @ts-expect-error one handler, not two
defineAgent({ name: 'wrong', input, output, onRow: () => undefined, onBatch: () => undefined });

declare const narrow: Stream<{ readonly key: typeof input.fields.key }, 'event-time'>;
// @ts-expect-error the stream lacks input columns
attachAgent(narrow, agent);
