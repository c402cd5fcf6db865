import { defineErrors } from './errors/define-errors.js';

/** Every error code of this package. */
export const errors = defineErrors('telemetry', {
  METRIC_CONFLICT: {
    kind: 'usage',
    summary: 'Two declarations give the same metric name with a different kind, unit or set of boundaries.',
    remedy: 'Rename one of the two metrics, or declare both alike.',
  },
  METRIC_NAME_INVALID: {
    kind: 'usage',
    summary: 'A metric name is empty, longer than 255 characters, or has characters that OpenTelemetry does not allow.',
    remedy: 'Use letters, digits, "_", ".", "-" and "/", beginning with a letter.',
  },
  METRIC_NOT_READABLE: {
    kind: 'usage',
    summary: 'A reading function was registered on a histogram.',
    remedy: 'Bind a series with series(…) and record(…) each measurement.',
  },
});
