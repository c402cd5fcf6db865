import { expect, it } from 'vitest';
import { checkBudgets } from '../src/checks/budgets.mjs';
import { workspaceOf } from './workspace-fixture.mjs';

const lines = (/** @type {number} */ count) => 'export {};\n'.repeat(count);
const functionOf = (/** @type {number} */ count) => `export function long() {\n${'  void 0;\n'.repeat(count - 2)}}\n`;

/**
 * What the check says of one file.
 *
 * @param {string} path below a package
 * @param {string} text
 */
function budgetsOf(path, text) {
  const { problems, warnings } = checkBudgets(workspaceOf({ [`packages/stream/${path}`]: text }));
  return { problems, warnings };
}

it('refuses a file of 401 lines, warns of 301, and takes 300', () => {
  expect(budgetsOf('src/a.ts', lines(401)).problems).toEqual(['packages/stream/src/a.ts:1 has 401 lines; at most 400']);
  expect(budgetsOf('src/a.ts', lines(301)).warnings).toEqual([
    'packages/stream/src/a.ts:1 has 301 lines; the aim is 300',
  ]);
  expect(budgetsOf('src/a.ts', lines(300))).toEqual({ problems: [], warnings: [] });
});

it('refuses a function of 61 lines, warns of 41, and takes 40', () => {
  expect(budgetsOf('src/a.ts', functionOf(61)).problems).toEqual([
    'packages/stream/src/a.ts:1 long has 61 lines; at most 60',
  ]);
  expect(budgetsOf('src/a.ts', functionOf(41)).warnings).toEqual([
    'packages/stream/src/a.ts:1 long has 41 lines; the aim is 40',
  ]);
  expect(budgetsOf('src/a.ts', functionOf(40))).toEqual({ problems: [], warnings: [] });
});

it('does not count the block of a test as a function', () => {
  const block = `describe('x', () => {\n${'  void 0;\n'.repeat(70)}});\nit.each([1])('y', () => {\n${'  void 0;\n'.repeat(70)}});\n`;
  expect(budgetsOf('test/a.test.ts', block).problems).toEqual([]);
  expect(budgetsOf('src/a.ts', block).problems).toHaveLength(2);
});

it('refuses an index of 61 names and one with export *', () => {
  const names = Array.from({ length: 61 }, (_, index) => `n${index}`).join(', ');
  expect(budgetsOf('src/index.ts', `export { ${names} } from './a.js';\n`).problems).toEqual([
    'packages/stream/src/index.ts exports 61 names; at most 60',
  ]);
  expect(budgetsOf('src/index.ts', "export * from './a.js';\n").problems).toEqual([
    'packages/stream/src/index.ts:1 export *',
  ]);
});

it('refuses any, in sources and in tests', () => {
  expect(budgetsOf('src/a.ts', 'export const a = 1 as any;\n').problems).toEqual(['packages/stream/src/a.ts:1 any']);
  expect(budgetsOf('test/a.test.ts', '\nconst a: any[] = [];\n').problems).toEqual([
    'packages/stream/test/a.test.ts:2 any',
  ]);
});

it('refuses a bare error in a source and takes it in a test', () => {
  const text = "throw new Error('no');\n";
  expect(budgetsOf('src/a.ts', text).problems).toEqual([
    'packages/stream/src/a.ts:1 throws a bare error; use a coded one from errors.ts',
  ]);
  expect(budgetsOf('test/a.test.ts', text).problems).toEqual([]);
});

it('refuses names that say nothing and names that are not kebab-case', () => {
  expect(budgetsOf('src/utils/a.ts', lines(1)).problems).toEqual([
    'packages/stream/src/utils/a.ts: «utils» says nothing; name the concept',
  ]);
  expect(budgetsOf('src/hashJoin.ts', lines(1)).problems).toEqual([
    'packages/stream/src/hashJoin.ts: «hashJoin.ts» is not kebab-case',
  ]);
});
