/** What a package emits, declared as data: instruments are typed by it, and references and dashboards are generated from it. */

export type AttributeType = 'string' | 'number' | 'boolean';

export interface AttributeDeclaration {
  readonly type: AttributeType;
  readonly brief: string;
  /** The closed set of values, where there is one; keeps series bounded by construction. */
  readonly values?: readonly (string | number)[];
  readonly example?: string | number | boolean;
}

export type MetricKind = 'counter' | 'upDownCounter' | 'gauge' | 'histogram';

export interface MetricDeclaration<A extends string = string> {
  /** OpenTelemetry name, for example `sabot.messages.processed`. */
  readonly name: string;
  readonly kind: MetricKind;
  /** UCUM unit, for example `s`, `By`, `{message}`. */
  readonly unit: string;
  readonly brief: string;
  readonly attributes: readonly A[];
  /** Histograms only: explicit bucket upper bounds in the metric's unit; default 100 µs to 10 s in 1-2-5 steps. */
  readonly boundaries?: readonly number[];
}

export type SpanKindName = 'internal' | 'producer' | 'consumer' | 'client' | 'server';

export interface SpanDeclaration<A extends string = string> {
  /** The span's name, for example `process_batch`. */
  readonly name: string;
  readonly kind: SpanKindName;
  readonly brief: string;
  readonly attributes: readonly A[];
}

export interface TelemetryCatalogue {
  /** Instrumentation scope: the package's name, for example `@sabot/stream`. */
  readonly scope: string;
  readonly attributes: Readonly<Record<string, AttributeDeclaration>>;
  readonly metrics: Readonly<Record<string, MetricDeclaration>>;
  readonly spans: Readonly<Record<string, SpanDeclaration>>;
}

type AttributesKnown<C extends TelemetryCatalogue> = {
  readonly attributes: C['attributes'];
  readonly metrics: Readonly<Record<string, MetricDeclaration<keyof C['attributes'] & string>>>;
  readonly spans: Readonly<Record<string, SpanDeclaration<keyof C['attributes'] & string>>>;
};

/** Declares a package's telemetry; a metric or span naming an undeclared attribute does not compile. */
export function defineTelemetry<const C extends TelemetryCatalogue>(catalogue: C & AttributesKnown<C>): C {
  return catalogue;
}

type ValueOf<D> = D extends { readonly values: readonly (infer V)[] }
  ? V
  : D extends { readonly type: 'string' }
    ? string
    : D extends { readonly type: 'number' }
      ? number
      : boolean;

/** The attributes of one metric: all of them, because a series is bound once. */
export type MetricAttributes<C extends TelemetryCatalogue, M extends keyof C['metrics']> = {
  readonly [A in C['metrics'][M]['attributes'][number]]: ValueOf<C['attributes'][A]>;
};

/** The attributes of one span: any of them, as they become known. */
export type SpanAttributes<C extends TelemetryCatalogue, N extends keyof C['spans']> = {
  readonly [A in C['spans'][N]['attributes'][number]]?: ValueOf<C['attributes'][A]> | undefined;
};
