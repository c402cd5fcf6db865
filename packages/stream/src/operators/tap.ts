import type { Batch, Schema } from '@sabot/columnar';
import type { OperatorSpec } from '../plan/operator-spec.js';
import { passingOperator } from './passing-operator.js';

/** Shows every batch to a function and lets it go on unchanged. */
export function tapSpec(schema: Schema, observe: (batch: Batch) => void, name: string | undefined): OperatorSpec {
  return {
    kind: 'tap',
    distribution: 'local',
    ...(name === undefined ? {} : { name }),
    schema,
    create: () =>
      passingOperator((batch, output) => {
        observe(batch);
        output.emit(batch);
      }),
  };
}
