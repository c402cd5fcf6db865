import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { batchFromRows, defineSchema, int32 } from '@sabot/columnar';
import { build } from 'tsup';
import { expect, it } from 'vitest';
import { parquetBytes } from '../../src/testing/parquet-bytes.js';
import { useFolder } from '../source/written-files.js';

const folder = useFolder();

const program = `
  const [split] = await source.splits();
  const reader = await source.read(split, undefined, { columns: undefined, batchRows: 2 });
  const polled = await reader.poll(new AbortController().signal);
  await reader.close();
  console.log(polled.kind, polled.batch.numRows, polled.position.row);
`;

// The decoder thread is started from the text of its functions: what a build makes of them has to run on its own.
it('decodes when built as ESM and as CommonJS', { timeout: 60_000 }, async () => {
  const schema = defineSchema({ x: int32() });
  const path = folder.path('x.parquet');
  await writeFile(path, parquetBytes([batchFromRows(schema, [{ x: 1 }, { x: 2 }, { x: 3 }])]));
  const outDir = fileURLToPath(new URL('../../node_modules/.built-decoder', import.meta.url));
  await build({
    entry: { index: fileURLToPath(new URL('../../src/index.ts', import.meta.url)) },
    outDir,
    config: false,
    format: ['esm', 'cjs'],
    target: 'node20.19',
    splitting: true,
    shims: true,
    outExtension: ({ format }) => ({ js: format === 'esm' ? '.mjs' : '.cjs' }),
    noExternal: [/^@sabot\//],
    external: ['parquet-wasm'],
    silent: true,
    esbuildOptions(options) {
      options.conditions = ['@sabot/source'];
    },
  });
  const given = JSON.stringify(path);
  const opened = `const source = parquetSource(${given}, { schema: await readParquetSchema(${given}) });`;
  const esm = `import { parquetSource, readParquetSchema } from ${JSON.stringify(join(outDir, 'index.mjs'))}; ${opened} ${program}`;
  const cjs = `const { parquetSource, readParquetSchema } = require(${JSON.stringify(join(outDir, 'index.cjs'))}); (async () => { ${opened} ${program} })();`;
  const run = promisify(execFile);
  const outputs = [
    await run(process.execPath, ['--input-type=module', '-e', esm]),
    await run(process.execPath, ['--input-type=commonjs', '-e', cjs]),
  ];
  expect(outputs.map(({ stdout, stderr }) => stdout + stderr)).toEqual(['batch 2 2\n', 'batch 2 2\n']);
});
