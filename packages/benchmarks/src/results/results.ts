import * as v from 'valibot';

const finite = v.pipe(v.number(), v.finite());
const numbers = v.record(v.string(), finite);

const contenderSchema = v.variant('status', [
  v.object({
    status: v.literal('measured'),
    name: v.string(),
    peer: v.boolean(),
    /** In the order in which they were taken, without warm-ups. */
    samples: v.pipe(v.array(finite), v.minLength(1)),
    median: finite,
    /** How many times better than the baseline of the same run; null when that was not measured. */
    ratio: v.nullable(finite),
    /** Medians of what the samples carry beside their value. */
    facts: numbers,
    /** Load of the machine (one minute) when the last sample was taken. */
    loadAverage: finite,
  }),
  v.object({ status: v.literal('not-installed'), name: v.string(), peer: v.boolean(), requires: v.string() }),
  v.object({ status: v.literal('failed'), name: v.string(), peer: v.boolean(), reason: v.string() }),
]);

const caseSchema = v.object({
  suite: v.string(),
  name: v.string(),
  what: v.string(),
  unit: v.string(),
  better: v.picklist(['higher', 'lower']),
  baseline: v.string(),
  references: numbers,
  contenders: v.array(contenderSchema),
});

/** The documented JSON of `sabot benchmarks run --output`; fields are added, never renamed or removed in a format. */
export const resultsSchema = v.object({
  format: v.literal('sabot-benchmarks/1'),
  /** ISO 8601, UTC. */
  startedAt: v.string(),
  durationMs: finite,
  /** The command line that made it. */
  command: v.string(),
  iterations: v.pipe(v.number(), v.integer(), v.minValue(1)),
  machine: v.object({
    cpu: v.string(),
    cores: v.number(),
    memoryMb: v.number(),
    platform: v.string(),
    arch: v.string(),
  }),
  node: v.string(),
  /** Version of Sabot and of every competitor that is installed. */
  versions: v.record(v.string(), v.string()),
  cases: v.array(caseSchema),
});

/** Everything that one run has measured. */
export type BenchmarkResults = v.InferOutput<typeof resultsSchema>;
export type CaseResult = BenchmarkResults['cases'][number];
export type ContenderResult = CaseResult['contenders'][number];
export type MeasuredContender = Extract<ContenderResult, { status: 'measured' }>;
export type Machine = BenchmarkResults['machine'];
