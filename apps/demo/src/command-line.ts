import { parseArgs } from 'node:util';
import { demoErrors } from './errors.js';

/** What the command line asks for. */
export interface DemoOptions {
  /** The flights Parquet; default the one of the package `vega-datasets`. */
  readonly flights: string | undefined;
  /** The airports CSV; default the one of the package `vega-datasets`. */
  readonly airports: string | undefined;
  /** Engine, state, output and telemetry live below it. */
  readonly directory: string;
  /** Start over instead of continuing. */
  readonly fresh: boolean;
  /** Flights come as they took off, not as they were scheduled. */
  readonly asDeparted: boolean;
  /** Print lines even on a terminal. */
  readonly plain: boolean;
  readonly help: boolean;
  /** Threads that run the job; undefined: one, whose state cannot be spread over more later. */
  readonly parallelism: number | undefined;
  /** Telemetry settings that override environment and file; undefined where the flag was not given. */
  readonly prometheusPort: number | undefined;
  readonly sampleRate: number | undefined;
}

export const usage = `Three million US flights through every package of Sabot.

Usage: npm run demo -- [options]

  --fresh                start over; without it the demo continues where it stopped
  --as-departed          flights arrive when they took off, not when they were scheduled: the very late ones miss
                         their windows and go to late-flights.ndjson
  --directory DIR        state, output and telemetry (default .sabot)
  --parallelism N        threads that run the job, 1 to 16; a job begun with it may go on with another N
  --prometheus-port N    live metrics on http://127.0.0.1:N/metrics, 0 for any free port (default 8000)
  --sample-rate R        share of batches that are traced, 0 to 1 (default 1)
  --flights FILE         another Parquet file with date, delay, distance, origin, destination
  --airports FILE        another CSV file with iata, city, state
  --plain                lines instead of the live view
  --help                 this text

It exits with 0 when it is done or has been stopped, 2 for an option that it does not know or cannot use, 1 for
everything else that goes wrong.
`;

const flags = {
  fresh: { type: 'boolean' },
  'as-departed': { type: 'boolean' },
  plain: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  directory: { type: 'string' },
  flights: { type: 'string' },
  airports: { type: 'string' },
  parallelism: { type: 'string' },
  'prometheus-port': { type: 'string' },
  'sample-rate': { type: 'string' },
} as const;

/**
 * Reads the demo's options.
 *
 * Errors: `SABOT_DEMO_BAD_OPTION` for an unknown option or a value out of range.
 */
export function readCommandLine(argv: readonly string[]): DemoOptions {
  const values = parse(argv);
  return {
    flights: path('--flights', values.flights),
    airports: path('--airports', values.airports),
    directory: path('--directory', values.directory) ?? '.sabot',
    fresh: values.fresh ?? false,
    asDeparted: values['as-departed'] ?? false,
    plain: values.plain ?? false,
    help: values.help ?? false,
    parallelism: numberIn('--parallelism', values.parallelism, 1, 16, Number.isInteger),
    prometheusPort: numberIn('--prometheus-port', values['prometheus-port'], 0, 65_535, Number.isInteger),
    sampleRate: numberIn('--sample-rate', values['sample-rate'], 0, 1, Number.isFinite),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: false }).values;
  } catch (cause) {
    const option = argv.find((argument) => argument.startsWith('-') && !isKnown(argument));
    throw demoErrors.error('BAD_OPTION', {
      what: option === undefined ? `cannot read the options "${argv.join(' ')}"` : `"${option}" is not an option`,
      why:
        option === undefined
          ? firstSentence(cause)
          : `the demo knows ${Object.keys(flags)
              .map((name) => `--${name}`)
              .join(', ')}`,
      cause,
    });
  }
}

function isKnown(argument: string): boolean {
  return argument === '-h' || argument.replace(/^--/, '').replace(/=.*$/, '') in flags;
}

function firstSentence(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.split(/[.\n]/, 1)[0] ?? message;
}

function path(flag: string, text: string | undefined): string | undefined {
  if (text !== '') return text;
  throw demoErrors.error('BAD_OPTION', { what: `${flag} cannot be ""`, why: 'it takes a path' });
}

function numberIn(
  flag: string,
  text: string | undefined,
  minimum: number,
  maximum: number,
  accepts: (value: number) => boolean,
): number | undefined {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (accepts(value) && value >= minimum && value <= maximum) return value;
  throw demoErrors.error('BAD_OPTION', {
    what: `${flag} cannot be "${text}"`,
    why: `it takes ${accepts === Number.isInteger ? 'a whole number' : 'a number'} from ${minimum} to ${maximum}`,
  });
}
