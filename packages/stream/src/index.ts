/** Typed event-time streams: describe with `Stream`, put together with `defineJob`, run with `startJob`. */

export { createLocalCommitRegister } from './checkpoints/local-commit-register.js';
export { streamErrors } from './errors.js';
export { createLocalLog } from './log/local-log.js';
export { createMemoryLog } from './log/memory-log.js';
export { keyedProcess } from './operators/keyed-process-types.js';
export { createOperatorStats } from './operators/operator-stats.js';
export { createRowKeys, type RowKeys } from './operators/row-keys.js';
export { defineJob, type Job } from './plan/job.js';
export type { OperatorSpec } from './plan/operator-spec.js';
export type { Clock } from './ports/clock.js';
export type { CommitRegister } from './ports/commit-register.js';
export type { Operator, OperatorContext, OperatorOutput } from './ports/operator.js';
export type { Sink } from './ports/sink.js';
export type { Source } from './ports/source.js';
export type { TaskDecorator } from './ports/task-decorator.js';
export type { RunningJob } from './runtime/job-run.js';
export { performanceOptions } from './runtime/performance-options.js';
export { startJob } from './runtime/start-job.js';
export type { JobResult, StartJobOptions } from './runtime/task-options.js';
export { jobModule } from './runtime/threads/job-module.js';
export { arrowFileSink } from './sinks/arrow-file-sink.js';
export { collectSink, consoleSink, forEachSink } from './sinks/memory-sinks.js';
export { ndjsonFileSink } from './sinks/ndjson-file-sink.js';
export { type CsvSourceOptions, csvSource } from './sources/csv-source.js';
export { iterableSource, rowsSource } from './sources/iterable-source.js';
export { memorySource } from './sources/memory-source.js';
export { type SourceStream, Stream } from './surface/stream.js';
export type { BoundColumns, Flat, Ranked, Replaced, StreamTime } from './surface/stream-options.js';
// Every type that a method of a stream gives has a name here: else no function of the user could return one in a declaration.
export type {
  AppliedStream,
  CheckedStream,
  KeyedStream,
  Stream as DescribedStream,
  Table,
  VersionedTable,
  WindowedStream,
  WindowResults,
  WindowTable,
} from './surface/stream-types.js';
export { instrumentStream, streamTelemetry } from './telemetry.js';
export { readTimesMs } from './time/event-time.js';
export { systemClock } from './time/system-clock.js';
export { boundedDisorder, monotonic } from './time/watermark-strategy.js';
export { hopping, session, tumbling } from './time/window-spec.js';
