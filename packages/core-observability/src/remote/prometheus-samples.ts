import { getJson } from './get-json.js';

/** One series as Prometheus has it now. */
export interface RemoteSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface VectorAnswer {
  readonly data?: {
    readonly result?: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

const NAME = 'Prometheus';
/** What every endpoint of Sabot serves about itself. */
const SABOT = '{__name__=~"target_info",telemetry_sdk_name="sabot"}';

/**
 * The present value of every series that Prometheus scraped from processes of Sabot, business metrics included; none when it scrapes
 * none. Errors: `SABOT_TELEMETRY_BACKEND_UNREADABLE`.
 */
export async function readPrometheus(url: string): Promise<readonly RemoteSample[]> {
  const base = url.replace(/\/$/, '');
  const targets = await query(base, SABOT);
  const instances = new Set(targets.map(({ labels }) => selectorOf(labels)));
  const found = await Promise.all([...instances].map((selector) => query(base, selector)));
  return found.flat().sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1));
}

function selectorOf({ job = '', instance = '' }: Readonly<Record<string, string>>): string {
  return `{job=${JSON.stringify(job)},instance=${JSON.stringify(instance)}}`;
}

async function query(base: string, selector: string): Promise<readonly RemoteSample[]> {
  const answer = await getJson(NAME, new URL(`${base}/api/v1/query?${new URLSearchParams({ query: selector })}`));
  if (answer.kind !== 'json') return [];
  const result = (answer.value as VectorAnswer).data?.result ?? [];
  return result.map(({ metric: { __name__: name = '', ...labels }, value: [, text] }) => ({
    name,
    labels,
    value: text === '+Inf' ? Number.POSITIVE_INFINITY : text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text),
  }));
}

function keyOf({ name, labels }: RemoteSample): string {
  return `${name}\n${JSON.stringify(labels)}`;
}
