import type { Attributes, AttributeValue } from '../tracing/span-record.js';

/** The attribute that marks the series into which everything beyond the limit is counted. */
export const OVERFLOW_ATTRIBUTES: Attributes = { 'otel.metric.overflow': true };

/** One text per set of attribute values, whatever the order they are given in; types are told apart. */
export function seriesKey(attributes: Readonly<Record<string, AttributeValue | undefined>>): string {
  let key = '';
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name];
    // Lengths stand before texts, so that no value can imitate another attribute.
    if (value !== undefined) key += `${name.length}:${name}${typeof value}${String(value).length}:${value}`;
  }
  return key;
}

/** The attributes that have a value, sorted by name: what a series is published with. */
export function definedAttributes(attributes: Readonly<Record<string, AttributeValue | undefined>>): Attributes {
  const defined: Record<string, AttributeValue> = {};
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name];
    if (value !== undefined) defined[name] = value;
  }
  return defined;
}
