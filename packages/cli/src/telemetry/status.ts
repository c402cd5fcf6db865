import {
  liveProcesses,
  openTelemetryStore,
  type LiveProcess as RecordingProcess,
  type ResolvedConfig,
  type StoreSummary,
  shownSettings,
  type TelemetryStore,
  type WaitingTelemetry,
} from '@sabot/core-observability/sdk';
import type { CliIo } from '../command/io.js';
import { amount, bytes, duration, relativeTime } from '../output/quantities.js';
import { styleFor } from '../output/style.js';
import { renderTable } from '../output/table.js';
import { readConfig, storePath } from './config-file.js';
import { askLiveProcess, type LiveProcess } from './live-process.js';

export interface StatusOptions {
  readonly format: 'table' | 'json';
  readonly configFile?: string;
}

interface Lost {
  readonly exporter: string;
  readonly signal: string;
  readonly cause: string;
  readonly count: number;
}

interface Facts {
  readonly config: ResolvedConfig;
  readonly store: { readonly path: string; readonly summary: StoreSummary } | undefined;
  readonly live: LiveProcess | undefined;
  /** What records into the store right now, whatever the configuration here says. */
  readonly processes: readonly RecordingProcess[];
  /** What exporters could not send yet, from the files on disk. */
  readonly waiting: readonly WaitingTelemetry[];
  /** undefined: nothing was recorded that could say. */
  readonly lost: readonly Lost[] | undefined;
}

/** Every effective setting with its origin, the local store, live processes, what waits to be sent, and what the last run lost. */
export async function status(options: StatusOptions, io: CliIo): Promise<void> {
  const config = readConfig(options.configFile, io);
  const path = storePath(config, io);
  const store = path === undefined ? undefined : openTelemetryStore(path);
  const { prometheusPort } = config.telemetry;
  const facts: Facts = {
    config,
    store: store && { path: store.path, summary: await store.summary() },
    live: prometheusPort === null ? undefined : await askLiveProcess(prometheusPort),
    processes: store === undefined ? [] : await liveProcesses(store.path),
    waiting: store === undefined ? [] : await store.waiting(),
    lost: store && (await lossesOf(store)),
  };
  io.out(options.format === 'json' ? `${JSON.stringify(toJson(facts), null, 2)}\n` : toText(facts, io));
}

/** The losses that the newest run counted itself; undefined when it recorded nothing. */
async function lossesOf(store: TelemetryStore): Promise<readonly Lost[] | undefined> {
  const series = await store.metrics();
  if (series.length === 0) return undefined;
  return series.flatMap(({ attributes, descriptor, latest }) => {
    if (descriptor.name !== 'sabot.telemetry.lost' || latest.type !== 'number' || latest.value === 0) return [];
    const { cause, exporter, signal } = attributes;
    return [{ exporter: String(exporter), signal: String(signal), cause: String(cause), count: latest.value }];
  });
}

function toJson({ config, live, lost, processes, store, waiting }: Facts) {
  return {
    settings: shownSettings(config),
    store: store === undefined ? null : { path: store.path, ...store.summary },
    live:
      live === undefined
        ? null
        : { url: live.url, answers: live.kind === 'live', why: live.kind === 'none' ? live.why : null },
    processes,
    waiting: waiting.map(({ items, ...about }) => ({ ...about, ...items })),
    lost: lost ?? null,
  };
}

function toText(facts: Facts, io: CliIo): string {
  const style = styleFor(io);
  const rows = shownSettings(facts.config).map(({ from, setting, source, value }) => [
    setting,
    value === null ? 'none' : String(value),
    source === 'default' ? style.dim('default') : from,
  ]);
  const lines = [
    renderTable([{ title: 'setting' }, { title: 'value' }, { title: 'from' }], rows, style),
    `${style.bold('Local store')}  ${storeLine(facts.store, io.now())}`,
    `${style.bold('Recording')}    ${processesLine(facts.processes, io.now())}`,
    `${style.bold('Metrics port')} ${liveLine(facts.live)}`,
    `${style.bold('Waiting')}      ${waitingLine(facts.waiting, io.now())}`,
    `${style.bold('Last run')}     ${lostLine(facts.lost)}`,
  ];
  return `${lines.join('\n')}\n`;
}

function storeLine(store: Facts['store'], nowMs: number): string {
  if (store === undefined) return 'none is kept (telemetry.store_path is none)';
  const { bytes: size, files, newestMs, oldestMs, services } = store.summary;
  if (newestMs === undefined || oldestMs === undefined)
    return `${store.path} is empty: run an application with telemetry enabled`;
  const age = `newest ${relativeTime(newestMs, nowMs)}, spanning ${duration(newestMs - oldestMs)}`;
  return `${store.path}: ${bytes(size)} in ${files} file${files === 1 ? '' : 's'}, ${age}; services: ${services.join(', ')}`;
}

function liveLine(live: LiveProcess | undefined): string {
  if (live === undefined) return 'not asked: telemetry.prometheus_port is none';
  return live.kind === 'live' ? `answers on ${live.url}` : `none on ${live.url}: ${live.why}`;
}

function processesLine(processes: readonly RecordingProcess[], nowMs: number): string {
  if (processes.length === 0) return 'no process records into the store now';
  const each = processes.map(({ pid, prometheusUrl, service, startedAtMs }) => {
    const metrics = prometheusUrl === null ? '' : `, metrics on ${prometheusUrl}`;
    return `${service} (process ${pid}, started ${relativeTime(startedAtMs, nowMs)}${metrics})`;
  });
  return each.join('; ');
}

function waitingLine(waiting: readonly WaitingTelemetry[], nowMs: number): string {
  if (waiting.length === 0) return 'nothing waits to be sent';
  const each = waiting.map(({ bytes: size, exporter, items, oldestMs, service }) => {
    const counts = (['spans', 'points', 'logs'] as const).filter((signal) => items[signal] > 0);
    const what = counts.map((signal) => `${amount(items[signal])} ${signal}`).join(', ');
    return `${what} of ${service} for ${exporter}, ${bytes(size)} on disk, the oldest from ${relativeTime(oldestMs, nowMs)}`;
  });
  return each.join('; ');
}

function lostLine(lost: Facts['lost']): string {
  if (lost === undefined) return 'nothing recorded';
  if (lost.length === 0) return 'lost nothing';
  return `lost ${lost.map(({ cause, count, exporter, signal }) => `${count} ${signal} (${exporter}: ${cause})`).join(', ')}`;
}
