import { telemetryCatalogues } from './catalogues.mjs';
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
    const catalogues = found.map(({ folder, catalogue }) => [
      `${folder}/telemetry-catalog.json`,
      `${JSON.stringify(catalogue, null, 2)}\n`,
    ]);
    const reference = renderTelemetry(found.map(({ catalogue }) => catalogue));
    return { 'docs/reference/telemetry.md': reference, ...Object.fromEntries(catalogues) };
  },
};

/** @param {readonly import('./catalogues.mjs').TelemetryCatalogue[]} catalogues */
export function renderTelemetry(catalogues) {
  const head = ['# Telemetry', '', 'Generated from the `telemetry.ts` of each package; `npm run docs` writes it.'];
  return `${[...head, ...catalogues.map(sectionOf)].join('\n')}\n`;
}

/** @param {import('./catalogues.mjs').TelemetryCatalogue} catalogue */
function sectionOf({ scope, attributes, metrics, spans }) {
  const namesOf = (/** @type {readonly string[]} */ names) => names.map((name) => `\`${name}\``).join(', ');
  const parts = [`\n## ${scope}`];
  const metricRows = Object.values(metrics).map(({ name, kind, unit = '', brief, attributes: labels }) => [
    `\`${name}\``,
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
    parts.push(`\n### Metrics\n\n${table(['name', 'kind', 'unit', 'what it says', 'attributes'], metricRows)}`);
  if (spanRows.length > 0)
    parts.push(`\n### Spans\n\n${table(['name', 'kind', 'what it covers', 'attributes'], spanRows)}`);
  if (attributeRows.length > 0)
    parts.push(`\n### Attributes\n\n${table(['name', 'type', 'what it says', 'values'], attributeRows)}`);
  return parts.join('\n');
}
