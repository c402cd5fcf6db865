import { OPERATIONS } from '../lowering/operations.js';
import type { Program } from '../lowering/program.js';
import { OUT } from '../runtime/wide-math.js';
import { generateCode } from './generate-code.js';
import type { RunLoop } from './run-loop.js';

type Factory = (
  operations: Readonly<Record<string, unknown>>,
  OUT: Float64Array,
  constants: readonly unknown[],
  fail: (error: number) => never,
  NOTHING: Uint8Array,
) => RunLoop;

const MAX_CACHED = 500;
const cache = new Map<string, Factory>();
const functions: Readonly<Record<string, unknown>> = Object.fromEntries(
  Object.entries(OPERATIONS).map(([name, operation]) => [name, operation.run]),
);
let allowed: boolean | undefined;

/** Whether JavaScript may generate code here; asked once. */
export function canGenerateCode(): boolean {
  if (allowed === undefined) {
    try {
      allowed = new Function('return true')() === true;
    } catch {
      allowed = false;
    }
  }
  return allowed;
}

/** The program as a compiled loop; equal code is compiled once. */
export function compiled(program: Program): RunLoop {
  const code = generateCode(program);
  let factory = cache.get(code);
  if (factory === undefined) {
    factory = new Function('operations', 'OUT', 'constants', 'fail', 'NOTHING', code) as Factory;
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value as string);
    cache.set(code, factory);
  }
  const constants = program.registers.map((kind) => (kind.kind === 'object' ? kind.value : null));
  const fail = (error: number): never => {
    throw (program.failures[error] as () => Error)();
  };
  return factory(functions, OUT, constants, fail, new Uint8Array(0));
}
