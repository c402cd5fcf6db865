import type { Attributes, AttributeValue } from '../tracing/span-record.js';

/** OTLP/JSON's `AnyValue`, of the types that Sabot emits. */
export interface JsonAnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
}

export interface JsonKeyValue {
  readonly key: string;
  readonly value: JsonAnyValue;
}

/** Attributes in OTLP/JSON; whole numbers are written as texts, as the format asks for 64-bit integers. */
export function writeAttributes(attributes: Attributes): JsonKeyValue[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: writeValue(value) }));
}

function writeValue(value: AttributeValue): JsonAnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** The attributes of a list in OTLP/JSON; values of types that Sabot does not emit are left out. */
export function readAttributes(list: readonly JsonKeyValue[] | undefined): Attributes {
  const attributes: Record<string, AttributeValue> = {};
  for (const { key, value } of list ?? []) {
    const read = value.stringValue ?? value.boolValue ?? value.doubleValue;
    if (read !== undefined) attributes[key] = read;
    else if (value.intValue !== undefined) attributes[key] = Number(value.intValue);
  }
  return attributes;
}

/** Epoch milliseconds as OTLP's nanoseconds, in text: the number of nanoseconds does not fit a double. */
export function writeTime(timeMs: number): string {
  let whole = Math.floor(timeMs);
  let nanos = Math.round((timeMs - whole) * 1e6);
  if (nanos === 1e6) {
    whole++;
    nanos = 0;
  }
  return `${whole}${String(nanos).padStart(6, '0')}`;
}

/** OTLP's nanoseconds as epoch milliseconds with fraction. */
export function readTime(nanos: string | number | undefined): number {
  const text = String(nanos ?? 0).padStart(7, '0');
  return Number(text.slice(0, -6)) + Number(text.slice(-6)) / 1e6;
}
