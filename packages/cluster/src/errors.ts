import { defineErrors } from '@sabot/core-observability/errors';

/** Every failure that this package raises by code: `SABOT_CLUSTER_<NAME>`. */
export const clusterErrors = defineErrors('cluster', {
  ENGINE_LOCKED: {
    kind: 'usage',
    summary: 'The folder of an embedded engine is in use by a live process.',
    remedy: 'Stop that process, or give this one a folder of its own.',
  },
  ENGINE_NOT_WRITABLE: {
    kind: 'usage',
    summary: 'The folder of an embedded engine cannot be created or written.',
    remedy: 'Make the folder writable for this user, or choose another one.',
  },
  ENGINE_FOLDER_INVALID: {
    kind: 'usage',
    summary: 'The given folder is not an embedded engine that this version can read.',
    remedy: 'Check the path; a folder written by a newer version needs that version.',
  },
  ENGINE_LOCK_LOST: {
    kind: 'operational',
    summary: "An engine's ownership of its folder was taken away while it was open.",
    remedy:
      'Restart this process; make sure that only one machine uses the folder and that nobody removes files from it.',
  },
  ENGINE_CLOSED: {
    kind: 'usage',
    summary: 'An engine was used after it was closed.',
    remedy: 'Stop workers before closing their engine.',
  },
  ENGINE_WRITE_FAILED: {
    kind: 'operational',
    summary: 'The engine could not make a change durable.',
    remedy: 'Check free space and health of the disk; committed work is kept, the job can be started again.',
  },
  ENGINE_RECORD_INVALID: {
    kind: 'operational',
    summary: 'A record of the engine passed its checksum but cannot be understood.',
    remedy: 'The folder was altered or written by a newer version; restore it from a copy or start with a new one.',
  },
  KEY_INVALID: {
    kind: 'usage',
    summary: 'A coordination key, job, task or worker name has a form that engines cannot store.',
    remedy: 'Use letters, digits and . _ = - in parts joined by / (names of jobs, tasks and workers: one part).',
  },
  VALUE_TOO_LARGE: {
    kind: 'usage',
    summary: 'A coordination value or commit record is larger than an engine takes.',
    remedy: 'Keep large values in the snapshot store and their names here.',
  },
  OPTIONS_INVALID: {
    kind: 'usage',
    summary: 'An option of a worker, job or piece of work has an unusable value.',
    remedy: 'Correct the option.',
  },
  WORKER_NAME_TAKEN: {
    kind: 'usage',
    summary: 'A live worker of the same name is registered.',
    remedy: 'Give each worker a name of its own; a dead one of this name is forgotten after the session timeout.',
  },
  WORKER_STATE: {
    kind: 'usage',
    summary: 'A worker was started twice or used after it ended.',
    remedy: 'Create a new worker.',
  },
  JOB_EXISTS: {
    kind: 'usage',
    summary: 'A job of the same name and another shape was submitted before.',
    remedy: 'Use another name, or remove the old job first (removeJob).',
  },
  JOB_UNKNOWN: {
    kind: 'usage',
    summary: 'A job that was never submitted, or was removed, was asked for.',
    remedy: 'Submit it first (submitJob).',
  },
  JOB_FAILED: {
    kind: 'operational',
    summary: 'A task of the job failed as often as the job allows.',
    remedy: 'See the cause; correct it and submit the job again after removeJob.',
  },
  JOB_CANCELLED: {
    kind: 'operational',
    summary: 'The job waited for was removed while somebody waited.',
    remedy: 'Submit it again if it is still wanted.',
  },
  WORK_FAILED: {
    kind: 'operational',
    summary: 'A piece of work failed as often as it may be tried.',
    remedy: 'See the cause and distribute the work again.',
  },
  WORK_CANCELLED: {
    kind: 'operational',
    summary: 'The result of a cancelled piece of work was asked for.',
    remedy: 'Distribute it again if it is still wanted.',
  },
  WORK_UNKNOWN: {
    kind: 'usage',
    summary: 'A piece of work was asked for that does not exist or was already forgotten.',
    remedy: 'Ask for the result before calling forget() on the work.',
  },
});
