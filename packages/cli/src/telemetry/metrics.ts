import { openTelemetryStore, prometheusText, readPrometheus, type StoredSeries } from '@sabot/core-observability/sdk';
import { type CliIo, pause } from '../command/io.js';
import { cliErrors } from '../errors.js';
import { amount, duration, eventTime } from '../output/quantities.js';
import { type Style, styleFor } from '../output/style.js';
import { renderTable } from '../output/table.js';
import { readConfig, storePath } from './config-file.js';
import { quantile } from './histogram-quantile.js';
import { askLiveProcess } from './live-process.js';
import { newestInstances } from './newest-instances.js';
import { readSamples, type Sample } from './prometheus-samples.js';
import { validUrl } from './valid-url.js';

export interface MetricsOptions {
  readonly format: 'table' | 'json' | 'prometheus';
  readonly component?: string;
  readonly service?: string;
  readonly allInstances?: true;
  readonly live?: true;
  readonly from: 'store' | 'prometheus';
  readonly url?: string;
  readonly watch?: true;
  readonly configFile?: string;
}

const WATCH_EVERY_MS = 2000;

/** The latest value of every metric, from the local store or from the live process. */
export async function metrics(options: MetricsOptions, io: CliIo): Promise<void> {
  const isElsewhere = options.live === true || options.from === 'prometheus';
  if (isElsewhere && (options.component ?? options.service ?? options.allInstances) !== undefined) {
    throw cliErrors.error('OPTION_INVALID', {
      what: `cannot combine ${options.live === true ? '--live' : '--from prometheus'} with --component, --service or --all-instances`,
      why: 'what answers there does not say which package a metric is of',
      remedy: 'Read the local store, or filter what is printed.',
    });
  }
  const read = (): Promise<string> => {
    if (options.live === true) return liveText(options, io);
    return options.from === 'prometheus' ? remoteText(options, io) : storedText(options, io);
  };
  if (options.watch !== true) return io.out(await read());
  while (!io.signal.aborted) {
    const text = await read();
    // A terminal shows one picture; a pipe gets one block after the other.
    io.out(io.isTerminal && options.format === 'table' ? `\u001b[2J\u001b[H${text}` : text);
    await pause(WATCH_EVERY_MS, io.signal);
  }
}

async function storedText(options: MetricsOptions, io: CliIo): Promise<string> {
  const path = storePath(readConfig(options.configFile, io), io);
  const store = openTelemetryStore(path);
  const { component, service } = options;
  const filter = { ...(component === undefined ? {} : { component }), ...(service === undefined ? {} : { service }) };
  const stored = path === undefined ? [] : await store.metrics({ ...filter, allRuns: options.allInstances === true });
  const series = options.allInstances === true ? stored : newestInstances(stored);
  if (series.length === 0) await explainNothing(path, options, io);
  switch (options.format) {
    case 'prometheus':
      return prometheusText(series);
    case 'json':
      return json({ metrics: series.map(seriesJson), skippedLines: { ...store.losses } }, options);
    case 'table':
      return series.length === 0 ? '' : seriesTable(series, options.allInstances === true, styleFor(io));
  }
}

/** On standard error, so that JSON stays JSON. */
async function explainNothing(path: string | undefined, options: MetricsOptions, io: CliIo): Promise<void> {
  if (path === undefined) {
    io.err('No metrics: no local store is kept (telemetry.store_path is none).\n');
    return;
  }
  const { newestMs } = await openTelemetryStore(path).summary();
  if (newestMs === undefined)
    io.err(`No metrics: the local store ${path} is empty. Run an application with telemetry enabled.\n`);
  else
    io.err(
      `No metrics${options.component === undefined ? '' : ` of ${options.component}`} in the newest run in ${path}.\n`,
    );
}

async function liveText(options: MetricsOptions, io: CliIo): Promise<string> {
  const { prometheusPort } = readConfig(options.configFile, io).telemetry;
  const live = prometheusPort === null ? undefined : await askLiveProcess(prometheusPort);
  if (live?.kind !== 'live') {
    throw cliErrors.error('NO_LIVE_PROCESS', {
      what: 'cannot ask a live process for its metrics',
      why: live === undefined ? 'telemetry.prometheus_port is none' : `${live.url}: ${live.why}`,
    });
  }
  if (options.format === 'prometheus') return live.text;
  const samples = readSamples(live.text);
  return options.format === 'json' ? json({ url: live.url, samples }, options) : sampleTable(samples, styleFor(io));
}

async function remoteText(options: MetricsOptions, io: CliIo): Promise<string> {
  const url = validUrl(options.url ?? 'http://localhost:9090');
  const samples = await readPrometheus(url);
  if (samples.length === 0) io.err(`No metrics: the Prometheus at ${url} scrapes no process of Sabot.\n`);
  if (options.format === 'json') return json({ url, samples }, options);
  if (options.format === 'prometheus') return samples.map(sampleLine).join('');
  return samples.length === 0 ? '' : sampleTable(samples, styleFor(io));
}

function sampleLine({ labels, name, value }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}\n`;
}

/** Pretty for a person who asks once; one line per picture for a program that watches. */
function json(value: unknown, options: MetricsOptions): string {
  return `${JSON.stringify(value, null, options.watch === true ? 0 : 2)}\n`;
}

const COLUMNS = [
  { title: 'metric' },
  { title: 'labels' },
  { title: 'value', align: 'right' },
  { title: 'per second', align: 'right' },
] as const;

function seriesTable(series: readonly StoredSeries[], allInstances: boolean, style: Style): string {
  const services = new Set(series.map(({ service }) => service));
  const rows = series.map((one) => [
    one.prometheusName,
    style.dim(labelsOf(services.size > 1 ? { ...one.attributes, service: one.service } : one.attributes)),
    shownValue(one),
    one.ratePerSecond === undefined ? '' : amount(one.ratePerSecond),
    ...(allInstances ? [one.instance] : []),
  ]);
  return renderTable(allInstances ? [...COLUMNS, { title: 'instance' }] : COLUMNS, rows, style);
}

function sampleTable(samples: readonly Sample[], style: Style): string {
  const shown = samples.filter(({ name }) => !name.endsWith('_bucket'));
  const rows = shown.map(({ labels, name, value }) => [name, style.dim(labelsOf(labels)), amount(value)]);
  return renderTable(COLUMNS.slice(0, 3), rows, style);
}

function labelsOf(labels: Readonly<Record<string, unknown>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

function shownValue({ descriptor, latest }: StoredSeries): string {
  if (latest.type === 'number') return isEventTime(descriptor.name) ? eventTime(latest.value) : amount(latest.value);
  if (latest.count === 0) return 'none yet';
  const shown = (value: number): string => (descriptor.unit === 's' ? duration(value * 1000) : amount(value));
  const at = (share: number): string => shown(quantile(latest, share));
  return `${amount(latest.count)} × mean ${shown(latest.sum / latest.count)}, p50 ${at(0.5)}, p99 ${at(0.99)}`;
}

/** Gauges that say when, not how long. */
function isEventTime(metric: string): boolean {
  return /\.watermark\.(input|output)$/.test(metric);
}

function seriesJson({
  attributes,
  descriptor,
  instance,
  latest,
  prometheusName,
  ratePerSecond,
  scope,
  service,
}: StoredSeries) {
  const point =
    latest.type === 'number'
      ? { value: latest.value }
      : {
          count: latest.count,
          sum: latest.sum,
          min: latest.min ?? null,
          max: latest.max ?? null,
          boundaries: latest.boundaries,
          bucketCounts: latest.bucketCounts,
        };
  return {
    name: descriptor.name,
    prometheusName,
    kind: descriptor.kind,
    unit: descriptor.unit,
    scope,
    service,
    instance,
    attributes,
    timeMs: latest.timeMs,
    ratePerSecond: ratePerSecond ?? null,
    ...point,
  };
}
