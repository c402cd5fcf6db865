import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../workspace/process.mjs';
import { productPackages, root } from '../workspace/workspace.mjs';
import { outcomeOf, outcomeOfRun, sumOf } from './outcome.mjs';
import { quickStartsIn } from './quick-start.mjs';
import { tarballs } from './tarballs.mjs';

/** @type {string | undefined} */
let consumerFolder;

/** An empty folder outside the workspace with all tarballs installed by npm, and nothing else. */
async function installTarballs() {
  const folder = mkdtempSync(join(tmpdir(), 'sabot-consumer-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const run = await capture('npm', ['install', '--no-audit', '--no-fund', ...tarballs()], { cwd: folder });
  consumerFolder = folder;
  return { folder, run };
}

/** Somebody who installs what we publish: ESM, CommonJS, the `sabot` program, TypeScript. */
export async function checkInstalledPackages() {
  const { folder, run } = await installTarballs();
  if (run.exitCode !== 0) return outcomeOfRun(run, 'npm install of all tarballs');
  const version = productPackages()[0]?.manifest.version ?? '';
  const sabot = await capture('npx', ['--no-install', 'sabot', '--version'], { cwd: folder });
  return sumOf([
    await runFile(
      folder,
      'import.mjs',
      subpaths().map((name) => `await import('${name}');`),
    ),
    await runFile(
      folder,
      'require.cjs',
      subpaths().map((name) => `require('${name}');`),
    ),
    outcomeOfRun(sabot, 'npx sabot --version'),
    outcomeOf(sabot.stdout.includes(version) ? [] : [`sabot --version says «${sabot.stdout.trim()}», not ${version}`]),
    await compile(folder, 'node16', 'node16'),
    await compile(folder, 'esnext', 'bundler'),
  ]);
}

/** Every quick start of a README: it compiles, and it runs, against the installed packages. */
export async function checkQuickStarts() {
  const folder = consumerFolder ?? (await installTarballs()).folder;
  const outcomes = [];
  for (const { folder: name, path } of productPackages()) {
    const blocks = quickStartsIn(readFileSync(join(path, 'README.md'), 'utf8'));
    if (blocks.length === 0) outcomes.push(outcomeOf([`${name}/README.md has no \`\`\`ts quick start`]));
    for (const [index, block] of blocks.entries())
      outcomes.push(await checkQuickStart(folder, `${name.split('/')[1]}-${index + 1}`, block));
  }
  return sumOf(outcomes);
}

/** @returns {string[]} every import specifier that we publish */
function subpaths() {
  return productPackages().flatMap(({ name, manifest }) =>
    Object.keys(manifest.exports ?? {})
      .filter((subpath) => subpath !== './package.json')
      .map((subpath) => `${name}${subpath.slice(1)}`),
  );
}

/**
 * @param {string} folder
 * @param {string} file
 * @param {readonly string[]} lines
 */
async function runFile(folder, file, lines) {
  writeFileSync(join(folder, file), lines.join('\n'));
  return outcomeOfRun(await capture(process.execPath, ['--trace-warnings', file], { cwd: folder }), file);
}

/**
 * @param {string} folder
 * @param {string} module
 * @param {string} moduleResolution
 */
async function compile(folder, module, moduleResolution) {
  const at = join(folder, moduleResolution);
  mkdirSync(at, { recursive: true });
  for (const extension of moduleResolution === 'bundler' ? ['mts'] : ['mts', 'cts'])
    writeFileSync(
      join(at, `consumer.${extension}`),
      subpaths()
        .map((name, index) => `import * as m${index} from '${name}';\nexport { m${index} };`)
        .join('\n'),
    );
  return outcomeOfRun(
    await compileFolder(at, { module, moduleResolution, noEmit: true }),
    `tsc --moduleResolution ${moduleResolution}`,
  );
}

/**
 * @param {string} at
 * @param {Record<string, unknown>} options
 */
function compileFolder(at, options) {
  const compilerOptions = {
    target: 'es2022',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    ...options,
  };
  writeFileSync(join(at, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.mts', '*.cts'] }));
  return capture(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', at], { cwd: at });
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {string} code
 */
async function checkQuickStart(folder, name, code) {
  const at = join(folder, 'quick-start', name);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'quick-start.mts'), code);
  const compiled = await compileFolder(at, { module: 'node16', moduleResolution: 'node16' });
  if (compiled.exitCode !== 0) return outcomeOfRun(compiled, `the quick start of ${name} does not compile:`);
  return outcomeOfRun(
    await capture(process.execPath, ['quick-start.mjs'], { cwd: at, timeoutMs: 60_000 }),
    `the quick start of ${name}`,
  );
}
