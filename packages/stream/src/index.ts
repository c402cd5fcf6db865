/** Typed event-time streams: describe with `Stream`, put together with `defineJob`, run with `startJob`. */

export { createLocalCommitRegister } from './checkpoints/local-commit-register.js';
export { streamErrors } from './errors.js';
export { createLocalLog } from './log/local-log.js';
export { createMemoryLog } from './log/memory-log.js';
export type { OpenLog } from './log/open-log.js';
export { keyedProcess } from './operators/keyed-process-types.js';
export { createOperatorStats } from './operators/operator-stats.js';
export { createRowKeys, type RowKeys } from './operators/row-keys.js';
export { defineJob, type Job } from './plan/job.js';
export type { OperatorSpec } from './plan/operator-spec.js';
export type { Clock } from './ports/clock.js';
export type { CommitRecord, CommitRegister } from './ports/commit-register.js';
export type { ExpressionMode } from './ports/expression-mode.js';
export type { JobStatus, LiveJob, OperatorStatus } from './ports/live-job.js';
export type { Log } from './ports/log.js';
export type { Operator, OperatorContext, OperatorOutput, OperatorStats } from './ports/operator.js';
export type { Signal } from './ports/signal.js';
export type { Sink } from './ports/sink.js';
export type { Polled, Source, SourceReader, SplitPosition } from './ports/source.js';
export type { OperatorMeta, TaskDecorator } from './ports/task-decorator.js';
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
export { Stream } from './surface/stream.js';
export type { StreamTime } from './surface/stream-options.js';
export type { KeyedStream, Table } from './surface/stream-types.js';
export { instrumentStream, streamTelemetry } from './telemetry.js';
export { readTimesMs } from './time/event-time.js';
export { systemClock } from './time/system-clock.js';
export { boundedDisorder, monotonic } from './time/watermark-strategy.js';
export {
  count,
  global,
  type HoppingWindow,
  hopping,
  session,
  type TumblingWindow,
  tumbling,
} from './time/window-spec.js';
