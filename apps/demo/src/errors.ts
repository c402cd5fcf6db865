import { defineErrors } from '@sabot/core-observability/errors';

export const demoErrors = defineErrors('demo', {
  BAD_OPTION: {
    kind: 'usage',
    summary: 'An option of the demo is unknown or has a value that it cannot have.',
    remedy: 'Run it with --help to see the options.',
  },
  OTHER_INPUT: {
    kind: 'usage',
    summary:
      'The folder holds what an earlier run has computed from another file, or from the same one in another order.',
    remedy: 'Start over with --fresh, or give the results of this input a folder of their own with --directory.',
  },
  NOT_IN_ORDER: {
    kind: 'usage',
    summary: 'The flights of the file are not in the order of their schedule, which --as-departed needs.',
    remedy: 'Sort the file by date, or leave --as-departed out.',
  },
  PORT_TAKEN: {
    kind: 'usage',
    summary: 'The port for the Prometheus endpoint cannot be opened.',
    remedy: 'Choose another with --prometheus-port N, or 0 for any free one.',
  },
  OUTPUT_DAMAGED: {
    kind: 'operational',
    summary: 'A file that the job has written is gone or is not what was written.',
    remedy: 'Start over with --fresh.',
  },
  JOB_STANDS_STILL: {
    kind: 'operational',
    summary: 'The task failed, and the engine could not start it again.',
    remedy:
      'Look at the disk and at `npx sabot cluster status`, and run it again: it goes on from the last checkpoint.',
  },
  FOLDER_NOT_WRITABLE: {
    kind: 'usage',
    summary: 'The folder for state and output cannot be created or written.',
    remedy: 'Make it writable, or choose another with --directory.',
  },
});
