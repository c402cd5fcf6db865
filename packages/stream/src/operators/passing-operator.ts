import type { Batch } from '@sabot/columnar';
import type { Operator, OperatorOutput } from '../ports/operator.js';
import { createOperatorStats } from './operator-stats.js';

/** An operator without state, time or resources: a function from a batch to what is emitted. */
export function passingOperator(process: (batch: Batch, output: OperatorOutput) => void): Operator {
  return {
    stats: createOperatorStats(),
    open: () => undefined,
    process: (batch, _input, output) => process(batch, output),
    onSignal: () => undefined,
    snapshot: () => undefined,
    restore: () => undefined,
    close: () => undefined,
  };
}
