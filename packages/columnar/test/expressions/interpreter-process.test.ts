import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { buildProgram } from '../support/built-program.js';
import { SEEDS } from '../support/seeds.js';

const run = promisify(execFile);

test('a process that may not generate code interprets, with the results of one that may', async () => {
  const program = await buildProgram('interpreter-process');
  const outcome = async (...flags: string[]): Promise<{ mode: string; results: string[] }> => {
    const { stdout } = await run(process.execPath, [...flags, program, `${4 * SEEDS}`], { maxBuffer: 2 ** 28 });
    return JSON.parse(stdout);
  };
  const [compiled, interpreted] = await Promise.all([outcome(), outcome('--disallow-code-generation-from-strings')]);
  expect(compiled.mode).toBe('compiled');
  expect(interpreted.mode).toBe('interpreted');
  expect(interpreted.results).toEqual(compiled.results);
}, 60_000);
