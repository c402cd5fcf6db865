import { defineErrors } from '@sabot/core-observability/errors';

/** Every code that `@sabot/benchmarks` raises; the prefix is `SABOT_BENCHMARKS_`. */
export const benchmarksErrors = defineErrors('benchmarks', {
  OPTION_INVALID: {
    kind: 'usage',
    summary: 'An option of a benchmark or of a generator has a value outside its range.',
    remedy: 'Give a value inside the range that is named.',
  },
  SUITE_UNKNOWN: {
    kind: 'usage',
    summary: 'A suite or a case was asked for that does not exist.',
    remedy: 'Use one of the names that are listed.',
  },
  RESULTS_UNREADABLE: {
    kind: 'operational',
    summary: 'A file of benchmark results could not be read.',
    remedy: 'Check the path; `sabot benchmarks run --output FILE` writes one.',
  },
  RESULTS_INVALID: {
    kind: 'usage',
    summary: 'A file does not hold benchmark results of the format that this version reads.',
    remedy: 'Write it anew with `sabot benchmarks run --output FILE`.',
  },
  OUTPUT_NOT_WRITTEN: {
    kind: 'operational',
    summary: 'Results or a report could not be written.',
    remedy: 'Check that the folder exists and is writable.',
  },
  CONTENDER_FAILED: {
    kind: 'operational',
    summary: 'A contender of a benchmark failed; everything else was measured.',
    remedy: 'Look at the reason in the results; run that suite alone to see it again.',
  },
  REGRESSION: {
    kind: 'operational',
    summary: 'A result is worse than the baseline by more than `--fail-above` allows.',
    remedy: 'Profile the cases that are named, or store a new baseline if the change is wanted.',
  },
});
