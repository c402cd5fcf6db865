import { loadavg } from 'node:os';
import type { BenchmarkCase, Contender, OpenContender, Suite } from '../suite/suite.js';
import { loadSuite } from '../suites.js';
import type { CaseMessage, CaseRequest } from './case-protocol.js';

interface Entrant {
  readonly contender: Contender;
  readonly open: OpenContender;
}

/** Measures some contenders of a case in this process, samples in turns, and tells everything that happens. */
export async function measureCase(
  request: CaseRequest,
  tell: (message: CaseMessage) => void,
  load: (name: string) => Promise<Suite> = loadSuite,
): Promise<void> {
  const found = (await load(request.suite)).cases.find(({ name }) => name === request.name);
  if (found === undefined) throw new RangeError(`suite ${request.suite} has no case ${request.name}`);
  const entrants = await openAll(found, request.contenders, tell);
  for (let round = -(found.warmups ?? 1); round < request.iterations; round++) {
    for (const [position, { contender, open }] of [...entrants].entries()) {
      try {
        const sample = await open.sample();
        if (round >= 0) {
          tell({ kind: 'sample', contender: contender.name, sample, loadAverage: loadavg()[0] ?? 0 });
        }
      } catch (error) {
        tell({ kind: 'failed', contender: contender.name, reason: reasonOf(error) });
        entrants.splice(position, 1);
      }
    }
  }
  for (const { open } of entrants) await open.close?.();
}

async function openAll(
  found: BenchmarkCase,
  names: readonly string[],
  tell: (message: CaseMessage) => void,
): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  for (const contender of found.contenders) {
    if (!names.includes(contender.name)) continue;
    try {
      entrants.push({ contender, open: await contender.open() });
    } catch (error) {
      tell(
        isMissing(error, contender.requires)
          ? { kind: 'not-installed', contender: contender.name }
          : { kind: 'failed', contender: contender.name, reason: reasonOf(error) },
      );
    }
  }
  return entrants;
}

/** Whether an import failed because this very package is not there; another one missing is a failure. */
function isMissing(error: unknown, requires: string | undefined): boolean {
  const { code, message = '' } = error as NodeJS.ErrnoException;
  const notFound = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
  return notFound && requires !== undefined && message.includes(`'${requires}'`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
