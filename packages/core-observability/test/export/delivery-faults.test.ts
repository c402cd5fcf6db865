import { spawnSync } from 'node:child_process';
import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGrpcSender } from '../../src/export/otlp/grpc-sender.js';
import { createOtlpHttpSender } from '../../src/export/otlp/otlp-http-sender.js';
import { createPushOutlet, type PushOutlet } from '../../src/export/push-outlet.js';
import { Spill } from '../../src/export/spill.js';
import { temporaryFolder } from '../temporary-folder.js';
import { madeSpans, numberOf } from './made-spans.js';
import { encodePartialSuccess } from './otlp-definitions.js';
import { type Behaviour, type Receiver, startGrpcReceiver, startHttpReceiver } from './receivers.js';

const resource = { 'service.name': 'faults' };
/** Ten seconds' worth at 1000 spans a second, without the waiting; `fault-table.test.ts` waits. */
const BURSTS = 10;
const BURST = 1000;
const MADE = BURSTS * BURST;

interface Given {
  readonly protocol: 'http' | 'grpc';
  readonly port: number;
  readonly folder?: string;
  readonly timeoutMs?: number;
}

function outletTo({ protocol, port, folder = join(temporaryFolder(), 'spill'), timeoutMs = 5000 }: Given): {
  outlet: PushOutlet;
  problems: string[];
} {
  const problems: string[] = [];
  const http = { url: new URL(`http://127.0.0.1:${port}`), headers: {}, gzip: false, timeoutMs };
  const sender = protocol === 'http' ? createOtlpHttpSender(http, resource) : createGrpcSender(http, resource);
  const outlet = createPushOutlet({
    name: 'otlp',
    sender,
    signals: ['spans'],
    spill: new Spill(folder, resource, 64 * 1024 * 1024),
    onProblem: (problem) => problems.push(problem.message),
    retryMs: 20,
  });
  onTestFinished(() => outlet.close(200));
  return { outlet, problems };
}

async function produce(outlet: PushOutlet): Promise<void> {
  for (let burst = 0; burst < BURSTS; burst++) {
    outlet.acceptSpans(madeSpans(BURST, burst * BURST));
    await sleep(1);
  }
}

/** Everything that was made is in exactly one place. */
function expectExactAccounts(outlet: PushOutlet): void {
  const { delivered, accepted } = outlet.ledger;
  const spilled = outlet.spilled().spans;
  expect(accepted.spans).toBe(MADE);
  expect(delivered.spans + spilled + outlet.ledger.lostCount('spans')).toBe(MADE);
}

async function untilDelivered(outlet: PushOutlet): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (outlet.ledger.delivered.spans + outlet.ledger.lostCount('spans') < MADE) {
    if (Date.now() > deadline) throw new Error(`only ${outlet.ledger.delivered.spans} of ${MADE} arrived`);
    await outlet.flush();
    await sleep(20);
  }
}

const start = { http: startHttpReceiver, grpc: startGrpcReceiver };
/** 503 and its counterpart in gRPC, UNAVAILABLE; and so on. */
const unavailable = { http: 503, grpc: 14 };
const refusing = { http: 400, grpc: 3 };
const internal = { http: 500, grpc: 13 };

describe.each(['http', 'grpc'] as const)('an OTLP receiver over %s that', (protocol) => {
  const recovering = async (
    fault: Behaviour,
    timeoutMs = 5000,
    faultMs = 200,
  ): Promise<{ outlet: PushOutlet; receiver: Receiver; problems: string[] }> => {
    const receiver = await start[protocol]();
    const { outlet, problems } = outletTo({ protocol, port: receiver.port, timeoutMs });
    receiver.behaviour = fault;
    await produce(outlet);
    await sleep(faultMs);
    receiver.behaviour = { kind: 'accept' };
    await untilDelivered(outlet);
    return { outlet, receiver, problems };
  };

  it('works gets everything in order', async () => {
    const { outlet, receiver, problems } = await recovering({ kind: 'accept' });
    expect(receiver.spans.map((span) => numberOf(span.spanId))).toEqual(Array.from({ length: MADE }, (_, at) => at));
    expect(outlet.ledger.losses()).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('is down gets everything from disk, in order, once it is back', async () => {
    const first = await start[protocol]();
    await first.stop();
    const { outlet, problems } = outletTo({ protocol, port: first.port });
    await produce(outlet);
    await sleep(100);
    expect(outlet.spilled().spans).toBeGreaterThan(MADE / 2);
    const receiver = await start[protocol](first.port);
    await untilDelivered(outlet);
    expect(receiver.spans.map((span) => numberOf(span.spanId))).toEqual(Array.from({ length: MADE }, (_, at) => at));
    expect(outlet.ledger.losses()).toEqual([]);
    expect(problems).toHaveLength(1);
  });

  it('is busy for a while gets everything later', async () => {
    const { outlet, receiver } = await recovering({ kind: 'status', status: unavailable[protocol] });
    expect(receiver.spans).toHaveLength(MADE);
    expectExactAccounts(outlet);
  });

  it('is slow gets everything', async () => {
    const { outlet, receiver } = await recovering({ kind: 'slow', delayMs: 20 });
    expect(receiver.spans).toHaveLength(MADE);
    expectExactAccounts(outlet);
  });

  it('hangs gets everything once it answers again', async () => {
    const { outlet, receiver, problems } = await recovering({ kind: 'hang' }, 500, 700);
    expect(new Set(receiver.spans.map((span) => span.spanId)).size).toBe(MADE);
    expectExactAccounts(outlet);
    expect(problems[0]).toContain('no answer in time');
  }, 20_000);

  it.each([
    ['refuses', refusing],
    ['fails inside', internal],
  ])('%s makes the loss counted, not retried', async (_, statuses) => {
    const receiver = await start[protocol]();
    const { outlet, problems } = outletTo({ protocol, port: receiver.port });
    receiver.behaviour = { kind: 'status', status: statuses[protocol] };
    await produce(outlet);
    await untilDelivered(outlet);
    expect(outlet.ledger.losses()).toEqual([{ signal: 'spans', count: MADE, cause: 'rejected' }]);
    expect(receiver.requests).toBe(Math.ceil(MADE / 500));
    expect(problems).toHaveLength(1);
  });

  it('rejects a part makes exactly that part counted as lost', async () => {
    const receiver = await start[protocol]();
    const { outlet, problems } = outletTo({ protocol, port: receiver.port });
    receiver.behaviour = { kind: 'partial', body: encodePartialSuccess(7, 'spans too old') };
    await produce(outlet);
    await untilDelivered(outlet);
    expect(outlet.ledger.lostCount('spans', 'partial_success')).toBe(receiver.requests * 7);
    expectExactAccounts(outlet);
    expect(problems[0]).toContain('spans too old');
  });

  it('speaks the other protocol is told by name, and nothing is lost', async () => {
    const receiver = await start[protocol === 'http' ? 'grpc' : 'http']();
    const { outlet, problems } = outletTo({ protocol, port: receiver.port });
    await produce(outlet);
    await sleep(200);
    await outlet.close(300);
    expectExactAccounts(outlet);
    expect(outlet.ledger.delivered.spans).toBe(0);
    expect(problems[0]).toMatch(/4317/);
  });

  it('hangs at the end does not hold up closing beyond the deadline, and everything is on disk', async () => {
    const folder = join(temporaryFolder(), 'spill');
    const receiver = await start[protocol]();
    receiver.behaviour = { kind: 'hang' };
    const { outlet } = outletTo({ protocol, port: receiver.port, folder, timeoutMs: 150 });
    await produce(outlet);
    const begun = performance.now();
    await outlet.close(100);
    expect(performance.now() - begun).toBeLessThan(1000);
    expectExactAccounts(outlet);
    expect(outlet.spilled().spans).toBe(MADE);
  });
});

describe('what a process left on disk', () => {
  it('is delivered by the next one that starts', async () => {
    const folder = join(temporaryFolder(), 'spill');
    const left = new Spill(folder, resource, 64 * 1024 * 1024);
    left.push({ signal: 'spans', spans: madeSpans(3) });
    left.push({ signal: 'spans', spans: madeSpans(2, 3) });
    // The folder carries the id of its process; this one is of a process that has ended.
    const [name = ''] = readdirSync(folder);
    const ended = spawnSync(process.execPath, ['--version']).pid;
    renameSync(join(folder, name), join(folder, name.replace(/^\d+/, String(ended))));
    const receiver = await startHttpReceiver();
    const { outlet } = outletTo({ protocol: 'http', port: receiver.port, folder });
    await outlet.flush();
    expect(receiver.spans.map((span) => numberOf(span.spanId))).toEqual([0, 1, 2, 3, 4]);
    expect(outlet.ledger).toMatchObject({ accepted: { spans: 5 }, delivered: { spans: 5 } });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is left alone while its process lives', async () => {
    const folder = join(temporaryFolder(), 'spill');
    new Spill(folder, resource, 64 * 1024 * 1024).push({ signal: 'spans', spans: madeSpans(3) });
    expect(new Spill(folder, resource, 64 * 1024 * 1024).chunks).toEqual([]);
  });

  it('never exceeds its cap: the rest is counted as lost', async () => {
    const folder = join(temporaryFolder(), 'spill');
    const spill = new Spill(folder, resource, 1000);
    expect(spill.push({ signal: 'spans', spans: madeSpans(1) })).toBe(true);
    expect(spill.push({ signal: 'spans', spans: madeSpans(1, 1) })).toBe(false);
    expect(spill.count('spans')).toBe(1);
  });
});

describe('a receiver that says when to come back', () => {
  it('is not asked again before', async () => {
    const receiver = await startHttpReceiver();
    const { outlet } = outletTo({ protocol: 'http', port: receiver.port });
    receiver.behaviour = { kind: 'status', status: 429, headers: { 'retry-after': '1' } };
    outlet.acceptSpans(madeSpans(1));
    await sleep(600);
    expect(receiver.requests).toBe(1);
    receiver.behaviour = { kind: 'accept' };
    await sleep(700);
    expect(receiver.spans).toHaveLength(1);
  });
});
