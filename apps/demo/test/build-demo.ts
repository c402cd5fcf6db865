import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Builds the JavaScript that the tests run as a process: once, before any of them. */
export function setup(): void {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  execFileSync(process.execPath, ['packages/tooling/build-js.mjs'], { cwd: root, stdio: 'pipe' });
}
