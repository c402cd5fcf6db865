import type { Engine } from '@sabot/cluster';
import { jobName, operatorIds, sinkIds } from './job-names.js';

/** What the job's last commit covers, earlier runs included. */
export interface Committed {
  readonly rows: number;
  readonly windows: number;
  readonly alerts: number;
}

/** Reads the job's commit record: the only place that says what counts. */
export async function readCommitted(engine: Engine): Promise<Committed> {
  const committed = await engine.register(jobName, 'main').read();
  const splits = Object.values(committed?.record.positions[operatorIds.flights] ?? {});
  const rowsOf = (sink: string) => Number(committed?.record.sinks[sink]?.['rows'] ?? 0);
  return {
    rows: splits.reduce((sum, position) => sum + Number(position['row'] ?? 0), 0),
    windows: rowsOf(sinkIds.hours),
    alerts: rowsOf(sinkIds.alerts),
  };
}
