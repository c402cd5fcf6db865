import { defineSchema, int32, type RowOf, utf8 } from '@sabot/columnar';
import { float64Codec, listState, structCodec, valueState } from '@sabot/state';
import type { AgentContext } from '../src/agent/agent-context.js';
import { type AgentOptions, defineAgent } from '../src/agent/define-agent.js';

export const input = defineSchema({ key: utf8(), amount: int32() });
export const output = defineSchema({ key: utf8(), total: int32(), seen: int32() });

export const states = {
  total: valueState(structCodec({ sum: 'int32' }), { initial: () => ({ sum: 0 }) }),
  seen: listState(float64Codec),
};

type Input = typeof input.fields;
type Output = typeof output.fields;
export type CountingRow = RowOf<Input>;
export type CountingContext = AgentContext<Output, typeof states, undefined>;

/** Adds `amount` per key, remembers what it saw, and emits the running total of every row. */
export function count(row: CountingRow, ctx: CountingContext): void {
  ctx.state.total.update((total) => {
    total.sum += row.amount;
    return total;
  });
  ctx.state.seen.add(row.amount);
  ctx.emit({ key: row.key, total: ctx.state.total.get().sum, seen: ctx.state.seen.get().length });
}

type Overrides = Partial<Omit<AgentOptions<Input, Output, typeof states, undefined>, 'onRow' | 'onBatch'>>;

/** The counting agent; `before` runs ahead of the counting and may throw, `after` follows it. */
export function countingAgent(
  overrides: Overrides & {
    readonly before?: (row: CountingRow, ctx: CountingContext) => void | Promise<void>;
    readonly after?: (row: CountingRow, ctx: CountingContext) => void;
  } = {},
) {
  const { before, after, ...options } = overrides;
  return defineAgent({
    name: 'counter',
    input,
    output,
    key: 'key',
    state: states,
    ...options,
    onRow(row, ctx) {
      const waiting = before?.(row, ctx);
      const finish = () => {
        count(row, ctx);
        after?.(row, ctx);
      };
      return waiting === undefined ? finish() : waiting.then(finish);
    },
  });
}

/** What the counting agent emits for these rows when nothing fails. */
export function countedNaively(
  rows: readonly CountingRow[],
  from = new Map<string, { total: number; seen: number }>(),
) {
  return rows.map(({ key, amount }) => {
    const own = from.get(key) ?? { total: 0, seen: 0 };
    from.set(key, own);
    own.total += amount;
    own.seen++;
    return { key, ...own };
  });
}

/** One row of each of four keys: the end of the batch writes them one after another. */
export const fourKeys: readonly CountingRow[] = ['a', 'b', 'c', 'd'].map((key) => ({ key, amount: 1 }));
