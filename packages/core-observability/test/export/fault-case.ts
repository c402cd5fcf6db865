import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGrpcSender } from '../../src/export/otlp/grpc-sender.js';
import { createOtlpHttpSender } from '../../src/export/otlp/otlp-http-sender.js';
import { createPushOutlet, type PushOutlet } from '../../src/export/push-outlet.js';
import { SpanPipeline } from '../../src/export/span-pipeline.js';
import { Spill } from '../../src/export/spill.js';
import { Redaction } from '../../src/redaction/redaction.js';
import { numberOf, spanNumber } from './made-spans.js';
import { type Behaviour, type Receiver, startGrpcReceiver, startHttpReceiver } from './receivers.js';

export type Protocol = 'http' | 'grpc';

/** One line of the table: what the receiver does for the whole time. */
export interface Fault {
  readonly name: string;
  readonly behaviour: Readonly<Record<Protocol, Behaviour | 'down' | 'other protocol'>>;
  /** How long a request may take before it counts as hanging. */
  readonly timeoutMs?: number;
}

/** Everything that can be said about one run of a fault. */
export interface FaultOutcome {
  readonly made: number;
  /** Wall time over which they were made. */
  readonly seconds: number;
  readonly accepted: number;
  /** At the end of the first process: everything is in one of these three. */
  readonly delivered: number;
  readonly spilled: number;
  readonly lost: Readonly<Record<string, number>>;
  readonly closeMs: number;
  readonly problems: readonly string[];
  readonly requests: number;
  /** The numbers of the spans that arrived during the fault, and those that the next process delivered, as they came. */
  readonly arrived: readonly number[];
  readonly replayed: readonly number[];
  readonly spilledAfterReplay: number;
}

const PER_SECOND = 1000;
const CLOSE_DEADLINE_MS = 3000;
const SPILL_CAP_BYTES = 64 * 1024 * 1024;
const resource = { 'service.name': 'faults' };
const receivers = { http: startHttpReceiver, grpc: startGrpcReceiver };

/**
 * One process that makes spans at 1000 a second while its receiver is at fault, and ends; then a second one that starts with
 * the same store when the receiver works.
 */
export async function runFault(fault: Fault, protocol: Protocol, seconds: number): Promise<FaultOutcome> {
  const stops: (() => Promise<void>)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'sabot-fault-'));
  try {
    const behaviour = fault.behaviour[protocol];
    const other = protocol === 'http' ? 'grpc' : 'http';
    const spoken = behaviour === 'other protocol' ? other : protocol;
    const faulty = await receivers[spoken](0, (stop) => void stops.push(stop));
    if (behaviour === 'down') await faulty.stop();
    else if (behaviour !== 'other protocol') faulty.behaviour = behaviour;
    const first = outletTo(protocol, faulty.port, folder, fault.timeoutMs ?? 10_000);
    const made = await produce(first.outlet, seconds);
    const begun = performance.now();
    await first.outlet.close(CLOSE_DEADLINE_MS);
    const closeMs = performance.now() - begun;
    const accounts = accountsOf(first.outlet);
    const arrived = numbersAt(faulty);
    await faulty.stop();
    const replay = await replayed(protocol, folder, accounts.spilled, stops);
    const { problems } = first;
    return { made, seconds, ...accounts, closeMs, problems, requests: faulty.requests, arrived, ...replay };
  } finally {
    for (const stop of stops) await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function outletTo(protocol: Protocol, port: number, folder: string, timeoutMs: number) {
  const problems: string[] = [];
  const http = { url: new URL(`http://127.0.0.1:${port}`), headers: {}, gzip: false, timeoutMs };
  const outlet = createPushOutlet({
    name: 'otlp',
    sender: protocol === 'http' ? createOtlpHttpSender(http, resource) : createGrpcSender(http, resource),
    signals: ['spans'],
    spill: new Spill(folder, resource, SPILL_CAP_BYTES),
    onProblem: ({ message }) => void problems.push(message),
  });
  return { outlet, problems };
}

/** Ends spans as a program does, at 1000 a second of wall time, and hands over the last of them. */
async function produce(outlet: PushOutlet, seconds: number): Promise<number> {
  const pipeline = new SpanPipeline([outlet], new Redaction());
  const begun = performance.now();
  const due = () => Math.min(seconds * PER_SECOND, Math.floor(((performance.now() - begun) / 1000) * PER_SECOND));
  let made = 0;
  while (made < seconds * PER_SECOND) {
    for (const upTo = due(); made < upTo; made++) pipeline.ended(spanNumber(made));
    await sleep(20);
  }
  pipeline.stop();
  return made;
}

function accountsOf(outlet: PushOutlet) {
  const { ledger } = outlet;
  const lost = Object.fromEntries(ledger.losses().map(({ cause, count }) => [cause, count]));
  return { accepted: ledger.accepted.spans, delivered: ledger.delivered.spans, spilled: outlet.spilled().spans, lost };
}

async function replayed(protocol: Protocol, folder: string, expected: number, stops: (() => Promise<void>)[]) {
  const receiver = await receivers[protocol](0, (stop) => void stops.push(stop));
  // A folder carries the id of its process: it becomes that of one that has ended.
  const ended = spawnSync(process.execPath, ['--version']).pid;
  for (const name of readdirSync(folder)) {
    renameSync(join(folder, name), join(folder, name.replace(/^\d+/, String(ended))));
  }
  const { outlet } = outletTo(protocol, receiver.port, folder, 10_000);
  const deadline = performance.now() + 30_000;
  while (receiver.spans.length < expected && performance.now() < deadline) await sleep(20);
  await outlet.close(CLOSE_DEADLINE_MS);
  return { replayed: numbersAt(receiver), spilledAfterReplay: outlet.spilled().spans };
}

function numbersAt({ spans }: Receiver): readonly number[] {
  return spans.map(({ spanId }) => numberOf(spanId));
}
