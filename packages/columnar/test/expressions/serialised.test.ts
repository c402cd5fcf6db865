import { defineSchema, int64, nullable, timestamp, utf8 } from '@sabot/columnar';
import { columnsOf, compilePipeline, expressionOf, lit, sameExpression, when } from '@sabot/columnar/expressions';
import { seededRandom } from '@sabot/columnar/testing';
import { isSabotError } from '@sabot/core-observability/errors';
import { describe, expect, test, vi } from 'vitest';
import { ExpressionSource, everyType } from '../support/random-expression.js';
import { PROPERTY_TIMEOUT_MS, SEEDS } from '../support/seeds.js';

vi.setConfig({ testTimeout: PROPERTY_TIMEOUT_MS });

const schema = defineSchema({ delay: nullable(int64()), origin: utf8(), at: timestamp() });
const c = columnsOf(schema);

test('an expression reads like SQL', () => {
  const late = when(c.delay.gt(60), c.origin.lower()).otherwise(lit("it's"));
  expect(String(late)).toBe("case when (delay > 60) then lower(origin) else 'it''s' end");
  expect(String(c.delay.in([1, 2]).and(c.origin.like('A%').not()))).toBe(
    "(delay in ('1', '2') and not origin like 'A%')",
  );
  expect(String(c.delay.isNull())).toBe('delay is null');
  expect(String(c.origin.startsWith('L'))).toBe("starts_with(origin, 'L')");
});

describe('two expressions', () => {
  test('are the same exactly when their trees are', () => {
    for (let seed = 0; seed < 4 * SEEDS; seed++) {
      const [a, b] = [seed, seed + 1].map((s) => new ExpressionSource(seededRandom(s)).any(2));
      const again = expressionOf(everyType, JSON.parse(JSON.stringify(a)));
      expect(sameExpression(a as never, again)).toBe(true);
      const same = JSON.stringify(a) === JSON.stringify(b);
      expect(sameExpression(a as never, b as never), `${a} and ${b}`).toBe(same);
    }
  });
});

describe('JSON that is no expression', () => {
  test.each([
    ['nothing', null],
    ['an unknown kind', { op: 'eval', code: 'process.exit()' }],
    ['a function that every object has', { op: 'call', name: 'constructor', args: [] }],
    ['an option that is an object', { op: 'call', name: 'truncate', args: [], options: [{}] }],
    ['a type that every object has', { op: 'literal', type: { kind: 'toString', nullable: false }, value: 1 }],
    ['a number that is none', { op: 'literal', type: { kind: 'int64', nullable: false }, value: '1); exit(' }],
    ['a number beyond its type', { op: 'literal', type: { kind: 'int64', nullable: false }, value: '9'.repeat(20) }],
    ['a bad pattern', { op: 'call', name: 'matches', args: [c.origin.node], options: ['(', ''] }],
    [
      'too many digits',
      {
        op: 'cast',
        arg: c.delay.node,
        to: { kind: 'decimal128', precision: 99, scale: 0, nullable: false },
        onError: 'fail',
      },
    ],
    [
      'a unit that every object has',
      { op: 'call', name: 'truncate', args: [{ op: 'column', name: 'at' }], options: ['constructor'] },
    ],
    ['an empty case', { op: 'case', branches: [], otherwise: null }],
  ])('is refused with a code: %s', (_, json) => {
    const attempt = (): unknown => expressionOf(schema, json);
    expect(attempt).toThrow(/SABOT_COLUMNAR_(EXPRESSION|TYPE)_INVALID/);
  });

  test('nested without end is refused before the stack ends', () => {
    let node: unknown = c.delay.node;
    for (let depth = 0; depth < 100_000; depth++) node = { op: 'call', name: 'neg', args: [node] };
    expect(() => expressionOf(schema, node)).toThrow(/nested more than 500 deep.*EXPRESSION_INVALID/);
  });

  test(`damaged in one place ends in a code or in an expression that compiles, over ${20 * SEEDS} mutations`, () => {
    let refused = 0;
    for (let seed = 0; seed < 20 * SEEDS; seed++) {
      const random = seededRandom(seed);
      const json = JSON.parse(JSON.stringify(new ExpressionSource(random).any(2)));
      damage(json, random);
      try {
        compilePipeline(everyType, [{ select: { value: expressionOf(everyType, json) } }], { mode: 'interpreted' });
      } catch (error) {
        if (!isSabotError(error)) throw new Error(`seed ${seed}: ${JSON.stringify(json)}`, { cause: error });
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(10 * SEEDS);
  });
});

const EVIL = [null, 0, -1, '', '__proto__', 'constructor', '"); process.exit(); ("', [], {}, 1e308, true, '\u2028'];

/** Replaces one value somewhere in a tree. */
function damage(tree: Record<string, unknown>, random: () => number): void {
  const keys = Object.keys(tree);
  const key = keys[Math.floor(random() * keys.length)] as string;
  const child = tree[key];
  if (typeof child === 'object' && child !== null && Object.keys(child).length > 0 && random() < 0.7) {
    damage(child as Record<string, unknown>, random);
  } else tree[key] = EVIL[Math.floor(random() * EVIL.length)];
}

test('a pipeline explains its steps, and on demand its code', () => {
  const run = compilePipeline(schema, [{ filter: c.delay.gt(1) }, { select: { twice: c.delay.mul(2) } }]);
  const explained = run.explain();
  expect(explained).toContain('filter (delay > 1)\nselect (delay * 2) as twice\ngives twice: int64?');
  expect(explained).not.toContain('for (');
  expect(run.explain({ code: true })).toContain(run.code());
});

test('equal pipelines share their generated code', () => {
  const made = globalThis.Function;
  let compilations = 0;
  globalThis.Function = new Proxy(made, {
    construct(target, args: string[]) {
      compilations++;
      return Reflect.construct(target, args);
    },
  });
  try {
    const batches = [1, 2, 3].map(() => compilePipeline(schema, [{ select: { unusual: c.delay.mul(7919) } }]));
    for (const run of batches) run.run({ ...emptyOf(), schema } as never);
  } finally {
    globalThis.Function = made;
  }
  expect(compilations).toBe(1);
});

function emptyOf(): object {
  const none = {
    length: 0,
    nullCount: 0,
    values: new Int32Array(0),
    offsets: null,
    validity: null,
    bitOffset: 0,
    children: [],
  };
  return {
    numRows: 0,
    columns: [
      { ...none, type: int64() },
      { ...none, type: utf8(), offsets: new Int32Array(1) },
    ],
  };
}
