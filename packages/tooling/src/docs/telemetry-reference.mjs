import { prometheusNames, telemetryCatalogues } from './catalogues.mjs';
import { table } from './markdown.mjs';

/**
 * `docs/reference/telemetry.md`: every metric, span and attribute; and each package's catalogue as JSON, for programs.
 *
 * @type {import('./documents.mjs').Generator}
 */
export const telemetryReference = {
  name: 'telemetry',
  async generate() {
    const found = await telemetryCatalogues();
    const nameOf = await prometheusNames();
    const catalogues = found.map(({ folder, catalogue }) => [
      `${folder}/telemetry-catalog.json`,
      `${JSON.stringify(withPrometheusNames(catalogue, nameOf), null, 2)}\n`,
    ]);
    const reference = renderTelemetry(
      found.map(({ catalogue }) => catalogue),
      nameOf,
    );
    return { 'docs/reference/telemetry.md': reference, ...Object.fromEntries(catalogues) };
  },
};

/**
 * The catalogue as programs read it: each metric with the name that Prometheus sees.
 *
 * @param {import('./catalogues.mjs').TelemetryCatalogue} catalogue
 * @param {(name: string, kind: string) => string} nameOf
 */
function withPrometheusNames(catalogue, nameOf) {
  const metrics = Object.entries(catalogue.metrics).map(([key, { name, ...metric }]) => [
    key,
    { name, prometheusName: nameOf(name, metric.kind), ...metric },
  ]);
  return { ...catalogue, metrics: Object.fromEntries(metrics) };
}

/**
 * @param {readonly import('./catalogues.mjs').TelemetryCatalogue[]} catalogues
 * @param {(name: string, kind: string) => string} nameOf
 */
export function renderTelemetry(catalogues, nameOf) {
  const head = [
    '# Telemetry',
    '',
    'Generated from the `telemetry.ts` of each package; `npm run docs` writes it. `telemetry-catalog.json` in each package has the same',
    'for programs.',
    '',
    'Prometheus sees the names in its column when it scrapes Sabot. `promtool check metrics` warns that `sabot_memory_usage_mb` has no base',
    'unit ("use bytes"): the name is kept, because dashboards have it; `process.memory` in bytes is `sabot_heap_used` and',
    '`sabot_array_buffers_size`. A collector that translates OTLP for Prometheus adds units to names, for example `_seconds`.',
  ];
  return `${[...head, ...catalogues.map((catalogue) => sectionOf(catalogue, nameOf))].join('\n')}\n`;
}

/**
 * @param {import('./catalogues.mjs').TelemetryCatalogue} catalogue
 * @param {(name: string, kind: string) => string} nameOf
 */
function sectionOf({ scope, attributes, metrics, spans }, nameOf) {
  const namesOf = (/** @type {readonly string[]} */ names) => names.map((name) => `\`${name}\``).join(', ');
  const parts = [`\n## ${scope}`];
  const metricRows = Object.values(metrics).map(({ name, kind, unit = '', brief, attributes: labels }) => [
    `\`${name}\``,
    `\`${nameOf(name, kind)}\``,
    kind,
    `\`${unit}\``,
    brief,
    namesOf(labels),
  ]);
  const spanRows = Object.values(spans).map(({ name, kind, brief, attributes: labels }) => [
    `\`${name}\``,
    kind,
    brief,
    namesOf(labels),
  ]);
  const attributeRows = Object.entries(attributes).map(([name, { type, brief, values = [] }]) => [
    `\`${name}\``,
    type,
    brief,
    namesOf(values.map(String)),
  ]);
  if (metricRows.length > 0)
    parts.push(
      `\n### Metrics\n\n${table(['name', 'in Prometheus', 'kind', 'unit', 'what it says', 'attributes'], metricRows)}`,
    );
  if (spanRows.length > 0)
    parts.push(`\n### Spans\n\n${table(['name', 'kind', 'what it covers', 'attributes'], spanRows)}`);
  if (attributeRows.length > 0)
    parts.push(`\n### Attributes\n\n${table(['name', 'type', 'what it says', 'values'], attributeRows)}`);
  return parts.join('\n');
}
