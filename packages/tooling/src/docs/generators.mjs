import { cliReference } from './cli-reference.mjs';
import { errorsReference } from './errors-reference.mjs';
import { packageTable } from './package-table.mjs';
import { telemetryReference } from './telemetry-reference.mjs';

/**
 * Every generated document; a new one is one line here.
 *
 * @type {readonly import('./documents.mjs').Generator[]}
 */
export const generators = [packageTable, errorsReference, telemetryReference, cliReference];
