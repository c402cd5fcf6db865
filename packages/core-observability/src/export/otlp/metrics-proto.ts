import type { ExponentialDistribution } from '../../metrics/exponential-buckets.js';
import type { Exemplar, HistogramPoint, MetricPoint, MetricSnapshot, NumberPoint } from '../../metrics/snapshot.js';
import type { Resource } from '../../otlp/resource.js';
import { ProtoWriter } from './proto-writer.js';
import { writeAttributes, writeResource, writeScope } from './trace-proto.js';

// opentelemetry.proto.metrics.v1.AggregationTemporality
const DELTA = 1;
const CUMULATIVE = 2;

/** An `ExportMetricsServiceRequest` in binary. Source: opentelemetry-proto 1.x; the numbers are those of its fields. */
export function encodeMetrics(resource: Resource, snapshots: readonly MetricSnapshot[]): Buffer {
  const writer = new ProtoWriter();
  writer.message(1, () => {
    writeResource(writer, resource);
    for (const snapshot of snapshots) {
      writer.message(2, () => {
        writeScope(writer, snapshot.scope);
        writer.message(2, () => writeMetric(writer, snapshot));
      });
    }
  });
  return writer.finish();
}

function writeMetric(writer: ProtoWriter, { descriptor, temporality: of, points }: MetricSnapshot): void {
  const temporality = of === 'delta' ? DELTA : CUMULATIVE;
  writer.string(1, descriptor.name);
  writer.string(2, descriptor.brief);
  writer.string(3, descriptor.unit);
  const writePoints = () => {
    for (const point of points) writer.message(1, () => writePoint(writer, point));
  };
  switch (descriptor.kind) {
    case 'gauge':
      writer.message(5, writePoints);
      break;
    case 'counter':
    case 'upDownCounter':
      writer.message(7, () => {
        writePoints();
        writer.uint32(2, temporality);
        writer.bool(3, descriptor.kind === 'counter');
      });
      break;
    case 'histogram':
      // All series of a metric have exponential buckets or none: the registry decides once.
      writer.message(points.some(isExponential) ? 10 : 9, () => {
        writePoints();
        writer.uint32(2, temporality);
      });
  }
}

function isExponential(point: MetricPoint): boolean {
  return point.type === 'histogram' && point.exponential !== undefined;
}

function writePoint(writer: ProtoWriter, point: MetricPoint): void {
  writer.time(2, point.startTimeMs);
  writer.time(3, point.timeMs);
  if (point.type === 'number') writeNumber(writer, point);
  else if (point.exponential !== undefined) writeExponential(writer, point, point.exponential);
  else writeHistogram(writer, point);
}

function writeNumber(writer: ProtoWriter, point: NumberPoint): void {
  writer.double(4, point.value);
  writeAttributes(writer, 7, point.attributes);
}

function writeHistogram(writer: ProtoWriter, point: HistogramPoint): void {
  writer.fixed64(4, point.count);
  writer.double(5, point.sum);
  writer.packedFixed64(6, point.bucketCounts);
  writer.packedDouble(7, point.boundaries);
  for (const exemplar of point.exemplars) writer.message(8, () => writeExemplar(writer, exemplar));
  writeAttributes(writer, 9, point.attributes);
  if (point.min !== undefined) writer.double(11, point.min);
  if (point.max !== undefined) writer.double(12, point.max);
}

function writeExponential(writer: ProtoWriter, point: HistogramPoint, buckets: ExponentialDistribution): void {
  writeAttributes(writer, 1, point.attributes);
  writer.fixed64(4, point.count);
  writer.double(5, point.sum);
  writer.sint32(6, buckets.scale);
  writer.fixed64(7, buckets.zeroCount);
  for (const [field, side] of [
    [8, buckets.positive],
    [9, buckets.negative],
  ] as const) {
    writer.message(field, () => {
      writer.sint32(1, side.offset);
      writer.packedUint64(2, side.counts);
    });
  }
  for (const exemplar of point.exemplars) writer.message(11, () => writeExemplar(writer, exemplar));
  if (point.min !== undefined) writer.double(12, point.min);
  if (point.max !== undefined) writer.double(13, point.max);
}

function writeExemplar(writer: ProtoWriter, { value, timeMs, traceId, spanId }: Exemplar): void {
  writer.time(2, timeMs);
  writer.double(3, value);
  writer.hex(4, spanId);
  writer.hex(5, traceId);
}
