import { beforeAll, describe, expect, it } from 'vitest';
import { type Fault, type FaultOutcome, type Protocol, runFault } from './fault-case.js';
import { encodePartialSuccess, encodeRetryInfo } from './otlp-definitions.js';

/** Thirty seconds of each fault at 1000 spans a second, all at the same time: they mostly wait. */
const SECONDS = Number(process.env['SABOT_TEST_FAULT_SECONDS'] ?? 30);
const REJECTED_PER_REQUEST = 1;

const status = (http: number, grpc: number) => ({
  http: { kind: 'status', status: http } as const,
  grpc: { kind: 'status', status: grpc } as const,
});
const both = <T>(behaviour: T) => ({ http: behaviour, grpc: behaviour });

const faults: readonly Fault[] = [
  { name: 'down', behaviour: both('down') },
  { name: 'hanging', behaviour: both({ kind: 'hang' }), timeoutMs: 2000 },
  { name: 'slow', behaviour: both({ kind: 'slow', delayMs: 1000 }) },
  { name: '400', behaviour: status(400, 3) },
  {
    name: '429 with Retry-After',
    behaviour: {
      http: { kind: 'status', status: 429, headers: { 'retry-after': '2' } },
      grpc: { kind: 'status', status: 8, headers: { 'grpc-status-details-bin': encodeRetryInfo(2) } },
    },
  },
  { name: '500', behaviour: status(500, 13) },
  { name: '503', behaviour: status(503, 14) },
  {
    name: 'partial success',
    behaviour: both({ kind: 'partial', body: encodePartialSuccess(REJECTED_PER_REQUEST, 'too old') }),
  },
  { name: 'the other protocol', behaviour: both('other protocol') },
];
const protocols: readonly Protocol[] = ['http', 'grpc'];
const keyOf = (fault: Fault, protocol: Protocol) => `${fault.name} over ${protocol}`;

const outcomes = new Map<string, FaultOutcome>();
const outcomeOf = (key: string): FaultOutcome => {
  const outcome = outcomes.get(key);
  if (outcome === undefined) throw new TypeError(`${key} did not run`);
  return outcome;
};

beforeAll(
  async () => {
    const runs = faults.flatMap((fault) =>
      protocols.map(async (protocol) => outcomes.set(keyOf(fault, protocol), await runFault(fault, protocol, SECONDS))),
    );
    await Promise.all(runs);
  },
  (SECONDS + 90) * 1000,
);

describe.each(faults.flatMap((fault) => protocols.map((protocol) => keyOf(fault, protocol))))(
  'a receiver at fault: %s',
  (key) => {
    it('has every span accounted for exactly: delivered, spilled or lost', () => {
      const { made, accepted, delivered, spilled, lost } = outcomeOf(key);
      const counted = Object.values(lost).reduce((sum, count) => sum + count, 0);
      expect(made).toBe(SECONDS * 1000);
      expect({ accepted, accounted: delivered + spilled + counted }).toEqual({ accepted: made, accounted: made });
    });

    it('does not hold up the end of the process beyond the deadline', () => {
      // The deadline is 3 s; the rest is for a machine that does eighteen of these at once.
      expect(outcomeOf(key).closeMs).toBeLessThan(4000);
    });

    it('gets what was spilled from the next process, in order, and nothing is left on disk', () => {
      const { spilled, replayed, spilledAfterReplay } = outcomeOf(key);
      expect(replayed).toHaveLength(spilled);
      expect(replayed).toEqual([...replayed].sort((left, right) => left - right));
      expect(spilledAfterReplay).toBe(0);
    });

    it('gets, with what is replayed, every span that is not counted as lost', () => {
      const { made, arrived, replayed, lost } = outcomeOf(key);
      // What a receiver rejects in part did reach it.
      const neverArrived = (lost['rejected'] ?? 0) + (lost['queue_full'] ?? 0) + (lost['shutdown_deadline'] ?? 0);
      expect(new Set([...arrived, ...replayed]).size).toBe(made - neverArrived);
    });

    it('is told of in one message', () => {
      expect(outcomeOf(key).problems).toHaveLength(key.startsWith('slow') ? 0 : 1);
    });
  },
);

describe.each(protocols)('over %s', (protocol) => {
  const outcome = (name: string) => outcomeOf(`${name} over ${protocol}`);

  it.each(['down', 'hanging', '429 with Retry-After', '503', 'the other protocol'])('%s loses nothing', (name) => {
    const { delivered, lost, spilled, made } = outcome(name);
    expect({ delivered, lost, spilled }).toEqual({ delivered: 0, lost: {}, spilled: made });
  });

  it('slow loses nothing: what it has no time for waits on disk', () => {
    const { delivered, lost, spilled } = outcome('slow');
    expect(lost).toEqual({});
    expect(delivered).toBeGreaterThan(0);
    expect(spilled).toBeGreaterThan(0);
  });

  it.each(['400', '500'])('%s, which may not be retried, is a loss by its name', (name) => {
    const { delivered, lost, made } = outcome(name);
    expect({ delivered, lost }).toEqual({ delivered: 0, lost: { rejected: made } });
  });

  it('a partial success loses exactly what the receiver says', () => {
    const { lost, requests, spilled } = outcome('partial success');
    expect({ lost, spilled }).toEqual({ lost: { partial_success: requests * REJECTED_PER_REQUEST }, spilled: 0 });
  });
});

it.each(protocols)('a receiver over %s that says when to come back is not asked before', (protocol) => {
  expect(outcomeOf(`429 with Retry-After over ${protocol}`).requests).toBeLessThanOrEqual(SECONDS / 2 + 3);
});
