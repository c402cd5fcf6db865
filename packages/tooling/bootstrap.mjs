// The commands of the README and of CONTRIBUTING: `npm run demo | test | build | verify | docs | new-package`. Needs Node and npm, nothing else.
// This file must parse on old versions of Node, so that they get a sentence and not a stack.
import { readFileSync } from 'node:fs';
import process from 'node:process';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
const wanted = manifest.engines.node.replace('>=', '');

if (isOlder(process.versions.node, wanted)) {
  console.error(
    `Sabot needs Node.js ${wanted} or later; this is ${process.versions.node}. Install a newer one from https://nodejs.org and try again.`,
  );
  process.exitCode = 1;
} else {
  import('./src/bootstrap/commands.mjs')
    .then(({ runCommand }) => runCommand(process.argv[2], process.argv.slice(3)))
    .then((exitCode) => {
      process.exitCode = exitCode;
    });
}

/**
 * @param {string} actual
 * @param {string} minimum
 */
function isOlder(actual, minimum) {
  const [major = 0, minor = 0] = actual.split('.').map(Number);
  const [minimumMajor = 0, minimumMinor = 0] = minimum.split('.').map(Number);
  return major < minimumMajor || (major === minimumMajor && minor < minimumMinor);
}
