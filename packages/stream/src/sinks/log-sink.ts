import type { Batch, Fields } from '@sabot/columnar';
import { encodeBatch } from '@sabot/columnar/ipc';
import type { Log } from '../ports/log.js';
import type { PreparedCommit, Sink, SinkWriter } from '../ports/sink.js';

/** Messages that are moved at a time. */
const MOVED = 64;

/**
 * Appends batches to a topic, one message each in Arrow IPC, exactly once: what `logSource` reads.
 *
 * Batches wait in a topic of their own, `<topic>.pending.<sink>`, until their epoch is committed, and move to the topic
 * under ids that are the same however often that is done: readers see committed batches only. An epoch must have fewer
 * batches than the log remembers ids.
 */
export function logSink<F extends Fields>(log: Log, topic: string): Sink<F> {
  return {
    name: `log ${topic}`,
    guarantee: 'exactly-once',
    async open({ sinkId, committed }): Promise<SinkWriter> {
      const pending = `${topic}.pending.${sinkId}`;
      const writer = new LogWriter(log, topic, pending, (await log.last(pending)) + 1);
      // Whatever waits and was not prepared for the last record belongs to nobody.
      if (committed === undefined) await log.truncate(pending, writer.next);
      return writer;
    },
  };
}

class LogWriter implements SinkWriter {
  private readonly log: Log;
  private readonly topic: string;
  private readonly pending: string;
  /** Sequence in the pending topic of the first batch of this epoch. */
  next: number;
  private gathered: Uint8Array[] = [];

  constructor(log: Log, topic: string, pending: string, next: number) {
    this.log = log;
    this.topic = topic;
    this.pending = pending;
    this.next = next;
  }

  write(batch: Batch): void | Promise<void> {
    this.gathered.push(encodeBatch(batch));
    return this.gathered.length >= MOVED ? this.stage() : undefined;
  }

  async prepare(): Promise<PreparedCommit> {
    await this.stage();
    const from = this.next;
    const to = await this.log.last(this.pending);
    this.next = to + 1;
    return { from, to };
  }

  async commit({ from, to }: PreparedCommit): Promise<void> {
    // Former epochs are final; this one stays until the next, because its commit may be asked for again.
    await this.log.truncate(this.pending, Number(from));
    for (let sequence = Number(from); sequence <= Number(to); ) {
      const waiting = await this.log.read(this.pending, sequence, Math.min(MOVED, Number(to) - sequence + 1));
      if (waiting.length === 0) break;
      const messages = waiting.map((message) => ({
        payload: message.payload,
        messageId: `${this.pending}/${message.sequence}`,
      }));
      await this.log.append(this.topic, messages);
      sequence += waiting.length;
    }
  }

  async close(): Promise<void> {
    this.gathered = [];
  }

  private async stage(): Promise<void> {
    const payloads = this.gathered;
    this.gathered = [];
    if (payloads.length > 0)
      await this.log.append(
        this.pending,
        payloads.map((payload) => ({ payload })),
      );
  }
}
