/** The program of a case's own process; `runBenchmarks` forks it. */
import { serveCase } from './run/serve-case.js';

void serveCase();
