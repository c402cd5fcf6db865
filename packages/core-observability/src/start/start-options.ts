import type { ConfigSources, ResolvedConfig } from '../config/resolve-config.js';
import type { ReadableObservability } from '../create-observability.js';
import type { Loss } from '../export/delivery-ledger.js';
import type { Logger, LoggerOptions } from '../logging/logger.js';
import type { Redaction, RedactionOptions } from '../redaction/redaction.js';
import type { Attributes } from '../tracing/span-record.js';

/** Options of `startObservability`. */
export interface StartOptions {
  /** The configuration; default: what `sources` say. */
  readonly config?: ResolvedConfig;
  /**
   * Where the configuration comes from when `config` is not given; default: the environment and `sabot.json`. What is wrong
   * with it is a problem of telemetry (`onProblem`) and does not stop the program.
   */
  readonly sources?: ConfigSources;
  /** More attributes of the OTLP resource, for example `deployment.environment.name`. */
  readonly resource?: Attributes;
  /** Address of the Prometheus endpoint; default `127.0.0.1`. */
  readonly prometheusHost?: string;
  /** How often metrics go to the store and to push exporters; default 5000 ms. */
  readonly metricIntervalMs?: number;
  /** False: the sampled flag of parents from outside is ignored and the trace id decides by ratio. Default true. */
  readonly trustParentSampling?: boolean;
  /**
   * Telemetry that cannot work (bad configuration, port busy, store not writable, package missing) does not stop a pipeline: it
   * is told here. `throw` makes what is found at the start an error of `startObservability`, but for packages that are optional.
   * Default: one line on standard error.
   */
  readonly onProblem?: 'throw' | ((problem: Error) => void);
  /** What may not leave the process beside what is recognisably secret. */
  readonly redaction?: RedactionOptions;
}

/** What telemetry of this process does right now. */
export interface TelemetryStatus {
  readonly mode: 'app' | 'sabot' | 'off';
  /** Where Prometheus can scrape. */
  readonly prometheusUrl: string | undefined;
  readonly storePath: string | undefined;
  readonly spansMade: number;
  readonly exporters: readonly {
    readonly name: string;
    readonly delivered: { readonly spans: number; readonly points: number };
    /** Waits on disk for a receiver that does not answer. */
    readonly spilled: { readonly spans: number; readonly points: number; readonly logs: number };
    readonly spilledBytes: number;
    /** When the first of it was put on disk, epoch milliseconds; undefined: nothing waits. */
    readonly spilledSinceMs: number | undefined;
    readonly lost: readonly Loss[];
  }[];
  /** What does not work and what to do about it. */
  readonly problems: readonly string[];
}

/** An observability that was started with exporters. */
export interface RunningObservability extends ReadableObservability {
  status(): TelemetryStatus;
  /** What takes secrets out; dumps of the flight recorder use it too. */
  readonly redaction: Redaction;
  /** A logger whose lines carry the active trace; with `telemetry.logs` its entries are also kept and sent. */
  logger(options?: Omit<LoggerOptions, 'sink' | 'redaction'>): Logger;
}
