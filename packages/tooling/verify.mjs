// Every check of the repository, as `.ci/run` and people run it: `npm run verify [-- --only layers,budgets]`.
import { parseArgs } from 'node:util';
import { sumOf } from './src/checks/outcome.mjs';
import { runSteps } from './src/checks/schedule.mjs';
import { steps } from './src/checks/steps.mjs';
import { Interruption } from './src/workspace/process.mjs';

const WARNINGS_SHOWN = 10;

try {
  process.exitCode = await verify(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof Interruption ? error.exitCode : 2;
}

/**
 * @param {string[]} args
 * @returns {Promise<number>} exit code
 */
async function verify(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      except: { type: 'string' },
      'clean-clone': { type: 'boolean' },
      list: { type: 'boolean' },
    },
  });
  if (values.list) {
    for (const { name } of steps) console.log(name);
    return 0;
  }
  const chosen = choose({
    only: namesIn(values.only),
    except: namesIn(values.except),
    cleanClone: values['clean-clone'] === true,
  });
  const { passed, failed } = sumOf(await runSteps(chosen, report));
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** @param {{ only: string[], except: string[], cleanClone: boolean }} wanted */
function choose({ only, except, cleanClone }) {
  const unknown = [...only, ...except].filter((name) => !steps.some((step) => step.name === name));
  if (unknown.length > 0)
    throw new RangeError(`no such step: ${unknown.join(', ')}. There are: ${steps.map(({ name }) => name).join(', ')}`);
  if (only.length > 0) return steps.filter(({ name }) => only.includes(name));
  return steps.filter(({ name, onRequest }) => !except.includes(name) && (onRequest !== true || cleanClone));
}

/** @param {string | undefined} list separated by commas */
function namesIn(list) {
  return list?.split(',').filter((name) => name !== '') ?? [];
}

/**
 * @param {import('./src/checks/steps.mjs').Step} step
 * @param {import('./src/checks/outcome.mjs').Outcome} outcome
 * @param {number} seconds
 */
function report({ name }, { passed, failed, problems, warnings = [], notes = [] }, seconds) {
  console.log(
    `${failed === 0 ? 'ok    ' : 'FAILED'} ${name.padEnd(14)} ${passed} passed, ${failed} failed, ${seconds.toFixed(1)} s`,
  );
  for (const note of notes) console.log(`         ${note}`);
  for (const problem of problems) console.log(`         ${problem.replaceAll('\n', '\n         ')}`);
  for (const warning of warnings.slice(0, WARNINGS_SHOWN)) console.log(`    warn ${warning}`);
  if (warnings.length > WARNINGS_SHOWN) console.log(`    warn … and ${warnings.length - WARNINGS_SHOWN} more`);
}
