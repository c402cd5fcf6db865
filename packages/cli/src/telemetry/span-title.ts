import type { ReceivedSpan } from '@sabot/core-observability/sdk';
import { amount, bytes } from '../output/quantities.js';

type Attributes = ReceivedSpan['attributes'];

/** What tells one span of a name from another, the most telling first. */
const SUBJECTS = ['agent', 'operator', 'chain', 'job', 'kind', 'pipeline'] as const;

/** Amounts that say how much a span was about. */
const AMOUNTS: Readonly<Record<string, (value: number) => string>> = {
  'batch.rows': (count) => `${amount(count)} rows`,
  'agent.rows': (count) => `${amount(count)} rows`,
  'join.rows.probed': (count) => `${amount(count)} rows`,
  'join.rows.matched': (count) => `${amount(count)} matched`,
  'state.count': (count) => `${amount(count)} ×`,
  'checkpoint.epoch': (epoch) => `epoch ${epoch}`,
  'checkpoint.bytes': bytes,
  'state.size': bytes,
  tasks: (count) => `${amount(count)} tasks`,
};

/** What the span was about: its operator, agent, chain, job (with task) or pipeline; empty when it does not say. */
export function subjectOf(attributes: Attributes): string {
  const name = SUBJECTS.find((key) => attributes[key] !== undefined);
  if (name === undefined) return '';
  const task = name === 'job' ? attributes['task'] : undefined;
  return task === undefined ? String(attributes[name]) : `${String(attributes[name])}/${String(task)}`;
}

/** `16,384 rows`, `epoch 12`: what the span says about amounts. */
export function amountsOf(attributes: Attributes): readonly string[] {
  return Object.entries(AMOUNTS).flatMap(([key, write]) => {
    const value = attributes[key];
    return typeof value === 'number' ? [write(value)] : [];
  });
}
