/** How many seeds a property test tries: `SABOT_SEEDS=3000 npm test -- packages/columnar` tries more. */
export const SEEDS = Number(process.env['SABOT_SEEDS'] ?? 150);

/** Enough time for thousands of seeds on a busy machine. */
export const PROPERTY_TIMEOUT_MS = 600_000;
