/** A reference to test joins against: row by row, two nested loops, nothing shared with the kernels. */
type Row = Readonly<Record<string, unknown>>;

export interface NaiveJoinOptions {
  /** Left columns to the right columns they must equal. */
  readonly on: Readonly<Record<string, string>>;
  readonly type: 'inner' | 'left' | 'right' | 'full';
  readonly leftColumns: readonly string[];
  /** Right columns to put out, and the names they get. */
  readonly rightColumns: Readonly<Record<string, string>>;
}

/**
 * The rows that a join must give, in order: by left row, partners by right row, then unmatched right rows.
 * Nulls equal nothing.
 */
export function naiveJoin(left: readonly Row[], right: readonly Row[], options: NaiveJoinOptions): readonly Row[] {
  const joined: Row[] = [];
  const partnered = new Set<Row>();
  for (const own of left) {
    const partners = right.filter((other) => matches(own, other, options.on));
    for (const other of partners) {
      partnered.add(other);
      joined.push({ ...own, ...renamed(other, options) });
    }
    if (partners.length === 0 && keepsLeft(options.type)) joined.push({ ...own, ...renamed(undefined, options) });
  }
  if (!keepsRight(options.type)) return joined;
  const nothing = Object.fromEntries(options.leftColumns.map((name) => [name, null]));
  const alone = right.filter((other) => !partnered.has(other));
  return [...joined, ...alone.map((other) => ({ ...nothing, ...renamed(other, options) }))];
}

function matches(left: Row, right: Row, on: Readonly<Record<string, string>>): boolean {
  return Object.entries(on).every(([l, r]) => left[l] !== null && right[r] !== null && left[l] === right[r]);
}

function renamed(row: Row | undefined, options: NaiveJoinOptions): Row {
  const pairs = Object.entries(options.rightColumns);
  return Object.fromEntries(pairs.map(([column, name]) => [name, row === undefined ? null : row[column]]));
}

const keepsLeft = (type: NaiveJoinOptions['type']): boolean => type === 'left' || type === 'full';
const keepsRight = (type: NaiveJoinOptions['type']): boolean => type === 'right' || type === 'full';
