import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Progress } from '../src/progress.js';
import { createRate } from '../src/rate.js';
import { duration, eventTime, table } from '../src/view/format.js';
import { plainView } from '../src/view/plain-view.js';

const progress: Progress = {
  rows: 16_384,
  totalRows: 3_000_000,
  rowsPerSecond: 512_345.6,
  eventTimeMs: Date.UTC(2001, 0, 2, 7, 9),
  watermarkLagMs: 3_600_000,
  windows: 2538,
  lateRows: 0,
  alerts: 3,
  epoch: 2,
  memoryBytes: 200e6,
  elapsedMs: 0,
};

describe('plain progress', () => {
  it('says the first row at once and then a line a second', () => {
    const output = new PassThrough();
    const view = plainView(output);
    view.update({ ...progress, rows: 0 });
    view.update(progress);
    view.update({ ...progress, elapsedMs: 900 });
    view.update({ ...progress, rows: 20_000, elapsedMs: 1100 });
    const [first, second, rest] = String(output.read()).split('\n');
    expect(first).toBe(
      '16,384 flights · 512,346 rows/s · event time 2001-01-02 07:09 · watermark lag 1 h 0 min · 2,538 windows · 3 alerts · checkpoint 2',
    );
    expect(second).toContain('20,000 flights');
    expect(rest).toBe('');
  });
});

describe('formats', () => {
  it('chooses the unit that reads best', () => {
    expect([duration(850), duration(12_345), duration(250_000)]).toEqual(['850 ms', '12.3 s', '4 min 10 s']);
  });

  it('has words for the time before the first and after the last row', () => {
    expect([eventTime(Number.NEGATIVE_INFINITY), eventTime(Number.POSITIVE_INFINITY)]).toEqual(['-', 'end']);
  });

  it('lines columns up', () => {
    expect(
      table(
        ['name', 'n'],
        [
          ['a', '10'],
          ['long', '2'],
        ],
        [1],
      ),
    ).toBe('  name   n\n  a     10\n  long   2');
  });
});

describe('the rate', () => {
  it('is taken over the last seconds, not since the start', () => {
    const rate = createRate(1000);
    expect(rate.next(0, 0)).toBe(0);
    expect(rate.next(500, 500)).toBe(1000);
    rate.next(500, 1000);
    expect(rate.next(500, 2500)).toBe(0);
  });
});
