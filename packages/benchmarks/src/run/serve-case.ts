import type { Suite } from '../suite/suite.js';
import type { CaseMessage, CaseRequest } from './case-protocol.js';
import { measureCase } from './measure-case.js';

/**
 * Measures what stands on this process's command line and tells the parent; then ends, whatever a contender left open.
 * The whole of a case program: `void serveCase(load)`, with `load` for suites that are not this package's.
 */
export async function serveCase(load?: (name: string) => Promise<Suite>): Promise<void> {
  // The parent wrote it.
  const request = JSON.parse(process.argv[2] ?? '') as CaseRequest;
  await measureCase(request, (message: CaseMessage) => void process.send?.(message), load);
  // Messages are on their way until the channel has taken them.
  process.disconnect?.();
  process.exitCode = 0;
  setTimeout(() => process.exit(0), 1000).unref();
}
