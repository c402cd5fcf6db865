import type { AddedCostMeter } from './cost-meter.js';
import type { RunBatch } from './instrumentation.js';
import { median } from './median.js';
import { bareSetting, type OpenSetting } from './settings.js';
import { type BenchOperator, createBatch, createOperators, type FlightBatch } from './six-operators.js';

/** Batches that run at a stretch: short, so that a slow moment of the machine hits both sides. */
const SLICE = 32;
/** Rounds after which what is done off the hot path gets its time: at most 14,000 spans have come together. */
const SETTLE_EVERY = 16;

/**
 * Opens a setting beside the bare pipeline. A round runs both in slices, in the order bare, setting, setting, bare, so that a
 * drift of the machine cancels; what a round adds is the difference of its two sums, and the result is the median of all
 * rounds. Half of the rounds begin with the other side.
 */
export async function openAddedCost(open: OpenSetting, rows: number): Promise<AddedCostMeter> {
  const batch = createBatch(rows);
  const operators = operatorsFor(rows);
  const [reference, setting] = [await bareSetting(operators), await open(operators)];
  return {
    async measure(rounds) {
      const bare: number[] = [];
      const added: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const [first, second] = round % 2 === 0 ? [reference.run, setting.run] : [setting.run, reference.run];
        const [firstMs, secondMs] = compare(first, second, batch);
        const [bareMs, settingMs] = round % 2 === 0 ? [firstMs, secondMs] : [secondMs, firstMs];
        bare.push(bareMs);
        added.push(settingMs - bareMs);
        if (round % SETTLE_EVERY === 0) await setting.settle();
      }
      const perBatch = 1000 / (2 * SLICE);
      const [bareMicros, addedMicros] = [median(bare) * perBatch, median(added) * perBatch];
      const addedPercent = (100 * addedMicros) / bareMicros;
      return { bareMicros, addedMicros, addedPercent, addedNsPerRow: (addedMicros * 1000) / rows };
    },
    close: () => setting.close(),
  };
}

const known = new Map<number, readonly BenchOperator[]>();

function operatorsFor(rows: number): readonly BenchOperator[] {
  const operators = known.get(rows) ?? createOperators(rows);
  known.set(rows, operators);
  return operators;
}

/** Milliseconds that each side took for two slices, run in the order A B B A. */
function compare(first: RunBatch, second: RunBatch, batch: FlightBatch): readonly [number, number] {
  const begun = performance.now();
  slice(first, batch);
  const atSecond = performance.now();
  slice(second, batch);
  slice(second, batch);
  const atFirst = performance.now();
  slice(first, batch);
  return [atSecond - begun + (performance.now() - atFirst), atFirst - atSecond];
}

function slice(run: RunBatch, batch: FlightBatch): void {
  for (let n = 0; n < SLICE; n++) run(batch);
}
