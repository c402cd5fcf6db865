import { batchOf, defineSchema, timestamp, utf8 } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { defineJob } from '../../src/plan/job.js';
import { fairTurns } from '../../src/runtime/fair-turns.js';
import { Scheduler } from '../../src/runtime/scheduler.js';
import { startJob } from '../../src/runtime/start-job.js';
import { collectSink } from '../../src/sinks/memory-sinks.js';
import { Stream } from '../../src/surface/stream.js';
import { createSourceProbe } from '../../src/testing/source-probe.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';
import { tumbling } from '../../src/time/window-spec.js';

const schema = defineSchema({ key: utf8(), at: timestamp('ms') });
const batch = (...at: readonly number[]) => batchOf(schema, { key: at.map(() => 'k'), at });
const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a silent split', () => {
  it('holds time back until it has been silent for the idle timeout, and counts again from its next row', async () => {
    const clock = createVirtualClock();
    const probe = createSourceProbe(schema, { splits: ['busy', 'quiet'] });
    const results = collectSink();
    const windows = Stream.from(probe, { name: 'in', eventTime: 'at', idleTimeoutMs: 1000 })
      .keyBy('key')
      .window(tumbling({ sizeMs: 10 }))
      .aggregate((a) => ({ rows: a.count() }), { name: 'w' });
    const running = await startJob(defineJob('job', [windows.to(results as never, { name: 'out' })]), { clock });
    const fired = () => results.rows().map((row) => [row['windowStart'], row['rows']]);
    probe.push(batch(5, 15), 'busy');
    await settle();
    clock.advance(900);
    await settle();
    expect(fired()).toEqual([]);
    clock.advance(50);
    probe.push(batch(25), 'busy');
    await settle();
    clock.advance(600);
    await settle();
    expect(fired()).toEqual([
      [0, 1n],
      [10, 1n],
    ]);
    probe.push(batch(22), 'quiet');
    probe.push(batch(45), 'busy');
    await settle();
    expect(fired()).toHaveLength(2);
    probe.end('quiet');
    probe.end('busy');
    await running.done;
    expect(fired()).toEqual([
      [0, 1n],
      [10, 1n],
      [20, 2n],
      [40, 1n],
    ]);
    expect(clock.pending).toBe(0);
  });
});

describe('scheduler', () => {
  it('gives the event loop its turn while chains always have something to do', async () => {
    const scheduler = new Scheduler(fairTurns(2), () => undefined);
    let steps = 0;
    const chain = {
      ready: true,
      step() {
        const untilMs = performance.now() + 0.2;
        while (performance.now() < untilMs) steps++;
      },
    };
    scheduler.wake(chain);
    const delays: number[] = [];
    for (let at = 0; at < 20; at++) {
      const askedMs = performance.now();
      await new Promise((resolve) => setImmediate(resolve));
      delays.push(performance.now() - askedMs);
    }
    scheduler.stop();
    expect(steps).toBeGreaterThan(0);
    expect(delays.sort((a, b) => a - b)[10]).toBeLessThan(20);
  });
});
