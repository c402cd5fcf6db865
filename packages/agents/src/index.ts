/** Supervised agents that watch streams, remember per key and act. */
export type {
  AgentBatchContext,
  AgentContext,
  AgentLifeContext,
  AgentStopContext,
  BatchHandler,
  RowHandler,
} from './agent/agent-context.js';
export { type AttachAgentOptions, type AttachedAgent, attachAgent } from './agent/attach-agent.js';
export { type Agent, type AgentOptions, defineAgent, type FailurePolicy } from './agent/define-agent.js';
export { agentsErrors } from './errors.js';
export type { DeadLetterFields } from './runtime/dead-letters.js';
export { type RunningDeviation, runningDeviation } from './state/running-deviation.js';
export type { AgentHealth, AgentLifecycle, AgentStats, LifecycleEvent } from './status/agent-stats.js';
export { type AgentStatus, agentStatuses } from './status/agent-status.js';
export type { BackoffOptions, SupervisionOptions } from './supervision/restart-policy.js';
export { agentsTelemetry, instrumentAgents } from './telemetry.js';
