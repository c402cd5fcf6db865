import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { environmentWithPnpm } from '../bootstrap/install.mjs';
import { filesUnder } from '../workspace/fingerprint.mjs';
import { capture } from '../workspace/process.mjs';
import { productPackages, root } from '../workspace/workspace.mjs';
import { outcomeOf, outcomeOfRun, sumOf } from './outcome.mjs';

const folder = join(root, 'node_modules/.cache/sabot-tarballs');

/** The tarballs of the last `packAll`, absolute paths. */
export function tarballs() {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(folder, name));
}

/** Packs every published package, as the registry would get it. */
export async function packAll() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const filters = productPackages().map(({ name }) => `--filter=${name}`);
  const run = await capture('pnpm', ['--recursive', ...filters, 'pack', '--pack-destination', folder], {
    env: await environmentWithPnpm(),
  });
  if (run.exitCode !== 0) return outcomeOfRun(run, 'pnpm pack');
  const missing = productPackages().length - tarballs().length;
  return outcomeOf(missing === 0 ? [] : [`${missing} packages were not packed`]);
}

/** What publint and «are the types wrong» say of each tarball, in ESM and CommonJS; and that none tells where it was made. */
export async function checkTarballs() {
  const outcomes = productPackages().map(({ folder: name, path }) =>
    outcomeOf(
      filesUnder(join(path, 'dist'))
        .filter((file) => readFileSync(file, 'utf8').includes(root))
        .map((file) => `${name}: ${relative(path, file)} names the folder that it was built in`),
    ),
  );
  for (const tarball of tarballs()) outcomes.push(await checkWithPublint(tarball), await checkTypesOf(tarball));
  return sumOf(outcomes);
}

/** @param {string} tarball */
async function checkWithPublint(tarball) {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    level: 'warning',
    strict: true,
  });
  return outcomeOf(messages.map((message) => `${tarball}: ${formatMessage(message, pkg, { color: false })}`));
}

/** @param {string} tarball */
async function checkTypesOf(tarball) {
  const program = join(root, 'packages/tooling/node_modules/.bin/attw');
  // The resolution of before Node 16 knows no subpaths; nothing that we support uses it.
  return outcomeOfRun(
    await capture(program, [tarball, '--profile', 'node16', '--format', 'ascii', '--no-color']),
    `attw ${tarball}`,
  );
}
