import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { observeProcess } from '../../src/process/process-metrics.js';
import { telemetry } from '../../src/telemetry.js';
import { createTestObservability } from '../../src/testing.js';

function observed() {
  const observability = createTestObservability();
  const registration = observeProcess(observability.instruments(telemetry));
  onTestFinished(() => registration.remove());
  return { read: (name: string) => observability.value(name) ?? Number.NaN, registration };
}

/** Keeps the event loop busy for as much processor time, and at least as much time: the machine may be shared. */
function busyFor(ms: number, cpuMs: number): void {
  const until = performance.now() + ms;
  const before = process.cpuUsage();
  const usedMs = () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  while (performance.now() < until || usedMs() < cpuMs) Math.sqrt(until);
}

/** Readings are taken at most once a second. */
const NEXT_READING_MS = 1050;

it('resident memory, heap and array buffers follow what the process holds', async () => {
  const { read } = observed();
  expect(read('sabot.memory.usage_mb')).toBeCloseTo(process.memoryUsage.rss() / 2 ** 20, -2);
  const before = read('sabot.array_buffers.size');
  const held = new Uint8Array(64 * 2 ** 20).fill(1);
  await sleep(NEXT_READING_MS);
  expect(read('sabot.array_buffers.size') - before).toBeGreaterThan(60 * 2 ** 20);
  expect(read('sabot.heap.used')).toBeGreaterThan(2 ** 20);
  expect(held).toHaveLength(64 * 2 ** 20);
});

it('a blocked event loop shows as processor time, delay and utilisation', async () => {
  const { read } = observed();
  read('sabot.cpu.usage_percent');
  await sleep(NEXT_READING_MS);
  read('sabot.cpu.usage_percent');
  const cpuBefore = read('process.cpu.time');
  await sleep(30);
  busyFor(NEXT_READING_MS, 300);
  await sleep(30);
  expect(read('process.cpu.time') - cpuBefore).toBeGreaterThan(0.25);
  expect(read('sabot.cpu.usage_percent')).toBeGreaterThan(1);
  expect(read('nodejs.eventloop.delay.p99')).toBeGreaterThan(0.5);
  expect(read('nodejs.eventloop.utilization')).toBeGreaterThan(0.5);
});

it('collections of garbage are counted by their type', async () => {
  const { read } = observed();
  const before = read('v8js.gc.duration');
  for (let n = 0; n < 200; n++) Array.from({ length: 20_000 }, (_, at) => ({ at }));
  await sleep(100);
  expect(read('v8js.gc.duration')).toBeGreaterThan(before);
});

it('open connections are counted, and not any more when they are closed', async () => {
  const { read } = observed();
  const before = read('sabot.process.connections');
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as { port: number }).port, '127.0.0.1');
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [typeof client],
    unknown,
  ];
  // Both ends are in this process.
  expect(read('sabot.process.connections')).toBe(before + 2);
  client.destroy();
  accepted.destroy();
  server.close();
  await sleep(50);
  expect(read('sabot.process.connections')).toBe(before);
});

it('nothing is published any more when it is removed', () => {
  const { read, registration } = observed();
  registration.remove();
  expect(read('sabot.memory.usage_mb')).toBeNaN();
});
