import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { outcomeOf, sumOf } from '../src/checks/outcome.mjs';
import { runSteps } from '../src/checks/schedule.mjs';
import { Interruption } from '../src/workspace/process.mjs';

/** Steps that log when they begin and end. */
function recorder() {
  /** @type {string[]} */
  const events = [];
  return {
    events,
    /**
     * @param {string} name
     * @param {Partial<import('../src/checks/steps.mjs').Step>} [options]
     * @param {readonly string[]} [problems]
     */
    step(name, options = {}, problems = []) {
      const run = async () => {
        events.push(`+${name}`);
        await sleep(10);
        events.push(`-${name}`);
        return outcomeOf(problems);
      };
      return { name, run, ...options };
    },
  };
}

const ignore = () => undefined;

describe('running steps', () => {
  it('runs two at a time, in their order', async () => {
    const { step, events } = recorder();
    await runSteps([step('a'), step('b'), step('c')], ignore);
    expect(events.slice(0, 3)).toEqual(['+a', '+b', '-a']);
    expect(events.filter((event) => event.startsWith('+'))).toEqual(['+a', '+b', '+c']);
  });

  it('runs a step alone when it asks for that', async () => {
    const { step, events } = recorder();
    await runSteps([step('a'), step('b', { alone: true }), step('c')], ignore);
    expect(events).toEqual(['+a', '-a', '+b', '-b', '+c', '-c']);
  });

  it('fails a step whose predecessor failed without trying it', async () => {
    const { step, events } = recorder();
    const outcomes = await runSteps([step('build', {}, ['broken']), step('pack', { after: ['build'] })], ignore);
    expect(events).toEqual(['+build', '-build']);
    expect(outcomes.map(({ problems }) => problems)).toEqual([['broken'], ['not tried: build failed']]);
    expect(sumOf(outcomes)).toMatchObject({ passed: 0, failed: 2 });
  });

  it('tries a step whose predecessor was not asked for', async () => {
    const { step } = recorder();
    expect(sumOf(await runSteps([step('pack', { after: ['build'] })], ignore))).toMatchObject({ passed: 1, failed: 0 });
  });

  it('counts a step that throws as failed and goes on', async () => {
    const { step } = recorder();
    const broken = {
      name: 'broken',
      run() {
        throw new RangeError('no such thing');
      },
    };
    const outcomes = await runSteps([broken, step('b')], ignore);
    expect(sumOf(outcomes)).toMatchObject({
      passed: 1,
      failed: 1,
      problems: [expect.stringContaining('no such thing')],
    });
  });

  it('starts nothing more after an interruption', async () => {
    const { step, events } = recorder();
    const interrupted = {
      name: 'interrupted',
      alone: true,
      async run() {
        throw new Interruption('SIGINT');
      },
    };
    await expect(runSteps([interrupted, step('b')], ignore)).rejects.toMatchObject({ exitCode: 130 });
    expect(events).toEqual([]);
  });
});
