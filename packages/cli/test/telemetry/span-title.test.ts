import { describe, expect, it } from 'vitest';
import { amountsOf, subjectOf } from '../../src/telemetry/span-title.js';

describe('the title of a span', () => {
  it.each([
    [{ pipeline: 'flights', operator: 'plausible', 'batch.rows': 16_384 }, 'plausible', ['16,384 rows']],
    [{ pipeline: 'flights', operator: 'alerts', agent: 'watcher', 'agent.rows': 3 }, 'watcher', ['3 rows']],
    [{ pipeline: 'flights', chain: 'c1' }, 'c1', []],
    [{ job: 'flights', task: 'main', tasks: 2 }, 'flights/main', ['2 tasks']],
    [{ pipeline: 'flights', 'checkpoint.epoch': 4, 'checkpoint.bytes': 2048 }, 'flights', ['epoch 4', '2.00 KiB']],
    [{}, '', []],
  ])('of %j names %s', (attributes, subject, amounts) => {
    expect(subjectOf(attributes)).toBe(subject);
    expect(amountsOf(attributes)).toEqual(amounts);
  });
});
