import { errorCatalogues } from './catalogues.mjs';
import { table } from './markdown.mjs';

/**
 * `docs/reference/errors.md`: every code, when it is raised and what to do.
 *
 * @type {import('./documents.mjs').Generator}
 */
export const errorsReference = {
  name: 'errors',
  async generate() {
    return { 'docs/reference/errors.md': renderErrors(await errorCatalogues()) };
  },
};

/** @param {readonly import('./catalogues.mjs').ErrorCatalogue[]} catalogues */
export function renderErrors(catalogues) {
  const head = [
    '# Errors',
    '',
    'Generated from the `errors.ts` of each package; `npm run docs` writes it.',
    '',
    'A *usage* error is one that the caller can act on, an *operational* one comes from the outside world (a retry may help), and a *bug* is a defect of Sabot.',
  ];
  return `${[...head, ...catalogues.map(sectionOf)].join('\n')}\n`;
}

/** @param {import('./catalogues.mjs').ErrorCatalogue} catalogue */
function sectionOf(catalogue) {
  const rows = Object.entries(catalogue.declarations).map(([name, { kind, summary, remedy }]) => [
    `\`${catalogue.code(name)}\``,
    kind,
    summary,
    remedy,
  ]);
  return `\n## ${catalogue.component}\n\n${table(['code', 'kind', 'when', 'what to do'], rows)}`;
}
