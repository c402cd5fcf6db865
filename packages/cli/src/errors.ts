import { defineErrors } from '@sabot/core-observability/errors';

/** Every failure that the command raises by code: `SABOT_CLI_<NAME>`. */
export const cliErrors = defineErrors('cli', {
  OPTION_INVALID: {
    kind: 'usage',
    summary: 'An option has a value that the command cannot use, or two options exclude each other.',
    remedy: 'Run the command with --help to see what it takes.',
  },
  CONFIG_NOT_WRITTEN: {
    kind: 'operational',
    summary: 'The configuration file could not be written; the old one is unchanged.',
    remedy: 'Check that the folder exists and is writable, or give another file with --config-file.',
  },
  NO_LIVE_PROCESS: {
    kind: 'operational',
    summary: 'A live process was asked for and none answers on the Prometheus port.',
    remedy: 'Start the application with telemetry enabled, or leave out --live to read the local store.',
  },
  TELEMETRY_LOST: {
    kind: 'operational',
    summary: 'The doctor found a part of telemetry that does not work.',
    remedy: 'Do what stands below each finding, then run sabot telemetry doctor again.',
  },
  NO_ENGINE: {
    kind: 'operational',
    summary: 'There is no engine in the folder that was asked for.',
    remedy: 'Run a job on an embedded engine first, or name its folder with --engine-dir.',
  },
});
