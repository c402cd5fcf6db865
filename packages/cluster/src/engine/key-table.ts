import { isSabotError } from '@sabot/core-observability/errors';
import type { OpenLog } from '@sabot/stream/ports';
import { clusterErrors } from '../errors.js';
import { ChangeFeed } from './change-feed.js';
import type { CoordinationChange, CoordinationEntry } from './engine.js';
import { checkKey, checkValue } from './keys.js';
import { decodeRecord, encodeRecord, type TableRecord } from './table-record.js';

export interface KeyTableOptions {
  /** Records after which the table is written anew as one snapshot and the old ones are dropped; default 2048. */
  readonly compactAfterRecords?: number;
}

/** Plain facts about a table. */
export interface KeyTableStats {
  appends: number;
  records: number;
  conflicts: number;
  compactions: number;
}

interface PendingWrite {
  readonly key: string;
  /** undefined: delete. */
  readonly value: string | undefined;
  readonly expected: number | undefined;
  readonly settle: (revision: number | undefined) => void;
  readonly fail: (error: unknown) => void;
}

const READ_AT_ONCE = 1024;

/**
 * Keys with revisions on one topic of a log.
 *
 * Algorithm: the table lives in memory and is replayed from the topic at opening. Writes that arrive while an append is
 *   under way are decided together and leave as one append (one fdatasync for all of them).
 * State: one entry per live key; the topic holds at most `compactAfterRecords` records beside one snapshot.
 * Correctness: a write is decided against the table as the writes before it left it, becomes visible only when it is
 *   durable, and its revision is its sequence in the log. Every append expects the log's last sequence, so a second
 *   writer on the same topic is refused by the log itself.
 */
export class KeyTable {
  readonly stats: KeyTableStats = { appends: 0, records: 0, conflicts: 0, compactions: 0 };
  private readonly feed = new ChangeFeed();
  private readonly entries = new Map<string, CoordinationEntry>();
  private readonly log: OpenLog;
  private readonly topic: string;
  private readonly compactAfter: number;
  private queue: PendingWrite[] = [];
  private writing: Promise<void> | undefined;
  private sequence = 0;
  private recordsSinceSnapshot = 0;
  private failure: Error | undefined;

  private constructor(log: OpenLog, topic: string, options: KeyTableOptions) {
    this.log = log;
    this.topic = topic;
    this.compactAfter = options.compactAfterRecords ?? 2048;
  }

  static async open(log: OpenLog, topic: string, options: KeyTableOptions = {}): Promise<KeyTable> {
    const table = new KeyTable(log, topic, options);
    await table.replay(await log.first(topic));
    return table;
  }

  get(key: string): CoordinationEntry | undefined {
    return this.entries.get(key);
  }

  list(prefix: string): readonly CoordinationEntry[] {
    const found = [...this.entries.values()].filter((entry) => entry.key.startsWith(prefix));
    return found.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  watch(prefix: string, signal: AbortSignal): AsyncIterable<CoordinationChange> {
    return this.feed.watch(prefix, this.list(prefix), signal);
  }

  /** Writes (value) or deletes (undefined); the revision of the change, or undefined when the expectation did not hold. */
  async write(key: string, value: string | undefined, expected: number | undefined): Promise<number | undefined> {
    checkKey(key);
    if (value !== undefined) checkValue(key, value);
    if (this.failure !== undefined) throw this.failure;
    return new Promise((settle, fail) => {
      this.queue.push({ key, value, expected, settle, fail });
      this.writing ??= this.writeQueued();
    });
  }

  /** Waits for the writes under way, refuses every later one with `reason`, and ends the watches. */
  async close(reason: Error): Promise<void> {
    this.failure ??= reason;
    await this.writing;
    this.feed.close();
  }

  private async writeQueued(): Promise<void> {
    // One turn of the event loop's microtasks lets callers of the same moment share an append.
    await undefined;
    while (this.queue.length > 0) {
      const writes = this.queue;
      this.queue = [];
      await this.writeTogether(writes);
      if (this.recordsSinceSnapshot >= this.compactAfter && this.failure === undefined) await this.compact();
    }
    this.writing = undefined;
  }

  private async writeTogether(writes: readonly PendingWrite[]): Promise<void> {
    const base = this.sequence;
    const records: TableRecord[] = [];
    const decided = new Map<string, number>();
    const revisions = writes.map((write) => {
      const held = decided.get(write.key) ?? this.entries.get(write.key)?.revision ?? 0;
      if (!isWanted(write, held)) return undefined;
      records.push(recordOf(write));
      decided.set(write.key, write.value === undefined ? 0 : base + records.length);
      return base + records.length;
    });
    try {
      if (this.failure !== undefined) throw this.failure;
      if (records.length > 0) await this.append(records);
    } catch (error) {
      for (const write of writes) write.fail(error);
      return;
    }
    for (const [i, write] of writes.entries()) {
      if (revisions[i] === undefined) this.stats.conflicts++;
      write.settle(revisions[i]);
    }
  }

  private async append(records: readonly TableRecord[]): Promise<void> {
    const base = this.sequence;
    const messages = records.map((record) => ({ payload: encodeRecord(record) }));
    try {
      await this.log.append(this.topic, messages, { expectedLast: base });
    } catch (error) {
      await this.settleFailedAppend(base, records.length, error);
    }
    this.stats.appends++;
    for (const record of records) this.apply(record, ++this.sequence);
  }

  /** An append that failed may have been stored all the same: the log says which it was. Returns only if it was stored. */
  private async settleFailedAppend(base: number, count: number, error: unknown): Promise<void> {
    const last = await this.log.last(this.topic).catch(() => undefined);
    if (last === base + count && !isFenced(error)) return;
    const failure = writeFailed(this.topic, error);
    // Somebody else wrote, or nobody can say what is stored: this table must not decide anything any more.
    if (last !== base) this.failure ??= failure;
    throw failure;
  }

  private async compact(): Promise<void> {
    try {
      await this.append([{ kind: 'snapshot', entries: this.list('') }]);
      await this.log.truncate(this.topic, this.sequence);
      this.stats.compactions++;
    } catch {
      // The table is complete without its snapshot; the next write tells its caller what is wrong with the log.
    }
  }

  private async replay(from: number): Promise<void> {
    for (let next = from; ; ) {
      const messages = await this.log.read(this.topic, next, READ_AT_ONCE);
      for (const message of messages) {
        this.apply(decodeRecord(message.payload, message.sequence), message.sequence);
        next = message.sequence + 1;
      }
      this.sequence = next - 1;
      if (messages.length < READ_AT_ONCE) return;
    }
  }

  private apply(record: TableRecord, sequence: number): void {
    this.stats.records++;
    this.recordsSinceSnapshot++;
    switch (record.kind) {
      case 'put':
        this.entries.set(record.key, { key: record.key, value: record.value, revision: sequence });
        this.feed.publish({ key: record.key, value: record.value, revision: sequence });
        return;
      case 'delete':
        this.entries.delete(record.key);
        this.feed.publish({ key: record.key, value: undefined, revision: sequence });
        return;
      case 'snapshot':
        this.entries.clear();
        for (const entry of record.entries) this.entries.set(entry.key, entry);
        this.recordsSinceSnapshot = 0;
        return;
    }
  }
}

function isWanted(write: PendingWrite, held: number): boolean {
  if (write.expected !== undefined && write.expected !== held) return false;
  return write.value !== undefined || held !== 0;
}

function recordOf(write: PendingWrite): TableRecord {
  if (write.value === undefined) return { kind: 'delete', key: write.key };
  return { kind: 'put', key: write.key, value: write.value };
}

function isFenced(error: unknown): boolean {
  return isSabotError(error) && error.code === 'SABOT_STREAM_FENCED';
}

function writeFailed(topic: string, cause: unknown): Error {
  return clusterErrors.error('ENGINE_WRITE_FAILED', {
    what: `cannot write to the engine's table "${topic}"`,
    why: cause instanceof Error ? cause.message : String(cause),
    cause,
  });
}
