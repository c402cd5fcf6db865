import { expect, it } from 'vitest';
import { buildProgram, runProgram } from '../built-package.js';
import { startGrpcReceiver, startHttpReceiver } from '../export/receivers.js';

it.each([
  ['http', startHttpReceiver],
  ['grpc', startGrpcReceiver],
] as const)('one trace spans two processes and a worker thread, over %s', async (protocol, start) => {
  const receiver = await start();
  const program = await buildProgram('traced-everywhere');
  const { code, stderr } = await runProgram(program, [receiver.url, protocol, 'first']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [root] = receiver.spans.filter((span) => span.name === 'distribute_work');
  const batches = receiver.spans.filter((span) => span.name === 'process_batch');
  expect([...receiver.services].sort()).toEqual(['first', 'second', 'worker']);
  expect(batches).toHaveLength(4);
  expect(new Set(batches.map((span) => span.traceId))).toEqual(new Set([root?.traceId]));
  expect(batches.filter((span) => span.parentSpanId === root?.spanId)).toHaveLength(2);
  const unrelated = receiver.spans.filter((span) => span.name === 'unrelated');
  expect(unrelated.map((span) => span.traceId)).not.toContain(root?.traceId);
});
