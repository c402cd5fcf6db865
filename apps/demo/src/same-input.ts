import type { Engine } from '@sabot/cluster';
import type { SplitPosition } from '@sabot/stream/ports';
import { isArrivalPosition } from './arrival/as-departed.js';
import type { DemoInput } from './data-files.js';
import { demoErrors } from './errors.js';
import { jobName, operatorIds } from './job-names.js';

/**
 * Makes sure that an earlier run in this folder, finished or not, had the same flights in the same order: the results of
 * two inputs would be mixed, or those of the former shown as those of the latter.
 *
 * Errors: `SABOT_DEMO_OTHER_INPUT`, naming both files.
 */
export async function assertSameInput(engine: Engine, input: DemoInput): Promise<void> {
  const committed = await engine.register(jobName, 'main').read();
  for (const [path, position] of Object.entries(committed?.record.positions[operatorIds.flights] ?? {})) {
    const { flights, asDeparted } = input;
    if (path === flights.path && isOf(position, input)) continue;
    const before = describe(path, position['fileRows'], position['fileBytes'], isArrivalPosition(position));
    throw demoErrors.error('OTHER_INPUT', {
      what: `cannot go on with ${describe(flights.path, flights.fileRows, flights.fileBytes, asDeparted)}`,
      why: `what is here was computed from ${before}`,
    });
  }
}

function isOf(position: SplitPosition, { flights, asDeparted }: DemoInput): boolean {
  return (
    position['fileRows'] === flights.fileRows &&
    position['fileBytes'] === flights.fileBytes &&
    position['footerCrc32'] === flights.footerCrc32 &&
    isArrivalPosition(position) === asDeparted
  );
}

function describe(path: string, rows: unknown, bytes: unknown, asDeparted: boolean): string {
  return `"${path}" (${rows} flights in ${bytes} bytes, ${asDeparted ? 'as they took off' : 'as scheduled'})`;
}
