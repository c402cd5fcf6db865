import type { MetricDeclaration } from '../catalogue/catalogue.js';
import { errors } from '../errors.js';
import { nowMs } from '../tracing/clock.js';
import type { ScopeIdentity } from '../tracing/span-record.js';
import { CellPool } from './cell-pool.js';
import { MeasurementLosses } from './measurement-losses.js';
import { type InstrumentContext, MetricInstrument } from './metric-instrument.js';
import { MetricReader } from './metric-reader.js';
import type { MetricSnapshot } from './snapshot.js';

export interface MetricRegistryOptions {
  /** Most series of one metric; further ones are counted into the overflow series. Default 2000. */
  readonly seriesLimit?: number;
  /** Histograms count into exponential buckets too, for receivers that prefer those. Default false. */
  readonly exponentialHistograms?: boolean;
  /** What attributes become before a series is bound, for example without secrets. Default: they stay. */
  readonly clean?: InstrumentContext['clean'];
}

// The specification's rule for instrument names.
const validName = /^[A-Za-z][A-Za-z0-9_.\-/]{0,254}$/;

/** All metrics of one observability: the place where instruments are made and exporters read. */
export class MetricRegistry {
  readonly losses = new MeasurementLosses();
  private readonly instruments = new Map<string, MetricInstrument>();
  private readonly readers = new Set<MetricReader>();
  private readonly context: InstrumentContext;

  constructor(options: MetricRegistryOptions = {}) {
    this.context = {
      pool: new CellPool(),
      losses: this.losses,
      seriesLimit: options.seriesLimit ?? 2000,
      exponentialHistograms: options.exponentialHistograms ?? false,
      clean: options.clean ?? ((attributes) => attributes),
      departed: (snapshot) => {
        for (const reader of this.readers) reader.departed(snapshot);
      },
    };
  }

  /**
   * The instrument of a declaration; declaring the same metric twice gives the same instrument.
   * Errors: `SABOT_TELEMETRY_METRIC_CONFLICT`, `SABOT_TELEMETRY_METRIC_NAME_INVALID`.
   */
  instrument(scope: ScopeIdentity, declaration: MetricDeclaration): MetricInstrument {
    const key = `${scope.name}\n${declaration.name}`;
    const known = this.instruments.get(key);
    if (known !== undefined) return assertSame(known, declaration);
    if (!validName.test(declaration.name)) {
      throw errors.error('METRIC_NAME_INVALID', {
        what: `cannot make the metric "${declaration.name}"`,
        why: 'its name is not one that OpenTelemetry allows',
      });
    }
    const instrument = new MetricInstrument(scope, declaration, this.context);
    this.instruments.set(key, instrument);
    return instrument;
  }

  /** Every series that has a value now. */
  collect(): readonly MetricSnapshot[] {
    const timeMs = nowMs();
    const snapshots: MetricSnapshot[] = [];
    for (const instrument of this.instruments.values()) {
      const snapshot = instrument.collect(timeMs);
      if (snapshot !== undefined) snapshots.push(snapshot);
    }
    return snapshots;
  }

  /** The same as `collect`, one part of at most `most` points at a time: between two parts the reader may let others run. */
  *parts(most: number): Generator<MetricSnapshot> {
    const timeMs = nowMs();
    for (const instrument of this.instruments.values()) yield* instrument.parts(timeMs, most);
  }

  /** A reader that also sees, once, the last value of series that disappeared between two of its collections. */
  openReader(): MetricReader {
    const reader = new MetricReader(
      () => this.collect(),
      () => this.readers.delete(reader),
    );
    this.readers.add(reader);
    return reader;
  }
}

function assertSame(known: MetricInstrument, declaration: MetricDeclaration): MetricInstrument {
  const { kind, unit, boundaries } = known.declaration;
  const sameBoundaries = String(boundaries ?? '') === String(declaration.boundaries ?? '');
  if (kind === declaration.kind && unit === declaration.unit && sameBoundaries) return known;
  throw errors.error('METRIC_CONFLICT', {
    what: `cannot declare the metric "${declaration.name}" again`,
    why: `it exists as ${kind} in "${unit}", and the new declaration says ${declaration.kind} in "${declaration.unit}"`,
  });
}
