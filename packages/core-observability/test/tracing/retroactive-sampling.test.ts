import { describe, expect, it } from 'vitest';
import { createTestObservability } from '../../src/testing.js';
import { RetroactiveSampling } from '../../src/tracing/retroactive-sampling.js';

const reasons = (observability: ReturnType<typeof createTestObservability>) =>
  observability.spans().map((span) => span.attributes['sabot.sampled.reason']);

describe('a batch outside the sample', () => {
  it('is kept whole, with its links and the reason, when it failed', () => {
    const observability = createTestObservability({ sampleRate: 0 });
    observability.traceOperation('process_batch', { rows: 3 }, () => undefined);
    const failing = () =>
      observability.traceOperation('process_batch', { rows: 4 }, (span) => {
        span.set('bytes', 12);
        throw new Error('no such column');
      });
    expect(failing).toThrow('no such column');
    const [span, ...others] = observability.spans();
    expect(others).toEqual([]);
    expect(span?.attributes).toEqual({
      rows: 4,
      bytes: 12,
      'error.type': 'Error',
      'sabot.sampled.reason': 'failed',
    });
    expect(span?.events[0]?.name).toBe('exception');
  });

  it('is kept when an operation inside it failed', () => {
    const observability = createTestObservability({ sampleRate: 0 });
    const run = () =>
      observability.traceOperation('process_batch', {}, () => {
        try {
          observability.traceOperation('state_get', {}, () => {
            throw new Error('disk');
          });
        } catch {
          // The batch goes on; its span must still say that something in it failed.
        }
      });
    run();
    expect(reasons(observability)).toEqual(['failed']);
  });

  it.each(['late', 'retried'] as const)('is kept when it is marked as %s', (reason) => {
    const observability = createTestObservability({ sampleRate: 0 });
    observability.traceOperation('process_batch', {}, (span) => span.keep(reason));
    expect(reasons(observability)).toEqual([reason]);
  });

  it('carries the flag "not sampled" while it runs', () => {
    const observability = createTestObservability({ sampleRate: 0 });
    observability.traceOperation('process_batch', {}, (span) => {
      expect(span.recording).toBe(false);
      expect(observability.activeContext()?.traceFlags).toBe(0);
    });
  });
});

describe('the threshold of slow', () => {
  const site = 'process_batch';

  it('lets even durations pass, and follows when batches become slower', () => {
    const sampling = new RetroactiveSampling();
    // A fixed sequence of uniform numbers (Weyl's): the test is the same every time.
    const slowShare = (scaleMs: number): number => {
      let slow = 0;
      for (let n = 0; n < 20_000; n++) {
        const durationMs = scaleMs * (1 + ((n * 0.618_033_988_749) % 1));
        if (sampling.reasonFor(site, 'flights', durationMs, false, undefined) === 'slow') slow++;
      }
      return slow / 20_000;
    };
    expect(slowShare(1)).toBe(0);
    // As many as it takes to learn that ten times slower is usual now.
    expect(slowShare(10)).toBeGreaterThan(0.001);
    expect(slowShare(10)).toBe(0);
  });

  it('finds every batch that takes ten times as long as the others, one in 200', () => {
    const sampling = new RetroactiveSampling();
    let found = 0;
    for (let n = 1; n <= 20_000; n++) {
      const durationMs = n % 200 === 0 ? 10 : 1 + ((n * 0.618_033_988_749) % 0.2);
      if (sampling.reasonFor(site, 'flights', durationMs, false, undefined) === 'slow') found++;
    }
    expect(found).toBe(100);
  });

  it('is kept apart for each pipeline', () => {
    const sampling = new RetroactiveSampling();
    for (let n = 0; n < 1000; n++) sampling.reasonFor(site, 'fast', 1, false, undefined);
    for (let n = 0; n < 200; n++) sampling.reasonFor(site, 'slow', 1000, false, undefined);
    expect(sampling.reasonFor(site, 'fast', 100, false, undefined)).toBe('slow');
    expect(sampling.reasonFor(site, 'slow', 990, false, undefined)).toBeUndefined();
  });
});
