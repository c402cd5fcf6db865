#!/usr/bin/env node
// Checked in, so that `sabot` is linked before anything is built.
import { existsSync } from 'node:fs';

const program = new URL('../dist/main.js', import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  console.error('sabot: this clone is not built yet. Run `npm run build` in the repository first.');
  process.exitCode = 1;
}
