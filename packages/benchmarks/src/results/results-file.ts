import { readFile, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import { benchmarksErrors } from '../errors.js';
import { type BenchmarkResults, resultsSchema } from './results.js';

/** Reads and checks a file of results. Fails with `SABOT_BENCHMARKS_RESULTS_UNREADABLE` or `…_RESULTS_INVALID`. */
export async function readResults(path: string): Promise<BenchmarkResults> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw benchmarksErrors.error('RESULTS_UNREADABLE', {
      what: `cannot read results from ${path}`,
      why: messageOf(cause),
      cause,
    });
  });
  return parseResults(text, path);
}

/** Checks results given as text; `origin` names it in errors. Fails with `SABOT_BENCHMARKS_RESULTS_INVALID`. */
export function parseResults(text: string, origin: string): BenchmarkResults {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw invalid(origin, `it is not JSON: ${messageOf(cause)}`, cause);
  }
  const parsed = v.safeParse(resultsSchema, json);
  if (parsed.success) return parsed.output;
  const issues = parsed.issues.slice(0, 3).map((issue) => `${v.getDotPath(issue) ?? 'the root'}: ${issue.message}`);
  throw invalid(origin, issues.join('; '));
}

/** Writes text to a file. Fails with `SABOT_BENCHMARKS_OUTPUT_NOT_WRITTEN`. */
export async function writeOutput(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw benchmarksErrors.error('OUTPUT_NOT_WRITTEN', {
      what: `cannot write ${path}`,
      why: messageOf(cause),
      cause,
    });
  });
}

function invalid(origin: string, why: string, cause?: unknown): Error {
  return benchmarksErrors.error('RESULTS_INVALID', { what: `cannot use ${origin} as benchmark results`, why, cause });
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
