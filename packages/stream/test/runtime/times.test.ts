import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sink } from '../../src/ports/sink.js';
import { startJob } from '../../src/runtime/start-job.js';
import { forEachSink } from '../../src/sinks/memory-sinks.js';
import { crashJob } from '../recovery/crash-job.js';

describe('where the time of an operator goes', () => {
  it('is busy, backpressured or idle, and nothing else, whatever is slow', { timeout: 60_000 }, async () => {
    const shape = fc.record({
      seed: fc.integer({ min: 1, max: 50 }),
      sinkMs: fc.constantFrom(0, 1, 3),
      spinMs: fc.constantFrom(0, 0.3),
      channelBytes: fc.constantFrom(100, 4_000_000),
      lanes: fc.constantFrom(1, 3),
    });
    await fc.assert(
      fc.asyncProperty(shape, async ({ seed, sinkMs, spinMs, channelBytes, lanes }) => {
        const slow: Sink = forEachSink(async () => void (await setTimeout(sinkMs)));
        const onBatch = () => {
          const untilMs = performance.now() + spinMs;
          while (performance.now() < untilMs);
        };
        const job = crashJob({ seed, windows: slow, counts: slow, onBatch });
        const startedMs = performance.now();
        const running = await startJob(job, { channelBytes, lanes });
        const { durationMs } = await running.done;
        expect(durationMs).toBeLessThanOrEqual(performance.now() - startedMs);
        for (const { id, times } of running.status().operators) {
          const { busyMs, backpressuredMs, idleMs } = times;
          expect(Math.min(busyMs, backpressuredMs, idleMs), id).toBeGreaterThanOrEqual(0);
          expect(busyMs + backpressuredMs + idleMs, id).toBeCloseTo(durationMs, 6);
        }
      }),
      { numRuns: 12 },
    );
  });
});
