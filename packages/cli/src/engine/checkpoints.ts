import type { CliIo } from '../command/io.js';
import { relativeTime } from '../output/quantities.js';
import { styleFor } from '../output/style.js';
import { renderTable } from '../output/table.js';
import type { EngineOptions } from './cluster-status.js';
import { readEngine } from './engine-folder.js';

/** The last commit of every task. */
export async function checkpoints(options: EngineOptions, io: CliIo): Promise<void> {
  const { snapshots, tasks } = await readEngine(options.engineDir, io);
  const committed = tasks.map(({ committed: commit, job, task }) => ({ job, task, commit: commit ?? null }));
  if (options.format === 'json') {
    io.out(`${JSON.stringify({ tasks: committed, snapshots }, null, 2)}\n`);
    return;
  }
  if (committed.length === 0) {
    io.err('No checkpoints: no job was submitted to this engine.\n');
    return;
  }
  const columns = [
    { title: 'task' },
    { title: 'epoch', align: 'right' as const },
    { title: 'committed' },
    { title: 'by' },
    { title: 'state' },
  ];
  const rows = committed.map(({ commit, job, task }) => [
    `${job}/${task}`,
    commit === null ? '' : String(commit.epoch),
    commit === null ? 'never' : relativeTime(commit.atMs, io.now()),
    commit?.owner ?? '',
    commit === null ? '' : commit.finished ? 'finished' : 'can go on',
  ]);
  io.out(renderTable(columns, rows, styleFor(io)));
  io.out(`\n${snapshots.length} snapshot${snapshots.length === 1 ? '' : 's'} kept\n`);
}
