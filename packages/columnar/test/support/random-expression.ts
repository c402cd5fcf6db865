import {
  bool,
  type DataType,
  date,
  defineSchema,
  dictionary,
  float32,
  float64,
  int8,
  int16,
  int32,
  int64,
  nullable,
  type Schema,
  timestamp,
  uint8,
  uint16,
  uint32,
  uint64,
  utf8,
} from '@sabot/columnar';
import { coalesce, columnsOf, type Expr, lit, when } from '@sabot/columnar/expressions';
import type { RandomSource } from '@sabot/columnar/testing';

/** The methods that some expressions have; calls of those that do not fit throw, and another is drawn. */
type Loose = Expr & Readonly<Record<string, (...args: unknown[]) => Loose>>;

const TYPES: readonly DataType[] = [
  ...[int8(), int16(), int32(), int64(), uint8(), uint16(), uint32(), uint64(), float32(), float64()],
  ...[bool(), utf8(), dictionary(), timestamp('us'), timestamp('ns'), timestamp('s'), date()],
];

/** Two columns of every type, one of them nullable. */
export const everyType: Schema = defineSchema(
  Object.fromEntries(TYPES.flatMap((type, i) => [[`c${i}`, type] as const, [`n${i}`, nullable(type)] as const])),
);

type Family = 'number' | 'bool' | 'text' | 'time';

const familyOf = (type: DataType): Family =>
  type.kind === 'bool'
    ? 'bool'
    : type.kind === 'utf8' || type.kind === 'dictionary'
      ? 'text'
      : 'unit' in type
        ? 'time'
        : 'number';

/** Draws expressions of bounded depth over `everyType`. */
export class ExpressionSource {
  private readonly random: RandomSource;
  private readonly columns = columnsOf(everyType) as unknown as Readonly<Record<string, Loose>>;

  constructor(random: RandomSource) {
    this.random = random;
  }

  draw(family: Family, depth: number): Loose {
    if (depth === 0 || this.random() < 0.1) return this.column(family);
    for (;;) {
      try {
        return this.compose(family, depth - 1);
      } catch (error) {
        // Types that do not meet (int64 with uint64, instants of two units): draw again.
        if (!String(error).includes('EXPRESSION_INVALID')) throw error;
      }
    }
  }

  any(depth: number): Loose {
    return this.draw(this.pick(['number', 'bool', 'text', 'time']), depth);
  }

  private pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)] as T;
  }

  private column(family: Family): Loose {
    const names = everyType.names.filter((name) => familyOf(everyType.fields[name] as DataType) === family);
    return this.columns[this.pick(names)] as Loose;
  }

  private compose(family: Family, depth: number): Loose {
    const choice = this.random();
    if (choice < 0.12) {
      const [then, otherwise] = [this.draw(family, depth), this.draw(family, depth)];
      return when(this.draw('bool', depth) as never, then as never).otherwise(otherwise as never) as unknown as Loose;
    }
    if (choice < 0.2) return coalesce(this.draw(family, depth), this.draw(family, depth)) as unknown as Loose;
    switch (family) {
      case 'number':
        return this.number(depth);
      case 'bool':
        return this.bool(depth);
      case 'text':
        return this.text(depth);
      case 'time':
        return call(
          this.draw('time', depth),
          'truncate',
          this.pick(['second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']),
        );
    }
  }

  private number(depth: number): Loose {
    const choice = this.random();
    const a = this.draw(choice < 0.8 ? 'number' : 'text', depth);
    if (choice < 0.45) return call(a, this.pick(['add', 'sub', 'mul', 'div', 'intDiv', 'mod']), this.operand(depth));
    if (choice < 0.6) return call(a, this.pick(['neg', 'abs', 'round', 'floor', 'ceil', 'sqrt']));
    if (choice < 0.8) return call(a, 'tryCast', this.pick(TYPES.slice(0, 10)));
    if (choice < 0.88) return call(a, 'length');
    if (choice < 0.92) return call(a, 'tryCast', this.pick(TYPES.slice(0, 10)));
    const at = this.draw('time', depth);
    if (choice < 0.94) return call(at, 'epochMs');
    const fields = [
      'year',
      'quarter',
      'month',
      'day',
      'hour',
      'minute',
      'second',
      'millisecond',
      'dayOfWeek',
      'dayOfYear',
    ];
    return call(at, 'extract', this.pick(fields));
  }

  private operand(depth: number): unknown {
    return this.random() < 0.4 ? this.pick([0, 1, 2, 3, 7, 100]) : this.draw('number', depth);
  }

  private bool(depth: number): Loose {
    const choice = this.random();
    if (choice < 0.2) return call(this.draw('bool', depth), this.pick(['and', 'or']), this.draw('bool', depth));
    if (choice < 0.25) return call(this.draw('bool', depth), 'not');
    if (choice < 0.35) return call(this.any(depth), this.pick(['isNull', 'isNotNull']));
    const comparison = this.pick(['eq', 'neq', 'lt', 'le', 'gt', 'ge']);
    if (choice < 0.6) return call(this.draw('number', depth), comparison, this.operand(depth));
    if (choice < 0.7) return call(this.draw('time', depth), comparison, this.draw('time', depth));
    if (choice < 0.75) return call(this.draw('number', depth), 'in', [0, 1, 2, 5]);
    const a = this.draw('text', depth);
    if (choice < 0.82) return call(a, comparison, this.draw('text', depth));
    if (choice < 0.9)
      return call(a, this.pick(['contains', 'startsWith', 'endsWith']), this.pick(['', 'a', 'A', '語']));
    if (choice < 0.93) return call(a, 'in', ['a', 'LAS', '日本語']);
    if (choice < 0.97) return call(a, 'like', this.pick(['%a%', '_A%', '', '%', 'a_', '%本_']));
    return call(a, 'matches', this.pick([/a/, /^\s/, /本/]));
  }

  private text(depth: number): Loose {
    const choice = this.random();
    if (choice < 0.3) return call(this.draw(this.pick(['number', 'bool']), depth), 'cast', utf8());
    const a = this.draw('text', depth);
    if (choice < 0.6) return call(a, this.pick(['upper', 'lower', 'trim']));
    if (choice < 0.75) return call(a, 'substring', Math.floor(this.random() * 3), Math.floor(this.random() * 4));
    if (choice < 0.85) return call(a, 'splitPart', this.pick(['a', ' ', '']), Math.floor(this.random() * 3));
    return call(a, 'concat', this.random() < 0.5 ? lit('~') : this.draw('text', depth));
  }
}

function call(target: Loose, method: string, ...args: unknown[]): Loose {
  return (target[method] as (...args: unknown[]) => Loose).call(target, ...args);
}
