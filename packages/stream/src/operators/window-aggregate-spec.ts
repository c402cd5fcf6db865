import { defineSchema, type Fields, type Schema } from '@sabot/columnar';
import type { AggregatePlan } from '@sabot/columnar/kernels';
import { streamErrors } from '../errors.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import type { Operator } from '../ports/operator.js';
import { describeWindow, type WindowSpec } from '../time/window-spec.js';
import { createSessionAggregate } from './session-aggregate.js';
import { createWindowAggregate, type WindowAggregateSettings } from './window-aggregate.js';
import { WINDOW_TYPE } from './window-columns.js';

export interface WindowAggregateDescription {
  readonly name: string | undefined;
  readonly input: Schema;
  readonly keys: readonly string[];
  readonly eventTime: string;
  readonly window: WindowSpec;
  readonly allowedLatenessMs: number;
  readonly aggregates: AggregatePlan;
}

/** The operator spec of a keyed window aggregate; its side output `late` carries input rows. */
export function windowAggregateSpec(description: WindowAggregateDescription): OperatorSpec {
  const { name, input, window, allowedLatenessMs, keys, eventTime, aggregates } = description;
  const output = outputSchema(input, keys, aggregates);
  return {
    kind: 'window_aggregate',
    distribution: { keyedBy: [keys] },
    ...(name === undefined ? {} : { name }),
    schema: output,
    eventTime: 'windowTime',
    sideOutputs: { late: input },
    describe: `by ${keys.join(', ')}, ${describeWindow(window)}, allowed lateness ${allowedLatenessMs} ms`,
    facts: { window: window.kind },
    create: () => operatorFor({ window, allowedLatenessMs, keys, eventTime, aggregates, output }),
  };
}

function operatorFor(settings: WindowAggregateSettings<WindowSpec>): Operator {
  const { window } = settings;
  if (window.kind === 'session') return createSessionAggregate({ ...settings, window });
  return createWindowAggregate({ ...settings, window });
}

function outputSchema(input: Schema, keys: readonly string[], aggregates: AggregatePlan): Schema {
  const bounds: Fields = { windowStart: WINDOW_TYPE, windowEnd: WINDOW_TYPE, windowTime: WINDOW_TYPE };
  const keyed = Object.fromEntries(keys.map((key) => [key, input.fields[key] as Fields[string]]));
  const computed = aggregates.outputSchema.fields;
  for (const column of Object.keys(computed)) {
    if (!Object.hasOwn(bounds, column) && !Object.hasOwn(keyed, column)) continue;
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot name an aggregate "${column}"`,
      why: 'the result has a key or window column of that name',
      remedy: 'Give the aggregate another name.',
    });
  }
  return defineSchema({ ...keyed, ...bounds, ...computed });
}
