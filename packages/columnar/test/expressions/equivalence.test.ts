import { type Batch, type DataType, describeType, rowsOf } from '@sabot/columnar';
import { compilePipeline, describeExpression, type Expr, expressionOf, type Step } from '@sabot/columnar/expressions';
import { randomBatch, seededRandom } from '@sabot/columnar/testing';
import { expect, test } from 'vitest';
import { evaluate, fromSurface, type Naive } from '../support/naive-evaluator.js';
import { ExpressionSource, everyType } from '../support/random-expression.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

const EXPRESSIONS = 10 * SEEDS;

/** Values of the result column, in naive form. */
function resultsOf(batch: Batch, steps: readonly Step[], mode: 'compiled' | 'interpreted'): Naive[] {
  const pipeline = compilePipeline(everyType, steps, { mode, overflow: 'wrap' });
  const type = pipeline.schema.fields['result'] as DataType;
  return rowsOf(pipeline.run(batch)).map((row) => fromSurface(type, row['result']));
}

function expectedOf(batch: Batch, expression: Expr, predicate: Expr): Naive[] {
  return rowsOf(batch)
    .filter((row) => evaluate(predicate.node, everyType, row).value === true)
    .map((row) => evaluate(expression.node, everyType, row).value);
}

test(
  `compiled, interpreted and naive evaluation agree on ${EXPRESSIONS} random expressions over random batches`,
  () => {
    for (let seed = 0; seed < EXPRESSIONS; seed++) {
      const random = seededRandom(seed);
      const source = new ExpressionSource(random);
      const expression = source.any(1 + Math.floor(random() * 3));
      const predicate = source.draw('bool', 1);
      const batch = randomBatch(everyType, seed % 7 === 0 ? seed % 2 : 12, random, {
        nulls: seed % 5 === 0 ? 0 : 0.25,
      });
      const steps: Step[] = [{ withColumns: { result: expression } }, { filter: predicate as never }];
      const told = `seed ${seed}: ${describeExpression(expression)} where ${describeExpression(predicate)}, ${describeType(expression.type)}`;
      const expected = expectedOf(batch, expression, predicate);
      expect(resultsOf(batch, steps, 'compiled'), `compiled, ${told}`).toEqual(expected);
      expect(resultsOf(batch, steps, 'interpreted'), `interpreted, ${told}`).toEqual(expected);
    }
  },
  PROPERTY_TIMEOUT_MS,
);

test('an expression read back from its JSON is the same expression', () => {
  for (let seed = 0; seed < 300; seed++) {
    const expression = new ExpressionSource(seededRandom(seed)).any(3);
    const again = expressionOf(everyType, JSON.parse(JSON.stringify(expression.node)));
    expect(again.node).toEqual(expression.node);
    expect(describeType(again.type)).toBe(describeType(expression.type));
  }
});
