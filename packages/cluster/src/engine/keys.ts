import { clusterErrors } from '../errors.js';

/** What every engine can store as a key: NATS key-value buckets are the strictest. */
const KEY = /^[a-zA-Z0-9._=-]+(\/[a-zA-Z0-9._=-]+)*$/;
const NAME = /^[a-zA-Z0-9._=-]+$/;
const MAX_KEY_LENGTH = 512;
/** Kafka's and NATS's default message limit. */
const MAX_VALUE_LENGTH = 1_000_000;

export function checkKey(key: string): void {
  if (key.length <= MAX_KEY_LENGTH && KEY.test(key)) return;
  throw clusterErrors.error('KEY_INVALID', {
    what: `cannot use the key "${key.slice(0, 80)}"`,
    why:
      key.length > MAX_KEY_LENGTH
        ? `it is ${key.length} characters long, at most ${MAX_KEY_LENGTH} fit`
        : 'it holds characters that engines cannot store',
  });
}

/** Checks the name of a job, task or worker, which becomes one part of a key. */
export function checkName(kind: 'job' | 'task' | 'worker' | 'kind of work', name: string): void {
  if (name.length <= 128 && NAME.test(name)) return;
  throw clusterErrors.error('KEY_INVALID', {
    what: `cannot use "${name.slice(0, 80)}" as the name of a ${kind}`,
    why:
      name.length > 128
        ? `it is ${name.length} characters long, at most 128 fit`
        : 'it holds characters that engines cannot store',
  });
}

export function checkValue(key: string, value: string): void {
  if (value.length <= MAX_VALUE_LENGTH) return;
  throw clusterErrors.error('VALUE_TOO_LARGE', {
    what: `cannot store ${value.length} characters under "${key}"`,
    why: `at most ${MAX_VALUE_LENGTH} fit`,
  });
}
