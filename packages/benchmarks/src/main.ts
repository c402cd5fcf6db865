/** The program that `runBenchmarks` forks for each contender. */
import { serveCase } from './run/serve-case.js';

void serveCase();
