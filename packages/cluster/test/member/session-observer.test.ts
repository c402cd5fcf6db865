import { describe, expect, it } from 'vitest';
import { SessionObserver } from '../../src/member/session-observer.js';

const TIMING = { sessionTimeoutMs: 6000, freezeAfterMs: 2500 };

describe('session observer', () => {
  it('expires a session that has not moved for the timeout, while its own heartbeats come back', () => {
    const observer = new SessionObserver(TIMING);
    observer.proven(0);
    observer.seen('other', 7, 100);
    for (let nowMs = 1000; nowMs <= 6000; nowMs += 1000) observer.proven(nowMs);
    expect(observer.expired(6050, 'self')).toEqual([]);
    observer.proven(7000);
    expect(observer.expired(7000, 'self')).toEqual([{ worker: 'other', revision: 7, silentMs: 6900 }]);
  });

  it('expires nobody while its own heartbeats do not come back, and gives everybody a full timeout afterwards', () => {
    const observer = new SessionObserver(TIMING);
    observer.proven(0);
    observer.seen('other', 7, 0);
    expect(observer.expired(60_000, 'self')).toEqual([]);
    observer.proven(60_000);
    expect(observer.expired(60_001, 'self')).toEqual([]);
    for (let nowMs = 61_000; nowMs <= 66_000; nowMs += 1000) observer.proven(nowMs);
    expect(observer.expired(66_000, 'self')).toEqual([]);
    observer.proven(66_500);
    expect(observer.expired(66_500, 'self')).toHaveLength(1);
    expect(observer.frozenTimes).toBe(1);
  });

  it('never expires itself', () => {
    const observer = new SessionObserver(TIMING);
    observer.seen('self', 1, 0);
    for (let nowMs = 0; nowMs <= 10_000; nowMs += 1000) observer.proven(nowMs);
    expect(observer.expired(10_000, 'self')).toEqual([]);
  });
});
