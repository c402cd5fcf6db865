import { defineErrors } from './errors/define-errors.js';

/** Every error code of this package. */
export const errors = defineErrors('telemetry', {
  BACKEND_UNREADABLE: {
    kind: 'operational',
    summary: 'Jaeger or Prometheus was to be read and does not answer as it should.',
    remedy:
      'Check that its query service runs and that the URL names its port: Jaeger usually has 16686, Prometheus 9090.',
  },
  CERTIFICATE: {
    kind: 'usage',
    summary: 'The file with the authority for TLS connections to receivers cannot be read.',
    remedy: 'Correct telemetry.otlp_certificate (SABOT_OTLP_CERTIFICATE).',
  },
  CONFIG_FILE: {
    kind: 'usage',
    summary: 'The configuration file cannot be read, is not JSON, or has a section of the wrong form.',
    remedy: 'Correct the file, or name another with --config-file.',
  },
  CONFIG_UNKNOWN_KEY: {
    kind: 'usage',
    summary: 'A key of the configuration file, or a SABOT_* variable, is nearly one that exists.',
    remedy: 'Correct the spelling.',
  },
  CONFIG_VALUE: {
    kind: 'usage',
    summary: 'A setting has a value that it cannot have.',
    remedy: 'Correct the value where it stands.',
  },
  EXPORT_FAILED: {
    kind: 'operational',
    summary: 'An exporter cannot deliver; told once per outage. What waits and what was lost is in the status.',
    remedy: 'Check that the receiver runs and that the endpoint names its port; `sabot telemetry doctor` tries it.',
  },
  FLIGHT_DUMP: {
    kind: 'operational',
    summary: "The flight recorder's dump cannot be written.",
    remedy: 'Check permissions and free space of the folder.',
  },
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
  PACKAGE_MISSING: {
    kind: 'usage',
    summary: 'Packages of OpenTelemetry that Sabot uses only for what your own code emits are not installed.',
    remedy: 'Install them, if your own code uses OpenTelemetry.',
  },
  PROMETHEUS_PORT: {
    kind: 'operational',
    summary: 'The Prometheus endpoint cannot listen on its port.',
    remedy: 'Set telemetry.prometheus_port (SABOT_PROMETHEUS_PORT) to a free port, or to "none".',
  },
  STORE_UNREADABLE: {
    kind: 'operational',
    summary: 'The local telemetry store exists and cannot be read.',
    remedy: 'Check the permissions of the folder, or name another with telemetry.store_path (SABOT_TELEMETRY_STORE).',
  },
  STORE_UNWRITABLE: {
    kind: 'operational',
    summary: 'The local telemetry store cannot be written; what it should have held is counted as lost.',
    remedy:
      'Check permissions and free space, or name another folder with telemetry.store_path (SABOT_TELEMETRY_STORE).',
  },
});
