import type { Schema } from '@sabot/columnar';
import { CHANGE_COLUMN } from '../changelog/change-kind.js';
import { streamErrors } from '../errors.js';
import { isTimeField } from '../time/event-time.js';
import type { OperatorSpec } from './operator-spec.js';
import { type OperatorNode, outputOf, type PlanEdge } from './plan-node.js';
import type { PlanOutput } from './plan-output.js';

/** The node of an operator over these inputs, checked. */
export function operatorNode(spec: OperatorSpec, inputs: readonly PlanEdge[]): OperatorNode {
  const inherited = inputs[0] === undefined ? undefined : outputOf(inputs[0]).eventTime;
  if (typeof spec.eventTime === 'string' && !isTimeField(spec.schema.fields, spec.eventTime)) {
    throw streamErrors.error('EVENT_TIME_MISSING', {
      what: `operator ${spec.name ?? spec.kind} cannot give event time by column "${spec.eventTime}"`,
      why: 'its output has no timestamp column of that name',
      remedy: 'Name a timestamp column of the output schema.',
    });
  }
  for (const input of spec.readsFirst ?? []) {
    if (inputs[input] !== undefined) continue;
    throw streamErrors.error('PLAN_INVALID', {
      what: `operator ${spec.name ?? spec.kind} cannot read input ${input} first`,
      why: `it has ${inputs.length} inputs`,
    });
  }
  assertChangelogs(spec, inputs);
  const main: PlanOutput = {
    schema: spec.schema,
    changelogKey: spec.changelogKey,
    eventTime: spec.eventTime === undefined ? keptTime(spec.schema, inherited) : (spec.eventTime ?? undefined),
  };
  const sides = Object.values(spec.sideOutputs ?? {}).map((schema) => ({
    schema,
    eventTime: keptTime(schema, inherited),
  }));
  return { kind: 'operator', name: spec.name, outputs: [main, ...sides], inputs, spec };
}

function assertChangelogs(spec: OperatorSpec, inputs: readonly PlanEdge[]): void {
  const changelog = inputs.findIndex((input) => outputOf(input).changelogKey !== undefined);
  if (changelog >= 0 && spec.takesChangelog !== true) {
    throw streamErrors.error('PLAN_INVALID', {
      what: `operator ${spec.name ?? spec.kind} cannot read a changelog`,
      why: `it takes every row for a new one, and rows of input ${changelog} also change and remove former rows`,
      remedy: 'Use an operation of the table, or make a stream of it first.',
    });
  }
  if ((spec.changelogKey !== undefined) === Object.hasOwn(spec.schema.fields, CHANGE_COLUMN)) return;
  throw streamErrors.error('PLAN_INVALID', {
    what: `operator ${spec.name ?? spec.kind} cannot give these columns`,
    why: `a changelog has both a key and the column "${CHANGE_COLUMN}", and nothing else has either`,
  });
}

function keptTime(schema: Schema, inherited: string | undefined): string | undefined {
  return inherited !== undefined && isTimeField(schema.fields, inherited) ? inherited : undefined;
}
