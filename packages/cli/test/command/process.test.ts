import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'tsup';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordBatches, startRecording } from '../recorded-run.js';

let folder: string;

interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly imports: readonly { readonly path: string; readonly kind: string }[];
        readonly inputs: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

beforeAll(async () => {
  const root = join(import.meta.dirname, '..', '..');
  // Inside the package, so that what is not bundled is found; not in the repository's view.
  folder = await mkdtemp(join(root, 'node_modules', '.sabot-bin-'));
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
  await build({
    config: false,
    entry: { main: join(root, 'src', 'main.ts') },
    format: ['esm'],
    outDir: join(folder, 'dist'),
    platform: 'node',
    target: 'node20',
    silent: true,
    metafile: true,
    noExternal: [/^@sabot\/core-observability/],
    external: ['commander', '@sabot/cluster', '@sabot/benchmarks', /^@opentelemetry/],
    esbuildOptions(options) {
      options.conditions = ['@sabot/source'];
    },
  });
  const observability = await startRecording(folder);
  for (let i = 0; i < 200; i++) await recordBatches(observability);
  await observability.shutdown();
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the sabot process', () => {
  it('loads nothing but the command tree for --version', async () => {
    const { outputs } = JSON.parse(await readFile(join(folder, 'dist', 'metafile-esm.json'), 'utf8')) as Metafile;
    const byName = Object.fromEntries(
      Object.entries(outputs).map(([path, output]) => [path.split('/').at(-1) ?? '', output]),
    );
    const loaded = new Set<string>();
    const load = (name: string): void => {
      const output = byName[name];
      if (output === undefined || loaded.has(name)) return;
      loaded.add(name);
      for (const { kind, path } of output.imports) if (kind !== 'dynamic-import') load(path.split('/').at(-1) ?? '');
    };
    load('main.js');
    const inputs = [...loaded]
      .flatMap((name) => Object.keys(byName[name]?.inputs ?? {}))
      .map((path) => path.replace(/^.*\/(packages|node_modules)\//, ''));
    expect(inputs).toContainEqual(expect.stringContaining('cli/src/command/program.ts'));
    const foreign = inputs.filter((path) => !/cli\/src\/|core-observability\/src\/errors\/|commander\//.test(path));
    expect(foreign).toEqual([]);
  });

  it('exits with the code and puts failures on standard error', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, err: '' });
    expect(await run(['telemetry', 'traces', '--limt'])).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringContaining('Did you mean --limit?'),
    });
  });

  it('ends quietly when its reader goes away', async () => {
    const ended = await run(['telemetry', 'traces', '--format', 'json', '--limit', '600'], (child) =>
      child.stdout.destroy(),
    );
    expect(ended).toMatchObject({ code: 0, err: '' });
  });

  it('ends --follow on Ctrl-C with exit code 0', async () => {
    const ended = await run(['telemetry', 'traces', '--follow', '--limit', '3'], (child) => child.kill('SIGINT'));
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out.trimEnd().split('\n')).toHaveLength(3);
  });
});

type Child = ReturnType<typeof launch>;

function launch(args: readonly string[]) {
  return spawn(process.execPath, [join(folder, 'dist', 'main.js'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the process; `onOutput` is called once, when it has first said something. */
async function run(args: readonly string[], onOutput: (child: Child) => void = () => undefined) {
  const child = launch(args);
  let out = '';
  let err = '';
  child.stdout.once('data', () => onOutput(child));
  child.stdout.on('data', (part: Buffer) => {
    out += part.toString();
  });
  child.stderr.on('data', (part: Buffer) => {
    err += part.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, err };
}
