import { type Batch, type Column, createBatch, defineSchema, float64, int64, makeColumn, utf8 } from '@sabot/columnar';

/** How a column of a benchmark's table is computed from the row number, the same in JavaScript and in SQL. */
export type ColumnRule =
  /** `mix(row, salt) % distinct`, times `factor`. */
  | { readonly kind: 'mixed'; readonly distinct: number; readonly salt: number; readonly factor?: number }
  /** `(row × 7919) % rows`, each number below `rows` once, times `factor`. */
  | { readonly kind: 'permuted'; readonly factor: number }
  /** Eighths from 0 to 125. */
  | { readonly kind: 'eighths'; readonly salt: number }
  /** `user-0000000` of another rule. */
  | { readonly kind: 'name'; readonly of: Extract<ColumnRule, { kind: 'mixed' | 'permuted' }> };

export interface TableRule {
  readonly rows: number;
  readonly columns: Readonly<Record<string, ColumnRule>>;
}

const PREFIX = 'user-';
const DIGITS = 7;

/** Spreads row numbers over 32 bits. */
function mix(row: number, salt: number): number {
  let x = Math.imul(row + salt, 0x9e3779b1) >>> 0;
  x ^= x >>> 15;
  x = Math.imul(x, 0x5bd1e995) >>> 0;
  return (x ^ (x >>> 13)) >>> 0;
}

function numberOf(rule: Extract<ColumnRule, { kind: 'mixed' | 'permuted' }>, row: number, rows: number): number {
  const number = rule.kind === 'mixed' ? mix(row, rule.salt) % rule.distinct : (row * 7919) % rows;
  return number * (rule.factor ?? 1);
}

/** The table as one batch. */
export function batchOf({ rows, columns }: TableRule): Batch {
  const made = Object.values(columns).map((rule) => columnOf(rule, rows));
  const fields = Object.fromEntries(Object.keys(columns).map((name, i) => [name, (made[i] as Column).type]));
  return createBatch(defineSchema(fields), made, rows);
}

function columnOf(rule: ColumnRule, rows: number): Column {
  switch (rule.kind) {
    case 'mixed':
    case 'permuted': {
      const values = new Int32Array(2 * rows);
      for (let row = 0; row < rows; row++) {
        const number = numberOf(rule, row, rows);
        values[2 * row] = number % 4294967296;
        values[2 * row + 1] = Math.floor(number / 4294967296);
      }
      return makeColumn(int64(), rows, { values });
    }
    case 'eighths': {
      const values = new Float64Array(rows);
      for (let row = 0; row < rows; row++) values[row] = (mix(row, rule.salt) % 1000) / 8;
      return makeColumn(float64(), rows, { values });
    }
    case 'name':
      return namesOf(rule.of, rows);
  }
}

function namesOf(rule: Extract<ColumnRule, { kind: 'mixed' | 'permuted' }>, rows: number): Column {
  const length = PREFIX.length + DIGITS;
  const values = new Uint8Array(rows * length);
  const offsets = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    let rest = numberOf(rule, row, rows);
    for (let k = 0; k < PREFIX.length; k++) values[row * length + k] = PREFIX.charCodeAt(k);
    for (let digit = length - 1; digit >= PREFIX.length; digit--, rest = Math.floor(rest / 10)) {
      values[row * length + digit] = 48 + (rest % 10);
    }
    offsets[row + 1] = (row + 1) * length;
  }
  return makeColumn(utf8(), rows, { values, offsets });
}

/** SQL that makes the same table in DuckDB. */
export function sqlOf(name: string, { rows, columns }: TableRule): string {
  const list = Object.entries(columns).map(([column, rule]) => `${expressionOf(rule, rows)} as "${column}"`);
  return `create table ${name} as select ${list.join(', ')} from range(${rows}) r(i)`;
}

/** The macros that `sqlOf` uses; `mix` of JavaScript in 64-bit arithmetic. */
export const sqlMacros = [
  'create macro mix1(i, salt) as ((i + salt) * 2654435761) & 4294967295',
  'create macro mix2(x) as (xor(x, x >> 15) * 1540483477) & 4294967295',
  'create macro mix3(x) as xor(x, x >> 13)',
  'create macro mix(i, salt) as mix3(mix2(mix1(i, salt)))',
];

function expressionOf(rule: ColumnRule, rows: number): string {
  switch (rule.kind) {
    case 'mixed':
      return `(mix(i, ${rule.salt}) % ${rule.distinct}) * ${rule.factor ?? 1}`;
    case 'permuted':
      return `((i * 7919) % ${rows}) * ${rule.factor}`;
    case 'eighths':
      return `(mix(i, ${rule.salt}) % 1000) / 8.0::double`;
    case 'name':
      return `'${PREFIX}' || lpad((${expressionOf(rule.of, rows)})::varchar, ${DIGITS}, '0')`;
  }
}
