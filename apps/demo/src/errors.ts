import { defineErrors } from '@sabot/core-observability/errors';

export const demoErrors = defineErrors('demo', {
  BAD_OPTION: {
    kind: 'usage',
    summary: 'An option of the demo is unknown or has a value that it cannot have.',
    remedy: 'Run it with --help to see the options.',
  },
  FOLDER_NOT_WRITABLE: {
    kind: 'usage',
    summary: 'The folder for state and output cannot be created or written.',
    remedy: 'Make it writable, or choose another with --directory.',
  },
});
