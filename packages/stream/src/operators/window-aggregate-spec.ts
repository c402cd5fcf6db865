import { defineSchema, type Fields, type Schema } from '@sabot/columnar';
import { withChanges } from '../changelog/change-kind.js';
import { streamErrors } from '../errors.js';
import type { OperatorSpec } from '../plan/operator-spec.js';
import type { Operator } from '../ports/operator.js';
import { describeWindow, requireWhole, requireWholeMs, type WindowSpec } from '../time/window-spec.js';
import { createCountWindow } from './count-window.js';
import { createPaneAggregate } from './pane-aggregate.js';
import { createSessionAggregate } from './session-aggregate.js';
import { createWindowAggregate } from './window-aggregate.js';
import { WINDOW_TYPE } from './window-columns.js';
import type { WindowComputation } from './window-fold.js';
import type { EarlyFiring, WindowResultsMode, WindowSettings } from './window-settings.js';

/** How a stream is windowed, as the surface is told. */
export interface Windowing {
  readonly input: Schema;
  readonly keys: readonly string[];
  readonly eventTime: string | undefined;
  readonly window: WindowSpec;
  readonly allowedLatenessMs?: number | undefined;
  readonly results?: WindowResultsMode | undefined;
  readonly early?: EarlyFiring | undefined;
  readonly late?: 'per-watermark' | 'per-row' | undefined;
}

/** What is computed in the windows. */
export interface WindowedComputation {
  readonly name: string | undefined;
  readonly computation: WindowComputation;
  /** Only aggregates may be made of panes: the order of rows means nothing to them. Only `process` gives any number of rows. */
  readonly kind: 'aggregate' | 'reduce' | 'process';
}

const BOUNDS: Fields = { windowStart: WINDOW_TYPE, windowEnd: WINDOW_TYPE, windowTime: WINDOW_TYPE };

/** The operator spec of a window; its side output `late` carries input rows. Fails with `SABOT_STREAM_OPTION_INVALID` or `…_PLAN_INVALID`. */
export function windowAggregateSpec(windowing: Windowing, computed: WindowedComputation): OperatorSpec {
  const { input, window, keys } = windowing;
  if (computed.kind === 'process' && windowing.results === 'retracting') {
    throw optionRefused(
      'results "retracting"',
      'rows that a function makes of a window have nothing to be told apart by',
    );
  }
  const settings = settingsOf(windowing, computed.computation);
  const { results, output, identity } = settings;
  return {
    kind: 'window_aggregate',
    distribution: keys.length === 0 ? 'single' : { keyedBy: [keys] },
    ...(computed.name === undefined ? {} : { name: computed.name }),
    ...(results === 'retracting' ? { schema: withChanges(output), changelogKey: identity } : { schema: output }),
    eventTime: inEventTime(window) ? 'windowTime' : null,
    sideOutputs: { late: input },
    describe: describe(settings),
    facts: { window: window.kind },
    create: () => operatorFor(settings, computed.kind),
  };
}

function settingsOf(windowing: Windowing, computation: WindowComputation): WindowSettings<WindowSpec> {
  const { input, keys, window, results = 'accumulating' } = windowing;
  const keyed = Object.fromEntries(keys.map((key) => [key, input.fields[key] as Fields[string]]));
  const bounds = isBounded(window) ? BOUNDS : {};
  const computed = computation.outputSchema.fields;
  const taken = keys.find((key) => Object.hasOwn(bounds, key));
  if (taken !== undefined) {
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot window by key "${taken}"`,
      why: 'the result has a window column of that name',
      remedy: 'Rename the key column with select before keyBy.',
    });
  }
  for (const column of Object.keys(computed)) {
    if (!Object.hasOwn(bounds, column) && !Object.hasOwn(keyed, column)) continue;
    throw streamErrors.error('PLAN_INVALID', {
      what: `cannot name a result "${column}"`,
      why: 'the result has a key or window column of that name',
      remedy: 'Give it another name.',
    });
  }
  return {
    window,
    allowedLatenessMs: windowing.allowedLatenessMs ?? 0,
    keys,
    eventTime: windowing.eventTime,
    computation,
    results,
    early: windowing.early,
    late: windowing.late ?? 'per-watermark',
    output: defineSchema({ ...keyed, ...bounds, ...computed }),
    identity: isBounded(window) ? [...keys, 'windowStart', 'windowEnd'] : keys,
  };
}

function operatorFor(settings: WindowSettings<WindowSpec>, kind: WindowedComputation['kind']): Operator {
  const { window } = settings;
  switch (window.kind) {
    case 'session':
      return createSessionAggregate({ ...settings, window });
    case 'count':
      return createCountWindow({ ...settings, window });
    case 'hopping':
      if (kind === 'aggregate' && isMadeOfPanes(settings, window.time))
        return createPaneAggregate({ ...settings, window });
      return createWindowAggregate({ ...settings, window });
    case 'tumbling':
    case 'global':
      return createWindowAggregate({ ...settings, window });
  }
}

/** Panes are shared by windows: what one window gives out must not depend on what has become of another. */
function isMadeOfPanes({ results, early, late }: WindowSettings<WindowSpec>, time: string): boolean {
  const byRow = late === 'per-row' || (early !== undefined && 'everyRows' in early);
  return time === 'event-time' && results !== 'discarding' && !byRow;
}

function isBounded({ kind }: WindowSpec): boolean {
  return kind !== 'global' && kind !== 'count';
}

function inEventTime(window: WindowSpec): boolean {
  return isBounded(window) && !('time' in window && window.time === 'processing-time');
}

/** Fails with `SABOT_STREAM_OPTION_INVALID` or `…_EVENT_TIME_MISSING` for options that cannot be used together. */
export function assertWindowing(windowing: Windowing): void {
  const { window, keys, eventTime, early, allowedLatenessMs = 0 } = windowing;
  requireWholeMs('allowedLatenessMs', allowedLatenessMs, 0);
  if (early !== undefined && 'everyMs' in early) requireWholeMs('early.everyMs', early.everyMs, 1);
  if (early !== undefined && 'everyRows' in early) requireWhole('early.everyRows', early.everyRows, 1, 'rows');
  if (inEventTime(window) && eventTime === undefined) {
    throw streamErrors.error('EVENT_TIME_MISSING', {
      what: `cannot window the stream${keys.length === 0 ? '' : ` by ${keys.join(', ')}`}`,
      why: 'it has no event-time column (any more)',
    });
  }
  if (!inEventTime(window) && (allowedLatenessMs > 0 || windowing.late !== undefined)) {
    throw optionRefused('allowedLatenessMs and late', `rows are never late for ${describeWindow(window)} windows`);
  }
  if (window.kind === 'count' && (early !== undefined || windowing.results !== undefined)) {
    throw optionRefused('early and results', 'a window of a number of rows comes out once, when it has them');
  }
}

function optionRefused(option: string, why: string) {
  return streamErrors.error('OPTION_INVALID', { what: `cannot use ${option} here`, why });
}

function describe({ keys, window, allowedLatenessMs, results, early, late }: WindowSettings<WindowSpec>): string {
  const ahead =
    early === undefined
      ? ''
      : `, early every ${'everyMs' in early ? `${early.everyMs} ms` : `${early.everyRows} rows`}`;
  const by = keys.length === 0 ? 'all rows' : `by ${keys.join(', ')}`;
  const lateness = inEventTime(window) ? `, allowed lateness ${allowedLatenessMs} ms` : '';
  const mode = results === 'accumulating' ? '' : `, ${results}`;
  return `${by}, ${describeWindow(window)}${lateness}${ahead}${late === 'per-row' ? ', late per row' : ''}${mode}`;
}
