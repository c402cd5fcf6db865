/** The error model alone: no telemetry, no OpenTelemetry, importable by every package. */
export { defineErrors, type ErrorCatalogue, type ErrorDeclaration, type ErrorDeclarations } from './define-errors.js';
export { type ErrorKind, isSabotError, SabotError, type SabotErrorOptions } from './sabot-error.js';
