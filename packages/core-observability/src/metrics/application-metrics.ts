import {
  type BatchObservableResult,
  type Meter,
  type MeterProvider,
  metrics as metricsApi,
  type Observable,
} from '@opentelemetry/api';
import type { MetricInstrument } from './metric-instrument.js';

interface Published {
  readonly meter: Meter;
  readonly observable: Observable;
  readonly callback: (result: BatchObservableResult) => void;
}

/**
 * Publishes Sabot's metrics through the application's OpenTelemetry as observable instruments, read at its collections.
 * Histograms have no observable form in OpenTelemetry: they are forwarded measurement by measurement.
 */
export class ApplicationMetrics {
  private readonly instruments = new Set<MetricInstrument>();
  private published: Published[] = [];
  private provider: MeterProvider | undefined;

  /** Adds an instrument to what the application's SDK reads. */
  add(instrument: MetricInstrument): void {
    if (this.instruments.has(instrument)) return;
    this.instruments.add(instrument);
    if (!this.refresh() && this.provider !== undefined) this.publish(instrument, this.provider);
  }

  /**
   * Publishes everything when a meter provider appeared or was replaced since the last look; whether it did.
   * The API hands out no late-binding meters, so somebody has to look again.
   */
  refresh(): boolean {
    const provider = metricsApi.getMeterProvider();
    if (provider === this.provider || isNoopMeterProvider(provider)) return false;
    this.unpublish();
    this.provider = provider;
    for (const instrument of this.instruments) this.publish(instrument, provider);
    return true;
  }

  close(): void {
    this.unpublish();
    this.instruments.clear();
    this.provider = undefined;
  }

  private publish(instrument: MetricInstrument, provider: MeterProvider): void {
    const meter = provider.getMeter(instrument.scope.name, instrument.scope.version);
    const { name, kind, unit, brief } = instrument.declaration;
    const options = { unit, description: brief };
    if (kind === 'histogram') {
      const advice = { explicitBucketBoundaries: [...instrument.boundaries] };
      const histogram = meter.createHistogram(name, { ...options, advice });
      instrument.forwardTo((value, attributes) => histogram.record(value, attributes));
      return;
    }
    const observable = createObservable(meter, kind, name, options);
    const callback = (result: BatchObservableResult): void => {
      for (const point of instrument.collect(Date.now())?.points ?? []) {
        if (point.type === 'number') result.observe(observable, point.value, point.attributes);
      }
    };
    meter.addBatchObservableCallback(callback, [observable]);
    this.published.push({ meter, observable, callback });
  }

  private unpublish(): void {
    for (const { meter, observable, callback } of this.published) {
      meter.removeBatchObservableCallback(callback, [observable]);
    }
    this.published = [];
    for (const instrument of this.instruments) instrument.forwardTo(undefined);
  }
}

function createObservable(
  meter: Meter,
  kind: 'counter' | 'upDownCounter' | 'gauge',
  name: string,
  options: { readonly unit: string; readonly description: string },
): Observable {
  switch (kind) {
    case 'counter':
      return meter.createObservableCounter(name, options);
    case 'upDownCounter':
      return meter.createObservableUpDownCounter(name, options);
    case 'gauge':
      return meter.createObservableGauge(name, options);
  }
}

/** The API's own provider gives one and the same meter to everybody. */
export function isNoopMeterProvider(provider: MeterProvider): boolean {
  return provider.getMeter('sabot.probe.a') === provider.getMeter('sabot.probe.b');
}
