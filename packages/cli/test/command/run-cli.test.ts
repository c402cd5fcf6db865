import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderCliReference } from '../../src/command/cli-reference.js';
import { version } from '../../src/version.js';
import { Workbench } from '../run.js';

let bench: Workbench;
beforeAll(async () => {
  bench = await Workbench.create();
});
afterAll(() => bench.remove());

describe('sabot', () => {
  it('prints its version', async () => {
    expect(await bench.run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('prints help with examples', async () => {
    const { code, out } = await bench.run('telemetry traces --help');
    expect(code).toBe(0);
    expect(out).toContain('--min-duration <duration>');
    expect(out).toContain('$ sabot telemetry traces --limit 5');
  });

  it.each([
    ['telemetry trace', 'Did you mean traces?'],
    ['telemtry', 'Did you mean telemetry?'],
    ['telemetry traces --limt 5', 'Did you mean --limit?'],
    ['telemetry traces --format xml', 'Allowed choices are table, json, tree'],
    ['telemetry traces --limit none', 'It must be a whole number of at least 1'],
    ['telemetry traces --since yesterday', 'It must be a duration such as 250ms'],
    ['telemetry metrics --component strem', 'Allowed choices are stream, join, state, agent, cluster'],
    ['telemetry traces surplus', 'too many arguments'],
  ])('refuses "%s" with exit code 2 and says what was meant', async (line, said) => {
    const { code, err, out } = await bench.run(line);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^sabot: /);
    expect(err).toContain(said);
  });

  it('prints help and exit code 2 for a group without a command', async () => {
    const { code, err } = await bench.run('telemetry');
    expect(code).toBe(2);
    expect(err).toContain('Usage: sabot telemetry');
  });

  it('shows the stack of a failure only when asked', async () => {
    expect((await bench.run('cluster status')).err).not.toContain('    at ');
    expect((await bench.run('cluster status --debug')).err).toContain('    at ');
  });

  it('colours a terminal, and nothing else, and not with NO_COLOR', async () => {
    const line = 'telemetry status';
    bench.env['SABOT_PROMETHEUS_PORT'] = 'none';
    expect((await bench.run(line)).out).not.toContain('\u001b');
    bench.isTerminal = true;
    expect((await bench.run(line)).out).toContain('\u001b[1m');
    bench.env['NO_COLOR'] = '1';
    expect((await bench.run(line)).out).not.toContain('\u001b');
    bench.isTerminal = false;
  });

  it.each(['bash', 'zsh', 'fish'])('prints a completion script for %s that knows every command', async (shell) => {
    const { code, out } = await bench.run(`completion ${shell}`);
    expect(code).toBe(0);
    for (const word of ['telemetry', 'traces', 'checkpoints', 'limit']) expect(out).toContain(word);
  });

  it('renders a reference with every command, option and example', () => {
    const reference = renderCliReference();
    expect(reference.match(/^## `sabot [a-z ]+`$/gm)).toEqual([
      '## `sabot telemetry enable`',
      '## `sabot telemetry disable`',
      '## `sabot telemetry status`',
      '## `sabot telemetry doctor`',
      '## `sabot telemetry traces`',
      '## `sabot telemetry metrics`',
      '## `sabot cluster status`',
      '## `sabot checkpoints`',
      '## `sabot benchmarks run`',
      '## `sabot benchmarks compare`',
      '## `sabot benchmarks report`',
      '## `sabot completion`',
    ]);
    expect(reference).toContain('| `--limit <number>` | how many traces at most | `10` |');
    expect(reference).toContain('$ sabot telemetry traces --errors --since 1h');
  });
});
