import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import ts from 'typescript';
import { filesUnder } from '../workspace/fingerprint.mjs';
import { root, workspacePackages } from '../workspace/workspace.mjs';
import { outcomeOf, sumOf } from './outcome.mjs';

/** The aim is a warning, the limit an error. The numbers and their reason: docs/adr/004-budgets-are-checks.md. */
const FILE_LINES = { aim: 300, limit: 400 };
const FUNCTION_LINES = { aim: 40, limit: 60 };
const EXPORTED_NAMES = 60;

const FORBIDDEN_NAMES = /^(utils?|helpers?|common|misc)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/;
const BARE_ERROR = 'Error';
const TEST_BLOCKS = ['describe', 'it', 'test', 'bench', 'beforeAll', 'beforeEach', 'afterAll', 'afterEach'];

/**
 * @typedef {{ path: string, source: ts.SourceFile, isTest: boolean, isProduct: boolean }} File `path` is relative to the workspace's root
 * @typedef {{ problems: string[], warnings: string[] }} Findings
 */

/**
 * Sizes and names of every source and test file.
 *
 * @param {string} [at] the workspace's root
 */
export function checkBudgets(at = root) {
  return sumOf(sourceFiles(at).map((path) => checkFile(at, path)));
}

/** @param {string} at */
function sourceFiles(at) {
  return workspacePackages(at)
    .flatMap(({ path }) => ['src', 'test', 'bench', 'bin'].flatMap((name) => filesUnder(join(path, name))))
    .filter((path) => /\.(ts|mjs|js)$/.test(path) && !/[\\/](fixtures|template)[\\/]/.test(path));
}

/**
 * @param {string} at
 * @param {string} absolutePath
 */
function checkFile(at, absolutePath) {
  const path = relative(at, absolutePath).replaceAll('\\', '/');
  const source = ts.createSourceFile(path, readFileSync(absolutePath, 'utf8'), ts.ScriptTarget.Latest, true);
  const file = {
    path,
    source,
    isTest: /\/(test|bench)\//.test(path),
    isProduct: !path.startsWith('packages/tooling/') && path.includes('/src/'),
  };
  /** @type {Findings} */
  const findings = { problems: [], warnings: [] };
  checkNames(file, findings);
  weigh(findings, linesOf(source), FILE_LINES, `${path}:1 has`);
  visit(source, (node) => checkNode(file, node, findings));
  if (basename(path) === 'index.ts') checkIndex(file, findings);
  return outcomeOf(findings.problems, findings.warnings);
}

/**
 * @param {File} file
 * @param {Findings} findings
 */
function checkNames({ path }, { problems }) {
  for (const part of path.split('/')) {
    if (FORBIDDEN_NAMES.test(part.split('.')[0] ?? ''))
      problems.push(`${path}: «${part}» says nothing; name the concept`);
    if (!KEBAB_CASE.test(part)) problems.push(`${path}: «${part}» is not kebab-case`);
  }
}

/**
 * @param {File} file
 * @param {ts.Node} node
 * @param {Findings} findings
 */
function checkNode({ path, source, isTest, isProduct }, node, findings) {
  const at = () => `${path}:${lineOf(source, node.getStart()) + 1}`;
  if (node.kind === ts.SyntaxKind.AnyKeyword && path.endsWith('.ts')) findings.problems.push(`${at()} any`);
  if (isProduct && throwsBareError(node))
    findings.problems.push(`${at()} throws a bare error; use a coded one from errors.ts`);
  if (isFunctionWithBody(node) && !(isTest && isTestBlock(node)))
    weigh(
      findings,
      lineOf(source, node.end) - lineOf(source, node.getStart()) + 1,
      FUNCTION_LINES,
      `${at()} ${nameOf(node)} has`,
    );
}

/**
 * @param {File} file
 * @param {Findings} findings
 */
function checkIndex({ path, source }, { problems }) {
  let names = 0;
  for (const statement of source.statements) {
    if (ts.isExportDeclaration(statement)) {
      if (statement.exportClause === undefined)
        problems.push(`${path}:${lineOf(source, statement.getStart()) + 1} export *`);
      else if (ts.isNamedExports(statement.exportClause)) names += statement.exportClause.elements.length;
      else names += 1;
    } else if (
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    )
      names += 1;
  }
  if (names > EXPORTED_NAMES) problems.push(`${path} exports ${names} names; at most ${EXPORTED_NAMES}`);
}

/**
 * @param {Findings} findings
 * @param {number} lines
 * @param {{ aim: number, limit: number }} budget
 * @param {string} what
 */
function weigh({ problems, warnings }, lines, { aim, limit }, what) {
  if (lines > limit) problems.push(`${what} ${lines} lines; at most ${limit}`);
  else if (lines > aim) warnings.push(`${what} ${lines} lines; the aim is ${aim}`);
}

/** @param {ts.Node} node */
function throwsBareError(node) {
  if (!ts.isThrowStatement(node) || !ts.isNewExpression(node.expression)) return false;
  const thrown = node.expression.expression;
  return ts.isIdentifier(thrown) && thrown.text === BARE_ERROR;
}

/**
 * @param {ts.Node} node
 * @returns {node is ts.FunctionLikeDeclaration}
 */
function isFunctionWithBody(node) {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

/** The function given to `describe`, `it` and their like. @param {ts.Node} node */
function isTestBlock(node) {
  if (!ts.isCallExpression(node.parent)) return false;
  const called = node.parent.expression.getText();
  return TEST_BLOCKS.some((name) => called === name || called.startsWith(`${name}.`) || called.startsWith(`${name}(`));
}

/** @param {ts.FunctionLikeDeclaration} node */
function nameOf(node) {
  return node.name?.getText() ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : 'a function');
}

/**
 * @param {ts.Node} node
 * @param {(node: ts.Node) => void} see
 */
function visit(node, see) {
  see(node);
  node.forEachChild((child) => visit(child, see));
}

/**
 * @param {ts.SourceFile} source
 * @param {number} position
 */
function lineOf(source, position) {
  return source.getLineAndCharacterOfPosition(position).line;
}

/** @param {ts.SourceFile} source */
function linesOf(source) {
  const lines = lineOf(source, source.end);
  return source.text.endsWith('\n') ? lines : lines + 1;
}
