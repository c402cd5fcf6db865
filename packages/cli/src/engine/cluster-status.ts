import type { EngineFolderStatus, TaskStatus } from '@sabot/cluster';
import type { CliIo } from '../command/io.js';
import { relativeTime } from '../output/quantities.js';
import { type Style, styleFor } from '../output/style.js';
import { renderTable } from '../output/table.js';
import { readEngine } from './engine-folder.js';

export interface EngineOptions {
  readonly engineDir: string;
  readonly format: 'table' | 'json';
}

/** Nodes, jobs, tasks and one-off work of an embedded engine. */
export async function clusterStatus(options: EngineOptions, io: CliIo): Promise<void> {
  const status = await readEngine(options.engineDir, io);
  if (options.format === 'json') {
    const { snapshots: _, openedBy, leader, ...rest } = status;
    io.out(`${JSON.stringify({ openedBy: openedBy ?? null, leader: leader ?? null, ...rest }, null, 2)}\n`);
    return;
  }
  const style = styleFor(io);
  io.out(headline(status));
  const nowMs = io.now();
  section('Nodes', nodesTable(status, nowMs, style), io, style);
  section('Jobs', jobsTable(status, nowMs, style), io, style);
  section('Tasks', tasksTable(status.tasks, nowMs, style), io, style);
  if (status.work.length > 0) section('Work', workTable(status, nowMs, style), io, style);
}

function headline({ directory, generation, openedBy }: EngineFolderStatus): string {
  const opened = openedBy === undefined ? 'no process has it open' : `open in process ${openedBy.pid}`;
  return `${directory}: ${opened}, generation ${generation}\n`;
}

function section(title: string, table: string | undefined, io: CliIo, style: Style): void {
  io.out(`\n${style.bold(title)}\n${table ?? `none\n`}`);
}

function nodesTable({ nodes }: EngineFolderStatus, nowMs: number, style: Style): string | undefined {
  if (nodes.length === 0) return undefined;
  const columns = [
    { title: 'worker' },
    { title: 'state' },
    { title: 'tasks' },
    { title: 'pid' },
    { title: 'started' },
    { title: 'last heartbeat' },
  ];
  const rows = nodes.map((node) => [
    node.leader ? `${node.worker} (leader)` : node.worker,
    node.state,
    `${node.tasks} of ${node.capacity}`,
    String(node.pid),
    relativeTime(node.startedAtMs, nowMs),
    relativeTime(node.beatAtMs, nowMs),
  ]);
  return renderTable(columns, rows, style);
}

function jobsTable({ jobs }: EngineFolderStatus, nowMs: number, style: Style): string | undefined {
  if (jobs.length === 0) return undefined;
  const columns = [
    { title: 'job' },
    { title: 'state' },
    { title: 'finished' },
    { title: 'placement' },
    { title: 'submitted' },
    { title: 'failure' },
  ];
  const rows = jobs.map(({ failure, finished, job, state, strategy, submittedAtMs, tasks }) => [
    job,
    state === 'failed' ? style.bad(state) : state,
    `${finished} of ${tasks}`,
    strategy,
    relativeTime(submittedAtMs, nowMs),
    failure === undefined ? '' : `${failure.what}: ${failure.why} [${failure.code}]`,
  ]);
  return renderTable(columns, rows, style);
}

function tasksTable(tasks: readonly TaskStatus[], nowMs: number, style: Style): string | undefined {
  if (tasks.length === 0) return undefined;
  const columns = [
    { title: 'task' },
    { title: 'state' },
    { title: 'worker' },
    { title: 'epoch', align: 'right' as const },
    { title: 'last commit' },
    { title: 'failures', align: 'right' as const },
  ];
  const rows = tasks.map(({ committed, failures, job, state, task, worker }) => [
    `${job}/${task}`,
    state === 'failed' ? style.bad(state) : state,
    worker ?? '',
    committed === undefined ? '' : String(committed.epoch),
    committed === undefined ? 'never' : relativeTime(committed.atMs, nowMs),
    String(failures),
  ]);
  return renderTable(columns, rows, style);
}

function workTable({ work }: EngineFolderStatus, nowMs: number, style: Style): string {
  const columns = [
    { title: 'work' },
    { title: 'kind' },
    { title: 'state' },
    { title: 'worker' },
    { title: 'try', align: 'right' as const },
    { title: 'handed in' },
  ];
  const rows = work.map(({ attempt, id, kind, state, submittedAtMs, worker }) => [
    id,
    kind,
    state,
    worker ?? '',
    String(attempt),
    relativeTime(submittedAtMs, nowMs),
  ]);
  return renderTable(columns, rows, style);
}
