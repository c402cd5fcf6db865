import { mkdir, readdir } from 'node:fs/promises';
import type { LogAppend, LogMessage } from '../ports/log.js';
import { createDedupWindow, type DedupWindow } from './dedup-window.js';
import { encodeFrame, messageIdOf } from './frame.js';
import { assertExpectedLast, assertNotTruncated } from './open-log.js';
import { Segment, sequenceOfSegment } from './segment.js';
import { syncFolder } from './sync-folder.js';

export interface TopicSettings {
  readonly segmentBytes: number;
  readonly durable: boolean;
  readonly dedupWindow: number;
  readonly readOnly: boolean;
}

/** One topic on disk: segments in order, the last one written to. Appends and truncations are queued one after another. */
export class LocalTopic {
  private readonly name: string;
  private readonly directory: string;
  private readonly settings: TopicSettings;
  private readonly segments: Segment[];
  private readonly ids: DedupWindow;
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(name: string, directory: string, settings: TopicSettings, segments: Segment[]) {
    this.name = name;
    this.directory = directory;
    this.settings = settings;
    this.segments = segments;
    this.ids = createDedupWindow(settings.dedupWindow);
  }

  static async open(name: string, directory: string, settings: TopicSettings): Promise<LocalTopic> {
    if (!settings.readOnly) await mkdir(directory, { recursive: true });
    const firsts = (await readdir(directory))
      .map(sequenceOfSegment)
      .filter((first) => first !== undefined)
      .sort(ascending);
    const segments: Segment[] = [];
    for (const first of firsts)
      segments.push(await Segment.load(directory, first, first === firsts.at(-1), settings.readOnly));
    if (segments.length === 0 && !settings.readOnly) segments.push(await Segment.create(directory, 1));
    if (settings.durable && !settings.readOnly) await syncFolder(directory);
    const topic = new LocalTopic(name, directory, settings, segments);
    if (!settings.readOnly) await topic.recallIds();
    return topic;
  }

  get first(): number {
    return this.segments[0]?.firstSequence ?? 1;
  }

  get last(): number {
    return (this.segments.at(-1)?.nextSequence ?? 1) - 1;
  }

  private get tail(): Segment {
    return this.segments.at(-1) as Segment;
  }

  append(messages: readonly LogAppend[], expectedLast: number | undefined): Promise<number> {
    return this.enqueue(async () => {
      assertExpectedLast(this.name, this.last, expectedLast);
      const fresh = this.withoutRepeats(messages);
      if (fresh.length === 0) return this.last;
      if (this.tail.bytes >= this.settings.segmentBytes) await this.roll();
      const sequence = this.tail.nextSequence;
      await this.tail.append(encodeFrame(sequence, fresh), sequence, fresh.length, this.settings.durable);
      for (const message of fresh) if (message.messageId !== undefined) this.ids.add(message.messageId);
      return this.last;
    });
  }

  async read(from: number, limit: number): Promise<readonly LogMessage[]> {
    assertNotTruncated(this.name, from, this.first);
    const messages: LogMessage[] = [];
    for (const segment of [...this.segments]) {
      if (messages.length >= limit) break;
      if (segment.nextSequence <= from) continue;
      messages.push(...(await segment.read(from, limit - messages.length)));
    }
    return messages;
  }

  /** Removes the segments that lie wholly below `before`; a fresh one takes over when that is all of them. */
  truncate(before: number): Promise<void> {
    return this.enqueue(async () => {
      if (this.tail.nextSequence <= before && this.tail.bytes > 0) await this.roll();
      while (this.segments.length > 1 && (this.segments[0] as Segment).nextSequence <= before) {
        await (this.segments.shift() as Segment).remove();
      }
    });
  }

  close(): Promise<void> {
    return this.enqueue(async () => {
      await Promise.all(this.segments.map((segment) => segment.close()));
    });
  }

  private async roll(): Promise<void> {
    this.segments.push(await Segment.create(this.directory, this.tail.nextSequence));
    if (this.settings.durable) await syncFolder(this.directory);
  }

  private withoutRepeats(messages: readonly LogAppend[]): readonly LogAppend[] {
    const seen = new Set<string>();
    return messages.filter(({ messageId }) => {
      if (messageId === undefined) return true;
      if (seen.has(messageId) || this.ids.has(messageId)) return false;
      seen.add(messageId);
      return true;
    });
  }

  private async recallIds(): Promise<void> {
    const from = Math.max(this.first, this.last + 1 - this.settings.dedupWindow);
    if (from > this.last) return;
    for (const message of await this.read(from, this.settings.dedupWindow)) {
      const id = messageIdOf(message);
      if (id !== undefined) this.ids.add(id);
    }
  }

  private enqueue<R>(work: () => Promise<R>): Promise<R> {
    const result = this.queue.then(work);
    this.queue = result.catch(() => undefined);
    return result;
  }
}

function ascending(a: number, b: number): number {
  return a - b;
}
