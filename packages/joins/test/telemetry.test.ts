import { type Batch, batchFromRows, defineSchema, utf8 } from '@sabot/columnar';
import { createTestObservability } from '@sabot/core-observability/testing';
import type { Operator, OperatorContext } from '@sabot/stream';
import type { OperatorMeta } from '@sabot/stream/ports';
import { describe, expect, it } from 'vitest';
import { planOutput } from '../src/output/output-plan.js';
import { createStreamTableOperator } from '../src/stream-table/stream-table-operator.js';
import { type MemoryTable, tableFromRows } from '../src/table/memory-table.js';
import { instrumentArrowTableJoin, instrumentJoins } from '../src/telemetry.js';

const schema = defineSchema({ origin: utf8() });
const cities = defineSchema({ iata: utf8(), city: utf8() });
const table = tableFromRows(cities, [{ iata: 'ATL', city: 'Atlanta' }], { key: 'iata' });
const flown = (...origins: string[]) =>
  batchFromRows(
    schema,
    origins.map((origin) => ({ origin })),
  ) as unknown as Batch;

const meta: OperatorMeta = {
  job: 'flights',
  operatorId: 'enrich',
  kind: 'stream_table_join',
  chain: 'flights',
  facts: { joinType: 'stream_table_join', variant: 'inner' },
};
const labels = { pipeline: 'flights', operator: 'enrich', 'join.type': 'stream_table_join', 'join.variant': 'inner' };
const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const silent = { emit: () => undefined, signal: () => undefined };

function plainOperator(): Operator {
  const output = planOutput(
    schema,
    { label: 'cities', schema: cities },
    {
      select: ['city'],
      prefix: '',
      suffix: '_table',
      leftNullable: false,
      rightNullable: false,
    },
  );
  const plan = { table: table as unknown as MemoryTable, streamKeys: [0], preservesStream: false, output };
  return createStreamTableOperator(plan);
}

function instrumented(traceOfBatch: typeof trace | undefined) {
  const observability = createTestObservability({ detail: 'operator' });
  const operator = instrumentJoins(observability).operator?.(plainOperator(), meta) as Operator;
  operator.open({ trace: () => traceOfBatch } as unknown as OperatorContext);
  return { observability, operator };
}

describe('instrumentJoins', () => {
  it('publishes what a join did, and nothing more when it is closed', async () => {
    const { observability, operator } = instrumented(undefined);
    operator.process(flown('ATL', 'XXX', 'ATL', 'ATL'), 0, silent);
    operator.process(flown('YYY'), 0, silent);
    const value = (name: string, more = {}) => observability.value(name, { ...labels, ...more });
    expect(value('sabot.join.operations')).toBe(2);
    expect(value('sabot.join.rows.matched')).toBe(3);
    expect(value('sabot.join.rows.unmatched')).toBe(2);
    expect(value('sabot.join.build.rows')).toBe(1);
    expect(value('sabot.join.build.size')).toBeGreaterThan(0);
    expect(value('sabot.join.match.ratio')).toBeCloseTo(0.6);
    expect(value('sabot.join.skew.top_key_share', { 'join.top': 1 })).toBe(1);
    expect(value('sabot.join.skew.top_key_share', { 'join.top': 10 })).toBe(1);
    expect(observability.points('sabot.join.operation.duration')).toHaveLength(1);
    await operator.close();
    expect(observability.points('sabot.join.match.ratio')).toEqual([]);
  });

  it('makes a span of each batch that is traced, below the span of the batch', () => {
    const { observability, operator } = instrumented(trace);
    operator.process(flown('ATL', 'XXX'), 0, silent);
    expect(observability.spans('stream_table_join')).toMatchObject([
      {
        traceId: trace.traceId,
        parentSpanId: trace.spanId,
        attributes: {
          pipeline: 'flights',
          operator: 'enrich',
          'join.variant': 'inner',
          'join.rows.probed': 2,
          'join.rows.matched': 1,
        },
      },
    ]);
  });

  it('makes no span at detail batch, of an unsampled batch or of an untraced one', () => {
    const atBatch = instrumented(trace);
    atBatch.observability.detail = 'batch';
    const unsampled = instrumented({ ...trace, traceFlags: 0 });
    const untraced = instrumented(undefined);
    for (const { observability, operator } of [atBatch, unsampled, untraced]) {
      operator.process(flown('ATL'), 0, silent);
      expect(observability.spans('stream_table_join')).toEqual([]);
    }
  });

  it('records the failure of a join on its span and passes it on', () => {
    const { observability, operator } = instrumented(trace);
    const downstream = () => {
      throw new Error('downstream');
    };
    expect(() => operator.process(flown('ATL'), 0, { ...silent, emit: downstream })).toThrow('downstream');
    expect(observability.spans('stream_table_join')).toMatchObject([{ status: { code: 'error' } }]);
  });

  it.each(['interval_join', 'stream_stream_join', 'window_join', 'best_match_join'] as const)(
    'knows the %s by its own name',
    (kind) => {
      const observability = createTestObservability({ detail: 'operator' });
      const decorated = instrumentJoins(observability).operator?.(plainOperator(), { ...meta, kind }) as Operator;
      decorated.open({ trace: () => trace } as unknown as OperatorContext);
      decorated.process(flown('ATL'), 0, silent);
      expect(observability.spans(kind)).toHaveLength(1);
      expect(observability.value('sabot.join.operations', { 'join.type': kind })).toBe(1);
    },
  );

  it('keeps it true that a join sends its watermarks itself', () => {
    const decorator = instrumentJoins(createTestObservability());
    const forwards = (own: boolean) => {
      const operator = Object.assign(plainOperator(), { forwardsWatermarks: own });
      return decorator.operator?.(operator, { ...meta, kind: 'interval_join' })?.forwardsWatermarks;
    };
    expect([forwards(true), forwards(false)]).toEqual([true, false]);
  });

  it('leaves operators of other kinds alone', () => {
    const operator = plainOperator();
    const decorator = instrumentJoins(createTestObservability());
    expect(decorator.operator?.(operator, { ...meta, kind: 'agent' })).toBe(operator);
  });
});

describe('instrumentArrowTableJoin', () => {
  it('joins as before, with a span and a count per call', () => {
    const observability = createTestObservability();
    const join = instrumentArrowTableJoin(observability, { pipeline: 'report', name: 'cities' });
    const left = batchFromRows(schema, [{ origin: 'ATL' }, { origin: 'XXX' }]);
    expect(join(left, table.batch, { on: { origin: 'iata' }, type: 'left' }).numRows).toBe(2);
    expect(observability.spans('arrow_table_join')).toMatchObject([
      { attributes: { pipeline: 'report', operator: 'cities', 'join.variant': 'left', 'join.rows.probed': 2 } },
    ]);
    expect(observability.value('sabot.join.operations', { pipeline: 'report', 'join.type': 'arrow_table_join' })).toBe(
      1,
    );
  });
});
