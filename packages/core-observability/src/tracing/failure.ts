import { inspect } from 'node:util';
import { isSabotError } from '../errors/sabot-error.js';
import type { Attributes } from './span-record.js';

/** What is known about a thrown value, in the names of the semantic conventions. */
export interface FailureFacts {
  /** `error.type`: the code of a coded error, else the class name. */
  readonly type: string;
  readonly message: string;
  /** The attributes of the `exception` event. */
  readonly event: Attributes;
}

/** Longer stacks say no more and would fill the exporters' queues. */
const MAX_STACK_LENGTH = 8192;

/**
 * Reads a thrown value once, for spans, logs and the flight recorder alike.
 * Source: OpenTelemetry semantic conventions, "Exceptions on spans".
 */
export function describeFailure(error: unknown): FailureFacts {
  if (!(error instanceof Error)) {
    const message = typeof error === 'string' ? error : inspect(error, { depth: 1 });
    return { type: typeof error, message, event: { 'exception.type': typeof error, 'exception.message': message } };
  }
  const code: unknown = isSabotError(error) ? error.code : (error as { code?: unknown }).code;
  const className = error.name === '' ? 'Error' : error.name;
  const type = typeof code === 'string' && code !== '' ? code : className;
  return {
    type,
    message: error.message,
    event: {
      'exception.type': className,
      'exception.message': error.message,
      'exception.stacktrace': stackOf(error),
      ...(isSabotError(error) ? factsOf(error.facts) : {}),
    },
  };
}

function stackOf(error: Error): string {
  const own = error.stack ?? `${error.name}: ${error.message}`;
  const cause = error.cause instanceof Error ? `\nCaused by: ${error.cause.stack ?? error.cause.message}` : '';
  const whole = own + cause;
  return whole.length > MAX_STACK_LENGTH ? `${whole.slice(0, MAX_STACK_LENGTH)}…` : whole;
}

function factsOf(facts: Attributes): Attributes {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`sabot.error.${name}`, value]));
}
