import { loadZstd } from '@sabot/columnar/ipc';
import { decodeDamaged, FORMS } from '../test/support/mutate.js';

/**
 * `pnpm --filter @sabot/columnar fuzz [mutations] [first seed]`: damages IPC streams and files, plain and compressed, and
 * fails on the first that is neither refused with a code nor read to the end; shows time and memory.
 */
const mutations = Number(process.argv[2] ?? 100_000);
const first = Number(process.argv[3] ?? 0);

await loadZstd();
const outcomes = { error: 0, batches: 0 };
let slowestMs = 0;
const start = performance.now();
for (let i = 0; i < mutations; i++) {
  const before = performance.now();
  outcomes[decodeDamaged(FORMS[i % FORMS.length] as (typeof FORMS)[number], first + i)]++;
  slowestMs = Math.max(slowestMs, performance.now() - before);
}
const seconds = ((performance.now() - start) / 1000).toFixed(1);
const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
process.stdout.write(
  `${mutations} mutations in ${seconds} s: ${outcomes.error} coded errors, ${outcomes.batches} read to the end; ` +
    `slowest ${slowestMs.toFixed(0)} ms, peak memory ${peakMb} MB\n`,
);
