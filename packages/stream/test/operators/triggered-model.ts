import { type Batch, rowsOf } from '@sabot/columnar';
import type { EarlyFiring, WindowResultsMode } from '../../src/operators/window-settings.js';
import type { Operator } from '../../src/ports/operator.js';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { checkChangelogs } from '../../src/testing/changelog-checker.js';
import { createOperatorHarness } from '../../src/testing/operator-harness.js';
import { createVirtualClock } from '../../src/testing/virtual-clock.js';
import type { TimeWindow } from '../../src/time/window-spec.js';
import { batch, type Event, type Row, schema } from './window-model.js';

/** A firing of the early clock. */
export const TICK_MS = 100;
export type TriggeredEvent = Event | { readonly tick: true };

export interface Triggers {
  readonly window: TimeWindow;
  readonly latenessMs: number;
  readonly results: WindowResultsMode;
  readonly early: EarlyFiring | undefined;
  readonly late: 'per-watermark' | 'per-row';
  readonly keyed: boolean;
}

const KINDS = ['+I', '-U', '+U', '-D'];

/** The operator as the surface makes it, its output checked as a changelog. */
export function triggeredOperator({ window, latenessMs, results, early, late, keyed }: Triggers): Operator {
  const input = Stream.from(memorySource(schema, []), { eventTime: 'at' });
  const options = { allowedLatenessMs: latenessMs, results, late, ...(early === undefined ? {} : { early }) };
  const windowed = keyed ? input.keyBy('key').window(window, options) : input.window(window, options);
  const stream: unknown = windowed.aggregate((a) => ({
    rows: a.count(),
    total: a.sum('value'),
    first: a.first('value'),
  }));
  const { node } = (stream as { edge: { node: { spec: { create(): Operator; changelogKey?: readonly string[] } } } })
    .edge;
  const meta = {
    job: 'job',
    operatorId: 'w',
    kind: 'window',
    chain: 'w',
    facts: {},
    changelogKey: node.spec.changelogKey,
  };
  return checkChangelogs().operator?.(node.spec.create(), meta) as Operator;
}

const shown = (batches: readonly Batch[]) =>
  batches
    .flatMap((result) => [...rowsOf(result)])
    .map((row) => {
      const kind = row['$change'] === undefined ? '' : `${KINDS[Number(row['$change'])]} `;
      const bounds = `[${row['windowStart']},${row['windowEnd']})`;
      return `${kind}${row['key'] ?? '*'}${bounds} ${row['rows']} ${row['total']} ${row['first']}`;
    });

export interface TriggeredOutcome {
  /** What came out between two watermarks or ticks, sorted. */
  readonly steps: readonly (readonly string[])[];
  readonly late: readonly string[];
}

/** What the operator gives, the number of the event as value; it must end without state. */
export async function runTriggered(
  triggers: Triggers,
  input: readonly TriggeredEvent[],
  cuts: { readonly batchRows: number; readonly restartAt: number },
): Promise<TriggeredOutcome> {
  const clock = createVirtualClock();
  let harness = await createOperatorHarness(triggeredOperator(triggers), { clock });
  const steps: string[][] = [];
  const late: string[] = [];
  let step: string[] = [];
  let gathered: Row[] = [];
  const take = () => {
    step.push(...shown(harness.batches(0)));
    late.push(...harness.batches(1).flatMap((rows) => [...rowsOf(rows)].map((row) => `${row['key']}@${row['at']}`)));
    harness.takeEmitted();
  };
  const flush = async () => {
    if (gathered.length > 0) await harness.process(batch(...gathered));
    gathered = [];
    take();
  };
  for (const [at, event] of [...input, { watermark: Number.POSITIVE_INFINITY }].entries()) {
    if (at === cuts.restartAt) {
      await flush();
      const checkpoint = await harness.checkpoint(1);
      await harness.close();
      harness = await createOperatorHarness(triggeredOperator(triggers), { clock }, [checkpoint]);
    }
    if ('at' in event) {
      gathered.push([event.key, event.at, at]);
      if (gathered.length >= cuts.batchRows) await flush();
      continue;
    }
    await flush();
    if ('tick' in event) clock.advance(TICK_MS);
    else await harness.watermark(event.watermark);
    take();
    steps.push(step.sort());
    step = [];
  }
  const { stateEntries, stateBytes } = harness.operator.stats;
  if (stateEntries !== 0 || stateBytes !== 0) throw new Error(`${stateEntries} entries, ${stateBytes} bytes are left`);
  return { steps, late };
}

interface OpenWindow {
  key: string;
  start: number;
  end: number;
  /** What the next firing is about. */
  values: number[];
  /** Rows since the last firing of any kind, and since the last at the end. */
  rows: number;
  changed: boolean;
  shown: string | undefined;
}

/** The rules as written, one row and one window at a time. */
export function naiveTriggered(triggers: Triggers, input: readonly TriggeredEvent[]): TriggeredOutcome {
  const model = new NaiveWindows(triggers);
  for (const [value, event] of [...input, { watermark: Number.POSITIVE_INFINITY }].entries()) {
    if ('at' in event) model.row(event.key, event.at, value);
    else if ('tick' in event) model.tick();
    else model.advance(event.watermark);
  }
  return model;
}

class NaiveWindows implements TriggeredOutcome {
  readonly steps: string[][] = [];
  readonly late: string[] = [];
  private readonly triggers: Triggers;
  private open: OpenWindow[] = [];
  private step: string[] = [];
  private watermark = Number.NEGATIVE_INFINITY;

  constructor(triggers: Triggers) {
    this.triggers = triggers;
  }

  row(key: string, at: number, value: number): void {
    const { window, keyed } = this.triggers;
    const name = keyed ? key : '*';
    const found =
      window.kind === 'session' ? this.inSession(name, at, value, window.gapMs) : this.inWindows(name, at, value);
    if (!found) this.late.push(`${key}@${at}`);
  }

  tick(): void {
    const { early } = this.triggers;
    if (early !== undefined && 'everyMs' in early) {
      for (const one of this.open) if (one.end > this.watermark && one.rows > 0) this.fire(one);
    }
    this.endStep();
  }

  advance(watermark: number): void {
    if (watermark > this.watermark) {
      this.watermark = watermark;
      for (const one of this.open) if (one.changed && one.end <= watermark) this.fire(one);
      this.open = this.open.filter((one) => !this.isClosed(one.end));
    }
    this.endStep();
  }

  private endStep(): void {
    this.steps.push(this.step.sort());
    this.step = [];
  }

  private isClosed(end: number): boolean {
    return end + this.triggers.latenessMs <= this.watermark;
  }

  private fire(one: OpenWindow): void {
    const { results } = this.triggers;
    const total = one.values.reduce((sum, value) => sum + value, 0);
    const line = `${one.key}[${one.start},${one.end}) ${one.values.length} ${total} ${Math.min(...one.values)}`;
    if (results !== 'retracting') this.step.push(line);
    else if (one.shown === undefined) this.step.push(`+I ${line}`);
    else if (one.shown !== line) this.step.push(`-U ${one.shown}`, `+U ${line}`);
    one.shown = line;
    one.rows = 0;
    if (one.end <= this.watermark) one.changed = false;
    if (results !== 'discarding') return;
    one.values = [];
    one.changed = false;
  }

  private add(one: OpenWindow, value: number): void {
    const { early, late } = this.triggers;
    const everyRows = early !== undefined && 'everyRows' in early ? early.everyRows : Number.POSITIVE_INFINITY;
    one.values.push(value);
    one.rows++;
    one.changed = true;
    if (one.end <= this.watermark ? late === 'per-row' : one.rows >= everyRows) this.fire(one);
  }

  private windowOf(key: string, start: number, end: number): OpenWindow {
    const known = this.open.find((one) => one.key === key && one.start === start && one.end === end);
    if (known !== undefined) return known;
    const made: OpenWindow = { key, start, end, values: [], rows: 0, changed: false, shown: undefined };
    this.open.push(made);
    return made;
  }

  private inSession(key: string, at: number, value: number, gap: number): boolean {
    const touched = this.open.filter((one) => one.key === key && at < one.end && one.start < at + gap);
    if (touched.length === 0 && this.isClosed(at + gap)) return false;
    const start = Math.min(at, ...touched.map((one) => one.start));
    const end = Math.max(at + gap, ...touched.map((one) => one.end));
    this.open = this.open.filter((one) => !touched.includes(one));
    const merged = this.windowOf(key, start, end);
    for (const one of touched) {
      merged.values.push(...one.values);
      merged.rows += one.rows;
      if (one.start === start && one.end === end) merged.shown = one.shown;
      else if (one.shown !== undefined && this.triggers.results === 'retracting') this.step.push(`-D ${one.shown}`);
    }
    this.add(merged, value);
    return true;
  }

  private inWindows(key: string, at: number, value: number): boolean {
    const { window } = this.triggers;
    if (window.kind === 'session') return false;
    const { sizeMs, offsetMs } = window;
    const slideMs = window.kind === 'hopping' ? window.slideMs : sizeMs;
    let found = false;
    const last = Math.floor((at - offsetMs) / slideMs) * slideMs + offsetMs;
    for (let start = last; start + sizeMs > at; start -= slideMs) {
      if (this.isClosed(start + sizeMs)) continue;
      found = true;
      this.add(this.windowOf(key, start, start + sizeMs), value);
    }
    return found;
  }
}
