import {
  openJaeger,
  openTelemetryStore,
  type ResolvedConfig,
  type SpanNode,
  type TelemetryStore,
  type TraceFilter,
  type TraceReader,
  type TraceTree,
} from '@sabot/core-observability/sdk';
import { type CliIo, pause } from '../command/io.js';
import { duration, relativeTime } from '../output/quantities.js';
import { type Style, styleFor } from '../output/style.js';
import { renderTable } from '../output/table.js';
import { renderTree, type TreeNode } from '../output/tree.js';
import { readConfig, storePath } from './config-file.js';
import { amountsOf, subjectOf } from './span-title.js';
import { validUrl } from './valid-url.js';

export interface TracesOptions {
  readonly limit: number;
  readonly format: 'table' | 'json' | 'tree';
  readonly service?: string;
  readonly operation?: string;
  readonly minDuration?: number;
  readonly errors?: true;
  readonly since?: number;
  readonly from: 'store' | 'jaeger';
  readonly url?: string;
  readonly follow?: true;
  readonly configFile?: string;
}

const FOLLOW_EVERY_MS = 1000;
/** Traces remembered as printed; older ones are left behind by `since`. */
const REMEMBERED = 10_000;

/** The newest traces of the local store or of a Jaeger; with `follow`, also those that come. */
export async function traces(options: TracesOptions, io: CliIo): Promise<void> {
  const config = readConfig(options.configFile, io);
  if (options.from === 'jaeger')
    return show(openJaeger(jaegerUrl(config, options)), options, io, async () => {
      io.err('No traces fit: Jaeger knows none.\n');
    });
  const path = storePath(config, io);
  if (path === undefined) {
    io.err('sabot: no local store is kept (telemetry.store_path is none), so there are no traces to read.\n');
    return print([], openTelemetryStore(), options, io);
  }
  const store = openTelemetryStore(path);
  await show(store, options, io, () => explainNothing(store, options, io));
}

type Reader = TraceReader & Partial<Pick<TelemetryStore, 'losses'>>;

async function show(reader: Reader, options: TracesOptions, io: CliIo, nothing: () => Promise<void>): Promise<void> {
  const found = await reader.traces(filterOf(options, io));
  if (found.length === 0 && options.follow !== true) await nothing();
  if (options.follow === true) await follow(reader, found, options, io);
  else print(found, reader, options, io);
}

/** The query service usually answers on port 16686 of the host that takes the spans. */
function jaegerUrl({ telemetry }: ResolvedConfig, { url }: TracesOptions): string {
  if (url !== undefined) return validUrl(url);
  const { jaegerEndpoint } = telemetry;
  return `http://${jaegerEndpoint === null ? 'localhost' : new URL(jaegerEndpoint).hostname}:16686`;
}

function filterOf(options: TracesOptions, io: CliIo): TraceFilter {
  const { errors, limit, minDuration, operation, service, since } = options;
  return {
    limit,
    ...(service === undefined ? {} : { service }),
    ...(operation === undefined ? {} : { operation }),
    ...(minDuration === undefined ? {} : { minDurationMs: minDuration }),
    ...(errors === undefined ? {} : { errorsOnly: true }),
    ...(since === undefined ? {} : { sinceMs: io.now() - since }),
  };
}

/** Nothing found is an answer, not a failure; on standard error, so that JSON stays JSON. */
async function explainNothing(store: TelemetryStore, options: TracesOptions, io: CliIo): Promise<void> {
  const { newestMs } = await store.summary();
  const isFiltered = [options.service, options.operation, options.minDuration, options.errors, options.since].some(
    (given) => given !== undefined,
  );
  if (newestMs === undefined)
    io.err(`No traces: the local store ${store.path} is empty. Run an application with telemetry enabled.\n`);
  else if (isFiltered)
    io.err(`No traces fit: the newest entry of ${store.path} is ${relativeTime(newestMs, io.now())}.\n`);
  else io.err(`No traces in ${store.path}; telemetry.sample_rate may be 0.\n`);
}

/** Prints what is there and then what comes, oldest first, until the command is to end. */
async function follow(store: Reader, found: readonly TraceTree[], options: TracesOptions, io: CliIo): Promise<void> {
  const printed = new Set<string>();
  let fresh = found;
  while (!io.signal.aborted) {
    for (const { traceId } of fresh) printed.add(traceId);
    for (const old of printed) {
      if (printed.size <= REMEMBERED) break;
      printed.delete(old);
    }
    if (fresh.length > 0) printFollowed([...fresh].reverse(), options, io);
    await pause(FOLLOW_EVERY_MS, io.signal);
    if (io.signal.aborted) return;
    const latest = await store.traces({
      ...filterOf(options, io),
      limit: Math.max(options.limit, 1000),
      sinceMs: io.now() - 60_000,
    });
    fresh = latest.filter(({ traceId }) => !printed.has(traceId));
  }
}

/** One line per trace, so that what is printed can be read line by line. */
function printFollowed(found: readonly TraceTree[], options: TracesOptions, io: CliIo): void {
  const style = styleFor(io);
  for (const trace of found) {
    if (options.format === 'json') io.out(`${JSON.stringify(traceJson(trace))}\n`);
    else if (options.format === 'tree') io.out(`${treeText(trace, io, style)}\n`);
    else io.out(`${row(trace, io, style).join('  ')}\n`);
  }
}

function print(found: readonly TraceTree[], store: Reader, options: TracesOptions, io: CliIo): void {
  const style = styleFor(io);
  switch (options.format) {
    case 'json':
      io.out(
        `${JSON.stringify({ traces: found.map(traceJson), skippedLines: store.losses === undefined ? null : { ...store.losses } }, null, 2)}\n`,
      );
      return;
    case 'tree':
      io.out(found.map((trace) => treeText(trace, io, style)).join('\n'));
      return;
    case 'table':
      if (found.length > 0)
        io.out(
          renderTable(
            COLUMNS,
            found.map((trace) => row(trace, io, style)),
            style,
          ),
        );
      return;
  }
}

const COLUMNS = [
  { title: 'trace' },
  { title: 'started' },
  { title: 'service' },
  { title: 'operation' },
  { title: 'spans', align: 'right' },
  { title: 'duration', align: 'right' },
  { title: 'status' },
] as const;

function row(trace: TraceTree, io: CliIo, style: Style): readonly string[] {
  const { errorCount } = trace;
  return [
    trace.traceId,
    relativeTime(trace.startTimeMs, io.now()),
    trace.services.join(', '),
    trace.roots[0] === undefined ? '' : titleOf(trace.roots[0].span, style),
    String(trace.spanCount),
    duration(trace.durationMs),
    errorCount === 0 ? style.good('ok') : style.bad(`${errorCount} error${errorCount === 1 ? '' : 's'}`),
  ];
}

function treeText(trace: TraceTree, io: CliIo, style: Style): string {
  const head = `${style.dim(trace.traceId)}  ${trace.services.join(', ')}  ${relativeTime(trace.startTimeMs, io.now())}`;
  return `${head}\n${trace.roots.map((root) => renderTree(treeNode(root, style))).join('')}`;
}

function treeNode({ children, span }: SpanNode, style: Style): TreeNode {
  const failure = span.status.code === 'error' ? `  ${style.bad(`✗ ${failureOf(span)}`)}` : '';
  const took = style.dim(duration(span.endTimeMs - span.startTimeMs));
  const facts = [took, ...amountsOf(span.attributes).map((text) => style.dim(text))].join('  ');
  return {
    label: `${titleOf(span, style)}  ${facts}${failure}`,
    children: children.map((child) => treeNode(child, style)),
  };
}

/** The name, and what tells the span from others of that name. */
function titleOf(span: SpanNode['span'], style: Style): string {
  const subject = subjectOf(span.attributes);
  return subject === '' ? style.bold(span.name) : `${style.bold(span.name)} ${subject}`;
}

function failureOf({ attributes, status }: SpanNode['span']): string {
  const type = attributes['error.type'];
  const said = [type === undefined ? '' : String(type), status.message ?? ''].filter((part) => part !== '');
  return said.length === 0 ? 'failed' : said.join(': ');
}

function traceJson(trace: TraceTree) {
  const { durationMs, errorCount, roots, services, spanCount, startTimeMs, traceId } = trace;
  return {
    traceId,
    operation: roots[0]?.span.name ?? null,
    services,
    startTime: new Date(startTimeMs).toISOString(),
    startTimeMs,
    durationMs,
    spanCount,
    errorCount,
    status: errorCount === 0 ? 'ok' : 'error',
    spans: roots.map(spanJson),
  };
}

interface SpanJson {
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: string;
  readonly service: string | null;
  readonly scope: string;
  readonly startTimeMs: number;
  readonly durationMs: number;
  readonly status: { readonly code: string; readonly message: string | null };
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly events: readonly {
    readonly name: string;
    readonly timeMs: number;
    readonly attributes: Readonly<Record<string, string | number | boolean>>;
  }[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly children: readonly SpanJson[];
}

function spanJson({ children, span }: SpanNode): SpanJson {
  return {
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? null,
    name: span.name,
    kind: span.kind,
    service: span.resource['service.name'] === undefined ? null : String(span.resource['service.name']),
    scope: span.scope.name,
    startTimeMs: span.startTimeMs,
    durationMs: span.endTimeMs - span.startTimeMs,
    status: { code: span.status.code, message: span.status.message ?? null },
    attributes: span.attributes,
    events: span.events.map(({ attributes, name, timeMs }) => ({ name, timeMs, attributes })),
    links: span.links.map(({ spanId, traceId }) => ({ traceId, spanId })),
    children: children.map(spanJson),
  };
}
