import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchmarkCase, Contender, Suite } from '../../suite/suite.js';
import { openAddedCost } from './added-cost.js';
import type { AddedCostMeter } from './cost-meter.js';
import { openJobCost } from './job-cost.js';
import { bareSetting, type OpenSetting, off, openTelemetry, recorderOnly, sampled, sampledJob } from './settings.js';

const ROWS = 4096;
const RECORDER_ROWS = 1024;
/** Rounds of 128 batches per sample; the median of so many resolves a thousandth of a batch. */
const ROUNDS = Number(process.env['SABOT_BENCH_ROUNDS'] ?? 100);
/** Rounds of four runs of a job. */
const JOB_ROUNDS = Math.ceil(ROUNDS / 12);
const OTEL = '@opentelemetry/sdk-trace-base';

type Measure = 'batchMicros' | 'addedPercent' | 'addedNsPerRow';

/** What a meter measures of a setting, against nothing around the same work in the same slices of time. */
function contender(name: string, open: () => Promise<AddedCostMeter>, measure: Measure, rounds: number): Contender {
  return {
    name,
    ...(name.startsWith('OpenTelemetry') ? { peer: true as const, requires: OTEL } : {}),
    async open() {
      const meter = await open();
      return {
        async sample() {
          const { bareMicros, addedMicros, addedPercent, addedNsPerRow } = await meter.measure(rounds);
          const facts = { bareMicros, batchMicros: bareMicros + addedMicros, addedPercent, addedNsPerRow };
          return { value: facts[measure], facts };
        },
        close: () => meter.close(),
      };
    },
  };
}

const loops = (name: string, setting: OpenSetting): Contender =>
  contender(name, () => openAddedCost(setting, ROWS), 'batchMicros', ROUNDS);

/** Everything sampled, and the local store written meanwhile. */
const stored: OpenSetting = async (operators) => {
  const folder = await mkdtemp(join(tmpdir(), 'sabot-bench-'));
  const setting = await sampled(1, folder)(operators);
  const close = async (): Promise<void> => {
    await setting.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...setting, close };
};

/** A promise of the product, held by one measurement. */
function budgetCase(
  name: string,
  what: string,
  budget: number,
  measure: Measure,
  open: () => Promise<AddedCostMeter>,
  rounds: number,
): BenchmarkCase {
  const unit = measure === 'addedPercent' ? '% added' : 'ns/row added';
  const contenders = [contender('sabot', open, measure, rounds)];
  return { name, what, unit, better: 'lower', baseline: 'sabot', contenders, references: { budget } };
}

/** What telemetry costs a pipeline, against the same pipeline bare and with OpenTelemetry's own instruments. */
export const observabilitySuite: Suite = {
  name: 'observability',
  what: 'What telemetry adds to a batch, and whether the promised budgets hold.',
  cases: [
    {
      name: 'a batch of 4096 rows',
      what: 'One batch through six bare loops under each setting: the lightest pipeline that there is, where telemetry weighs most.',
      unit: 'µs/batch',
      better: 'lower',
      baseline: 'bare',
      isolation: 'shared',
      contenders: [
        loops('bare', bareSetting),
        loops('off', off),
        loops('recorder only', recorderOnly),
        loops('metrics + 1 %', sampled(0.01)),
        loops('all sampled', sampled(1)),
        loops('all + store', stored),
        loops('OpenTelemetry 1 %', openTelemetry(0.01)),
        loops('OpenTelemetry all', openTelemetry(1)),
      ],
    },
    budgetCase(
      'off',
      'What telemetry that is switched off adds to six loops over 4096 rows.',
      0.1,
      'addedPercent',
      () => openAddedCost(off, ROWS),
      5 * ROUNDS,
    ),
    budgetCase(
      'recorder only',
      'What counters and the flight recorder add to six loops over 1024 rows.',
      1,
      'addedNsPerRow',
      () => openAddedCost(recorderOnly, RECORDER_ROWS),
      5 * ROUNDS,
    ),
    budgetCase(
      'metrics + 1 %',
      'What metrics and 1 % of the traces add to a job of six operators over batches of 4096 rows.',
      3,
      'addedPercent',
      () => openJobCost(sampledJob(0.01), ROWS),
      JOB_ROUNDS,
    ),
    budgetCase(
      'all sampled',
      'What metrics and a trace of every batch add to the same job.',
      10,
      'addedPercent',
      () => openJobCost(sampledJob(1), ROWS),
      JOB_ROUNDS,
    ),
  ],
};
