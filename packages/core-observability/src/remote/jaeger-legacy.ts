import type { ReceivedSpan } from '../otlp/trace-json.js';
import type { AttributeValue } from '../tracing/span-record.js';

interface Tag {
  readonly key: string;
  readonly value: AttributeValue;
}

/** What `GET /api/traces` of a Jaeger before its version 3 API answers, as far as it is read here. Times in microseconds. */
export interface LegacyAnswer {
  readonly data?: readonly {
    readonly spans: readonly {
      readonly traceID: string;
      readonly spanID: string;
      readonly operationName: string;
      readonly references?: readonly { readonly refType: string; readonly traceID: string; readonly spanID: string }[];
      readonly startTime: number;
      readonly duration: number;
      readonly tags?: readonly Tag[];
      readonly logs?: readonly { readonly timestamp: number; readonly fields: readonly Tag[] }[];
      readonly processID: string;
    }[];
    readonly processes: Readonly<Record<string, { readonly serviceName: string; readonly tags?: readonly Tag[] }>>;
  }[];
}

const kinds = ['server', 'client', 'producer', 'consumer'] as const;

/** The spans of a legacy answer as the store gives them. Source: Jaeger's translation of OTLP into its own model. */
export function readLegacyTraces({ data = [] }: LegacyAnswer): readonly ReceivedSpan[] {
  return data.flatMap(({ spans, processes }) =>
    spans.map((span): ReceivedSpan => {
      const process = processes[span.processID];
      const {
        'span.kind': kind,
        error,
        'otel.status_description': said,
        'otel.scope.name': scope = '',
        ...attributes
      } = recordOf(span.tags);
      const references = span.references ?? [];
      const parent = references.find(({ refType, traceID }) => refType === 'CHILD_OF' && traceID === span.traceID);
      return {
        resource: { 'service.name': process?.serviceName ?? '', ...recordOf(process?.tags) },
        scope: { name: String(scope), version: '' },
        name: span.operationName,
        kind: kinds.find((each) => each === kind) ?? 'internal',
        traceId: span.traceID.padStart(32, '0'),
        spanId: span.spanID.padStart(16, '0'),
        parentSpanId: parent?.spanID.padStart(16, '0'),
        traceFlags: 1,
        traceState: undefined,
        startTimeMs: span.startTime / 1000,
        endTimeMs: (span.startTime + span.duration) / 1000,
        attributes,
        events: (span.logs ?? []).map(({ timestamp, fields }) => {
          const { event = '', ...rest } = recordOf(fields);
          return { name: String(event), timeMs: timestamp / 1000, attributes: rest };
        }),
        droppedEvents: 0,
        links: references
          .filter((each) => each !== parent)
          .map(({ traceID, spanID }) => ({ traceId: traceID, spanId: spanID, traceFlags: 1 })),
        status: error === true ? { code: 'error', message: said === undefined ? '' : String(said) } : { code: 'unset' },
      };
    }),
  );
}

function recordOf(tags: readonly Tag[] = []): Readonly<Record<string, AttributeValue>> {
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]));
}
