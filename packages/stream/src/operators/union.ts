import { describeSchema, type Schema, sameSchema } from '@sabot/columnar';
import { streamErrors } from '../errors.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import { passingOperator } from './passing-operator.js';

/** The rows of all inputs in arrival order; the runtime merges their watermarks. The schemas must be equal. */
export function unionSpec(schemas: readonly Schema[], name: string | undefined): OperatorSpec {
  const [schema, ...others] = schemas as readonly [Schema, ...Schema[]];
  for (const other of others) {
    if (sameSchema(schema, other)) continue;
    throw streamErrors.error('SCHEMA_MISMATCH', {
      what: 'cannot unite streams of different schemas',
      why: `one has (${describeSchema(schema)}), another (${describeSchema(other)})`,
      remedy: 'Bring the streams to the same columns with select before union.',
    });
  }
  return {
    kind: 'union',
    distribution: 'local',
    ...(name === undefined ? {} : { name }),
    schema,
    create: () => passingOperator((batch, output) => output.emit(batch)),
  };
}
