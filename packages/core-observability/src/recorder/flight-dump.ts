import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errors } from '../errors.js';
import type { MetricSnapshot } from '../metrics/snapshot.js';
import type { Registration } from '../observability.js';
import { writeMetricsRequest } from '../otlp/metrics-json.js';
import { processResource } from '../otlp/resource.js';
import { writeTraceRequest } from '../otlp/trace-json.js';
import { Redaction } from '../redaction/redaction.js';
import { nowMs } from '../tracing/clock.js';
import type { FlightRecorder } from './flight-recorder.js';

/** What a dump is made of: any observability that can be read in this process. */
export interface FlightSource {
  readonly serviceName: string;
  readonly flightRecorder: FlightRecorder;
  collect(): readonly MetricSnapshot[];
  /** What is taken out of the spans; default: what is recognisably secret. */
  readonly redaction?: Redaction;
}

/** Why a dump was made; it stands in the resource as `sabot.flight.reason`. */
export type FlightReason = 'crash' | 'signal' | 'request';

/**
 * Writes the last batch spans and every counter as two OTLP/JSON lines into a new file of `folder`; gives its path.
 * Works synchronously, so that it also works in a process that is about to end.
 * Errors: `SABOT_TELEMETRY_FLIGHT_DUMP`.
 */
export function dumpFlightRecorder(source: FlightSource, folder: string, reason: FlightReason = 'request'): string {
  const { serviceName, flightRecorder, redaction = new Redaction() } = source;
  const resource = processResource(serviceName, { 'sabot.flight.reason': reason });
  const lines = [
    writeTraceRequest(
      resource,
      flightRecorder.spans(nowMs()).map((span) => redaction.span(span)),
    ),
    writeMetricsRequest(resource, source.collect()),
  ];
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('.', '-');
  const path = join(folder, `flight-${time}-${process.pid}-${reason}.jsonl`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.part`, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`, { mode: 0o600 });
    renameSync(`${path}.part`, path);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw errors.error('FLIGHT_DUMP', { what: `cannot write the flight recorder's dump "${path}"`, why, cause });
  }
  return path;
}

/**
 * Dumps when the process crashes (an exception or rejection that nobody handles) and at each `SIGUSR2`, until removed.
 * A crash goes on as it would have; `told` gets the path of each dump, or the error that prevented it.
 */
export function dumpOnCrashAndSignal(
  source: FlightSource,
  folder: string,
  told: (outcome: string | Error) => void,
): Registration {
  const dump = (reason: FlightReason): void => {
    try {
      told(dumpFlightRecorder(source, folder, reason));
    } catch (error) {
      told(error instanceof Error ? error : new TypeError(String(error)));
    }
  };
  const crashed = () => dump('crash');
  const signalled = () => dump('signal');
  process.on('uncaughtExceptionMonitor', crashed);
  process.on('SIGUSR2', signalled);
  return {
    remove: () => {
      process.off('uncaughtExceptionMonitor', crashed);
      process.off('SIGUSR2', signalled);
    },
  };
}
