import { deepStrictEqual, ok } from 'node:assert/strict';
import { type Batch, sliceBatch } from '@sabot/columnar';
import type { Operator } from '../ports/operator.js';
import type { ConformanceCase } from './conformance-case.js';
import { createOperatorHarness, type Emitted, type HarnessOptions, type OperatorHarness } from './operator-harness.js';
import { resultsOf } from './operator-results.js';

/** What happens to the operator under test, in order. */
export type ScenarioStep = { readonly batch: Batch; readonly input?: number } | { readonly watermarkMs: number };

/** An operator with something for it to do. */
export interface OperatorUnderTest {
  /** A fresh operator; called many times. */
  create(): Operator;
  /** Batches of some rows each and, if the operator looks at time, watermarks between them. */
  readonly scenario: readonly ScenarioStep[];
  /**
   * What has come out, to be compared: default the rows of every port in order; of changelogs, which the cut of batches
   * may make coarser or finer, the rows that they add up to.
   */
  readonly results?: (emitted: readonly Emitted[]) => unknown;
  readonly harness?: () => HarnessOptions;
}

/**
 * The rules of every `Operator`: results do not depend on how rows are cut into batches or on where it is stopped and
 * restored; empty batches and repeated signals change nothing; it can be closed at any time; its stats are plain counts.
 *
 * @example
 * for (const { name, run } of operatorConformance('deduplicate', () => ({ create, scenario }))) it(name, run);
 */
export function operatorConformance(name: string, under: () => OperatorUnderTest): readonly ConformanceCase[] {
  return rules.map(([rule, check]) => ({ name: `${name} ${rule}`, run: () => check(under()) }));
}

async function opened(under: OperatorUnderTest, restored?: Parameters<typeof createOperatorHarness>[2]) {
  return createOperatorHarness(under.create(), under.harness?.() ?? {}, restored);
}

async function drive(harness: OperatorHarness, steps: readonly ScenarioStep[]): Promise<readonly Emitted[]> {
  for (const step of steps) {
    if ('batch' in step) await harness.process(step.batch, step.input ?? 0);
    else await harness.watermark(step.watermarkMs);
  }
  return harness.takeEmitted();
}

/** To the end: what is held back has to come out before results are compared. */
const END: ScenarioStep = { watermarkMs: Number.POSITIVE_INFINITY };

async function wholeRun(under: OperatorUnderTest, steps: readonly ScenarioStep[]): Promise<unknown> {
  const harness = await opened(under);
  try {
    const emitted = await drive(harness, [...steps, END]);
    await harness.signal({ kind: 'end' });
    return results(under, [...emitted, ...harness.takeEmitted()]);
  } finally {
    await harness.close();
  }
}

function results(under: OperatorUnderTest, emitted: readonly Emitted[]): unknown {
  return (under.results ?? resultsOf)(emitted);
}

/** The same rows in batches of at most so many. */
function cut(steps: readonly ScenarioStep[], rows: number): readonly ScenarioStep[] {
  return steps.flatMap((step): readonly ScenarioStep[] => {
    if (!('batch' in step)) return [step];
    const count = Math.max(1, Math.ceil(step.batch.numRows / rows));
    return Array.from({ length: count }, (_, at) => ({
      ...step,
      batch: sliceBatch(step.batch, at * rows, (at + 1) * rows),
    }));
  });
}

const rules: readonly (readonly [name: string, check: (under: OperatorUnderTest) => Promise<void>])[] = [
  [
    'gives the same results however rows are cut into batches',
    async (under) => {
      const expected = await wholeRun(under, under.scenario);
      for (const rows of [1, 2, 3, 7]) deepStrictEqual(await wholeRun(under, cut(under.scenario, rows)), expected);
    },
  ],
  [
    'goes on from a snapshot at any point as if nothing had happened',
    async (under) => {
      const expected = await wholeRun(under, under.scenario);
      const steps = [...cut(under.scenario, 2), END];
      for (let at = 0; at <= steps.length; at++) {
        const first = await opened(under);
        const before = await drive(first, steps.slice(0, at));
        const checkpoint = await first.checkpoint(1);
        const atBarrier = first.takeEmitted();
        // What it does after the snapshot belongs to nobody.
        await drive(first, steps.slice(at));
        await first.close();
        const second = await opened(under, [checkpoint]);
        const after = await drive(second, steps.slice(at));
        await second.signal({ kind: 'end' });
        const atEnd = second.takeEmitted();
        await second.close();
        deepStrictEqual(results(under, [...before, ...atBarrier, ...after, ...atEnd]), expected, `cut at ${at}`);
      }
    },
  ],
  [
    'takes empty batches and repeated or earlier watermarks without a change',
    async (under) => {
      const expected = await wholeRun(under, under.scenario);
      const noisy = under.scenario.flatMap((step): readonly ScenarioStep[] =>
        'batch' in step
          ? [{ ...step, batch: sliceBatch(step.batch, 0, 0) }, step, { ...step, batch: sliceBatch(step.batch, 0, 0) }]
          : [step, step, { watermarkMs: step.watermarkMs - 1 }],
      );
      deepStrictEqual(await wholeRun(under, noisy), expected);
    },
  ],
  [
    'never says more about time than it was told',
    async (under) => {
      const harness = await opened(under);
      let toldMs = Number.NEGATIVE_INFINITY;
      for (const step of under.scenario) {
        if ('watermarkMs' in step) toldMs = Math.max(toldMs, step.watermarkMs);
        for (const item of await drive(harness, [step])) {
          if ('signal' in item && item.signal.kind === 'watermark') ok(item.signal.timeMs <= toldMs);
        }
      }
      await harness.close();
    },
  ],
  [
    'shares nothing with another instance',
    async (under) => {
      const expected = await wholeRun(under, under.scenario);
      const other = await opened(under);
      await drive(other, under.scenario);
      deepStrictEqual(await wholeRun(under, under.scenario), expected);
      await other.close();
    },
  ],
  [
    'can be closed before it has seen anything, in the middle, and twice',
    async (under) => {
      for (const seen of [0, Math.ceil(under.scenario.length / 2)]) {
        const harness = await opened(under);
        await drive(harness, under.scenario.slice(0, seen));
        await harness.operator.close();
        await harness.close();
      }
    },
  ],
  [
    'counts in whole numbers that never fall, and knows its state',
    async (under) => {
      const harness = await opened(under);
      const { stats } = harness.operator;
      const counters = ['lateRows', 'skippedRows', 'deadLetterRows', 'errors'] as const;
      let former = counters.map(() => 0);
      for (const step of under.scenario) {
        await drive(harness, [step]);
        const now = counters.map((counter) => stats[counter]);
        for (const [at, value] of now.entries()) ok(Number.isSafeInteger(value) && value >= (former[at] as number));
        for (const size of [stats.stateEntries, stats.stateBytes]) ok(Number.isSafeInteger(size) && size >= 0);
        former = now;
      }
      await harness.close();
    },
  ],
];
