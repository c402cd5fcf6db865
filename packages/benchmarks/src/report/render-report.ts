import type { BenchmarkResults } from '../results/results.js';
import { provenanceOf, type ReportTable, tablesOf } from './report-tables.js';

export type ReportFormat = 'console' | 'markdown' | 'html';

/** Results as text: tables by suite, what failed and why, and where and how everything was measured. */
export function renderReport(results: BenchmarkResults, format: ReportFormat): string {
  const tables = tablesOf(results);
  const notes = [...failuresIn(results), ...provenanceOf(results)];
  switch (format) {
    case 'console':
      return [...tables.map(consoleTable), notes.map((note) => `${note}\n`).join('')].join('\n');
    case 'markdown':
      return [...tables.map(markdownTable), notes.map((note) => `- ${inMarkdown(note)}\n`).join('')].join('\n');
    case 'html':
      return htmlPage(tables, notes);
  }
}

function failuresIn({ cases }: BenchmarkResults): readonly string[] {
  return cases.flatMap((one) =>
    one.contenders.flatMap((result) => {
      const who = `${one.suite} ${one.name}, ${result.name}`;
      if (result.status === 'failed') return `${who} failed: ${result.reason}`;
      return result.status === 'not-installed' ? `${who}: ${result.requires} is not installed` : [];
    }),
  );
}

function consoleTable({ title, head, rows }: ReportTable): string {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [title, line(head), ...rows.map(line)].map((text) => `${text}\n`).join('');
}

function markdownTable({ title, head, rows }: ReportTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(inMarkdown).join(' | ')} |\n`;
  const rule = `|${head.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|\n`;
  return `### ${title}\n\n${line(head)}${rule}${rows.map(line).join('')}`;
}

function inMarkdown(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function htmlPage(tables: readonly ReportTable[], notes: readonly string[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    `<tr>${row.map((cell) => `<${tag}>${inHtml(cell)}</${tag}>`).join('')}</tr>`;
  const sections = tables.map(
    ({ title, head, rows }) =>
      `<h2>${inHtml(title)}</h2>\n<table>\n<thead>${cells('th', head)}</thead>\n<tbody>\n${rows
        .map((row) => cells('td', row))
        .join('\n')}\n</tbody>\n</table>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Sabot benchmarks</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; }
th, td { border-bottom: 1px solid #ccc; padding: .3rem .8rem; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; }
</style>
</head>
<body>
<h1>Sabot benchmarks</h1>
${sections.join('\n')}
<ul>
${notes.map((note) => `<li>${inHtml(note)}</li>`).join('\n')}
</ul>
</body>
</html>
`;
}

function inHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
