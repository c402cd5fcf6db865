import { batchOf, defineSchema, int32 } from '@sabot/columnar';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/sources/memory-source.js';
import { Stream } from '../../src/surface/stream.js';
import { createSourceProbe } from '../../src/testing/source-probe.js';

const schema = defineSchema({ value: int32() });
const batch = (value: number) => batchOf(schema, { value: [value] });

describe('a loop over a stream', () => {
  it('gets every batch in order, and again in a second loop', async () => {
    const stream = Stream.from(memorySource(schema, [batch(1), batch(2), batch(3)])).filter((c) => c.value.neq(2));
    for (let round = 0; round < 2; round++) {
      const values: unknown[] = [];
      for await (const { columns } of stream) values.push(columns[0]?.values[0]);
      expect(values).toEqual([1, 3]);
    }
  });

  it('holds the source back while it works, and closes it when it is left', async () => {
    const source = createSourceProbe(schema, { bounded: false });
    for (let value = 0; value < 5000; value++) source.push(batch(value));
    for await (const { columns } of Stream.from(source)) {
      if (columns[0]?.values[0] === 2) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // What channels hold, not what the source has.
    expect(source.delivered).toBeLessThan(2500);
    expect(source.open).toBe(0);
  });

  it('throws what fails the run', async () => {
    const source = createSourceProbe(schema);
    source.push(batch(1));
    source.fail(new Error('gone'));
    const values: unknown[] = [];
    const loop = async () => {
      for await (const { columns } of Stream.from(source, { name: 'in' })) values.push(columns[0]?.values[0]);
    };
    await expect(loop()).rejects.toMatchObject({ code: 'SABOT_STREAM_SOURCE_FAILED', why: 'gone' });
    expect(source.open).toBe(0);
  });

  it('explains itself without running', () => {
    const source = createSourceProbe(schema);
    const text = Stream.from(source, { name: 'in' })
      .filter((c) => c.value.gt(1))
      .withColumns((c) => ({ twice: c.value.mul(2) }))
      .explain();
    expect(text).toContain('as run (rewrites: fuse-stateless)');
    expect(text).toContain('filter (value > 1), then with twice = (value * 2)');
    expect(source.open).toBe(0);
  });
});
