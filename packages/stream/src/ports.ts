/** The ports of the runtime, for whoever implements one: types alone, beside those of the main entry. */
export type { OpenLog } from './log/open-log.js';
export type { ErrorPolicy } from './operators/failures/failed-rows.js';
export type { RowDraft } from './operators/rows/row-draft.js';
export type { CommitRecord, CommitRegister, CommittedRecord } from './ports/commit-register.js';
export type { ExpressionMode } from './ports/expression-mode.js';
export type { JobStatus, LiveJob, OperatorStatus } from './ports/live-job.js';
export type { Log, LogAppend, LogMessage } from './ports/log.js';
export type { ClockCall, Operator, OperatorContext, OperatorOutput, OperatorStats } from './ports/operator.js';
export type { Barrier, End, Idle, Signal, StreamElement, TracedBatch, Watermark } from './ports/signal.js';
export type { PreparedCommit, Sink, SinkContext, SinkWriter } from './ports/sink.js';
export type {
  Polled,
  PolledBatch,
  ScanRequest,
  Source,
  SourceReader,
  SourceSplit,
  SplitPosition,
} from './ports/source.js';
export type {
  BatchScope,
  ChainMeta,
  CheckpointFacts,
  CheckpointScope,
  OperatorMeta,
  TaskDecorator,
} from './ports/task-decorator.js';
export type { HoldCause, WatermarkExplanation, WatermarkHold } from './ports/watermark-explanation.js';
export type { JobResult } from './runtime/task-options.js';
export type { JobModule, JobSetup } from './runtime/threads/job-module.js';
export type { WatermarkGenerator, WatermarkStrategy } from './time/watermark-strategy.js';
export type { HoppingWindow, TumblingWindow } from './time/window-spec.js';
