import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchmarkCase, Contender, Suite } from '../../suite/suite.js';
import { openAddedCost } from './added-cost.js';
import { bareSetting, type OpenSetting, off, openTelemetry, recorderOnly, sampled } from './settings.js';

const ROWS = 4096;
const RECORDER_ROWS = 1024;
/** Rounds of 128 batches per sample; the median of so many resolves a thousandth of a batch. */
const ROUNDS = Number(process.env['SABOT_BENCH_ROUNDS'] ?? 100);
const OTEL = '@opentelemetry/sdk-trace-base';

type Measure = 'batchMicros' | 'addedPercent' | 'addedNsPerRow';

/** The cost of the pipeline under a setting, measured against the bare pipeline in the same slices of time. */
function contender(name: string, open: OpenSetting, measure: Measure, rows: number): Contender {
  return {
    name,
    ...(name.startsWith('OpenTelemetry') ? { peer: true as const, requires: OTEL } : {}),
    async open() {
      const meter = await openAddedCost(open, rows);
      return {
        async sample() {
          const { bareMicros, addedMicros, addedPercent, addedNsPerRow } = await meter.measure(ROUNDS);
          const batchMicros = bareMicros + addedMicros;
          const facts = { bareMicros, batchMicros, addedPercent, addedNsPerRow };
          return { value: facts[measure], facts };
        },
        close: () => meter.close(),
      };
    },
  };
}

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

function budgetCase(
  name: string,
  budget: number,
  measure: Measure,
  rows: number,
  settings: Record<string, OpenSetting>,
): BenchmarkCase {
  const what = `What "${name}" adds to a batch of ${rows} rows in six operators; not what exporters do off the hot path.`;
  const contenders = Object.entries(settings).map(([each, open]) => contender(each, open, measure, rows));
  const unit = measure === 'addedPercent' ? '% added' : 'ns/row added';
  return { name, what, unit, better: 'lower', baseline: 'sabot', contenders, references: { budget } };
}

/** What telemetry costs a pipeline, against the same pipeline bare and with OpenTelemetry's own instruments. */
export const observabilitySuite: Suite = {
  name: 'observability',
  what: 'What telemetry adds to a pipeline of six operators, each a loop over typed arrays; a heavier one makes percentages smaller.',
  cases: [
    {
      name: 'a batch of 4096 rows',
      what: 'One batch through six operators under each setting; each is measured against the bare pipeline in the same slices of time.',
      unit: 'µs/batch',
      better: 'lower',
      baseline: 'bare',
      isolation: 'shared',
      contenders: [
        contender('bare', bareSetting, 'batchMicros', ROWS),
        contender('off', off, 'batchMicros', ROWS),
        contender('recorder only', recorderOnly, 'batchMicros', ROWS),
        contender('metrics + 1 %', sampled(0.01), 'batchMicros', ROWS),
        contender('all sampled', sampled(1), 'batchMicros', ROWS),
        contender('all + store', stored, 'batchMicros', ROWS),
        contender('OpenTelemetry 1 %', openTelemetry(0.01), 'batchMicros', ROWS),
        contender('OpenTelemetry all', openTelemetry(1), 'batchMicros', ROWS),
      ],
    },
    budgetCase('off', 0.1, 'addedPercent', ROWS, { sabot: off }),
    budgetCase('metrics + 1 %', 3, 'addedPercent', ROWS, { sabot: sampled(0.01), OpenTelemetry: openTelemetry(0.01) }),
    budgetCase('all sampled', 10, 'addedPercent', ROWS, { sabot: sampled(1), OpenTelemetry: openTelemetry(1) }),
    budgetCase('recorder only', 1, 'addedNsPerRow', RECORDER_ROWS, { sabot: recorderOnly }),
  ],
};
