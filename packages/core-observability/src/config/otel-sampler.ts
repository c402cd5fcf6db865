import { errors } from '../errors.js';
import { suggest } from './suggestion.js';

const SAMPLER = 'OTEL_TRACES_SAMPLER';
const ARGUMENT = 'OTEL_TRACES_SAMPLER_ARG';

type Environment = Readonly<Record<string, string | undefined>>;

/** The share that each sampler keeps; undefined: the variable of its argument says it. */
const samplers: ReadonlyMap<string, string | undefined> = new Map([
  ['always_on', '1'],
  ['always_off', '0'],
  ['traceidratio', undefined],
  ['parentbased_always_on', '1'],
  ['parentbased_always_off', '0'],
  ['parentbased_traceidratio', undefined],
]);

/**
 * The rate that `OTEL_TRACES_SAMPLER` stands for; undefined when its argument has it.
 * Errors: `SABOT_TELEMETRY_CONFIG_VALUE`. Source: OpenTelemetry, "Environment Variable Specification", General SDK Configuration.
 */
export function rateOfSampler(text: string, env: Environment): string | undefined {
  const sampler = text.trim().toLowerCase();
  if (!samplers.has(sampler)) throw unknownSampler(text, sampler);
  // A ratio without its argument is 1.
  return samplers.get(sampler) ?? (isSet(env[ARGUMENT]) ? undefined : '1');
}

/** The rate that `OTEL_TRACES_SAMPLER_ARG` says; undefined when no sampler is named that has an argument, as OpenTelemetry has it. */
export function rateOfSamplerArgument(text: string, env: Environment): string | undefined {
  const sampler = env[SAMPLER]?.trim().toLowerCase() ?? '';
  if (!sampler.endsWith('traceidratio')) return undefined;
  const rate = Number(text);
  if (text.trim() !== '' && rate >= 0 && rate <= 1) return text;
  throw errors.error('CONFIG_VALUE', {
    what: `bad value ${JSON.stringify(text)} for telemetry.sample_rate (from ${ARGUMENT})`,
    why: `it must be a number from 0 to 1 when ${SAMPLER} is ${sampler}`,
    remedy: `Correct ${ARGUMENT}, for example to 0.1, or set SABOT_SAMPLE_RATE, which comes before it.`,
    facts: { key: 'telemetry.sample_rate', source: 'otel-env' },
  });
}

function unknownSampler(text: string, sampler: string) {
  const names = [...samplers.keys()];
  const meant = suggest(sampler, names);
  return errors.error('CONFIG_VALUE', {
    what: `bad value ${JSON.stringify(text)} for telemetry.sample_rate (from ${SAMPLER})`,
    why: `it must be one of ${names.join(', ')}`,
    remedy:
      meant === undefined
        ? `Correct ${SAMPLER}, or set SABOT_SAMPLE_RATE, which comes before it.`
        : `Did you mean "${meant}"? Or set SABOT_SAMPLE_RATE, which comes before it.`,
    facts: { key: 'telemetry.sample_rate', source: 'otel-env' },
  });
}

/** An empty variable counts as not set. */
function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}
