import { type Style, visibleLength } from './style.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Lines with columns as wide as their widest cell; no trailing blanks, so that it can be piped and compared. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[], style: Style): string {
  const titles = columns.map(({ title }) => title.toUpperCase());
  const widths = titles.map((title, i) => Math.max(title.length, ...rows.map((row) => visibleLength(row[i] ?? ''))));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => pad(cell, widths[i] ?? 0, columns[i]?.align ?? 'left'))
      .join('  ')
      .trimEnd();
  return [style.dim(line(titles)), ...rows.map(line)].map((text) => `${text}\n`).join('');
}

function pad(cell: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - visibleLength(cell)));
  return align === 'right' ? blanks + cell : cell + blanks;
}
