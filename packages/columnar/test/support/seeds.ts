/** How many seeds a property test tries: `SABOT_TEST_RUNS=3000 npm test -- packages/columnar` tries more. */
export const SEEDS = Number(process.env['SABOT_TEST_RUNS'] ?? 80);

/** Enough time for thousands of seeds on a busy machine. */
export const PROPERTY_TIMEOUT_MS = 600_000;
