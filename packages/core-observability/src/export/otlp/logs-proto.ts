import { type LogRecord, severityNumbers } from '../../logging/log-record.js';
import type { Resource } from '../../otlp/resource.js';
import { ProtoWriter } from './proto-writer.js';
import { writeAttributes, writeResource, writeScope } from './trace-proto.js';

/** An `ExportLogsServiceRequest` in binary. Source: opentelemetry-proto 1.x; the numbers are those of its fields. */
export function encodeLogs(resource: Resource, logs: readonly LogRecord[]): Buffer {
  const writer = new ProtoWriter();
  writer.message(1, () => {
    writeResource(writer, resource);
    for (const log of logs) {
      writer.message(2, () => {
        writeScope(writer, log.scope);
        writer.message(2, () => writeLog(writer, log));
      });
    }
  });
  return writer.finish();
}

function writeLog(writer: ProtoWriter, { timeMs, level, message, attributes, trace }: LogRecord): void {
  writer.time(1, timeMs);
  writer.uint32(2, severityNumbers[level]);
  writer.string(3, level);
  writer.message(5, () => writer.string(1, message));
  writeAttributes(writer, 6, attributes);
  if (trace !== undefined) {
    writer.fixed32(8, trace.traceFlags);
    writer.hex(9, trace.traceId);
    writer.hex(10, trace.spanId);
  }
  writer.time(11, timeMs);
}
