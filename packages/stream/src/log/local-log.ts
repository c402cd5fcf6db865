import { join } from 'node:path';
import { isSabotError } from '@sabot/core-observability/errors';
import { streamErrors } from '../errors.js';
import { LocalTopic, type TopicSettings } from './local-topic.js';
import { DEFAULT_DEDUP_WINDOW, type OpenLog } from './open-log.js';
import { createReadOnlyLog } from './read-only-log.js';

export interface LocalLogOptions {
  /** One folder per topic is made below it. One process at a time may open it. */
  readonly directory: string;
  /** A segment that has reached this size is closed and a new one begun; default 64 MiB. */
  readonly segmentBytes?: number;
  /** `always` (default): an append resolves after `fdatasync`. `never`: the operating system decides; a power loss may take the tail. */
  readonly fsync?: 'always' | 'never';
  /** Looks at a folder that another process writes: nothing is created or repaired, appends are refused. Default false. */
  readonly readOnly?: boolean;
  /** How many message ids per topic are remembered for deduplication; default 16,384. */
  readonly dedupWindow?: number;
}

/**
 * A log in segment files on this machine's disk: appends are atomic frames with CRC-32C, an unfinished append at the
 * end is cut off when the topic is opened, damage anywhere else fails with `SABOT_STREAM_LOG_CORRUPT`.
 */
export async function createLocalLog(options: LocalLogOptions): Promise<OpenLog> {
  const settings: TopicSettings = {
    segmentBytes: options.segmentBytes ?? 64 * 1024 * 1024,
    durable: (options.fsync ?? 'always') === 'always',
    dedupWindow: options.dedupWindow ?? DEFAULT_DEDUP_WINDOW,
    readOnly: options.readOnly ?? false,
  };
  if (settings.readOnly) return createReadOnlyLog(options.directory, folderOf, settings);
  const topics = new Map<string, Promise<LocalTopic>>();
  let closed = false;

  const topicOf = (name: string): Promise<LocalTopic> => {
    if (closed) throw streamErrors.error('CLOSED', { what: 'cannot use the log', why: 'it has been closed' });
    const known = topics.get(name);
    if (known !== undefined) return known;
    const directory = join(options.directory, folderOf(name));
    const opening = LocalTopic.open(name, directory, settings).catch((error: unknown) => {
      topics.delete(name);
      throw asLogError(directory, error);
    });
    topics.set(name, opening);
    return opening;
  };

  return {
    append: async (name, messages, appendOptions) =>
      (await topicOf(name)).append(messages, appendOptions?.expectedLast).catch(rethrow(name)),
    read: async (name, from, limit) => (await topicOf(name)).read(from, limit).catch(rethrow(name)),
    last: async (name) => (await topicOf(name)).last,
    first: async (name) => (await topicOf(name)).first,
    truncate: async (name, before) => (await topicOf(name)).truncate(before).catch(rethrow(name)),
    async close() {
      if (closed) return;
      closed = true;
      const opened = await Promise.allSettled(topics.values());
      await Promise.all(opened.map((topic) => (topic.status === 'fulfilled' ? topic.value.close() : undefined)));
    },
  };
}

/** A folder name for any topic name: letters, digits, `_` and `-` as they are, everything else as hexadecimal. */
function folderOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9_-]/gu, (char) => `.${(char.codePointAt(0) as number).toString(16)}.`) || '.empty';
}

function rethrow(name: string): (error: unknown) => never {
  return (error) => {
    throw asLogError(name, error);
  };
}

function asLogError(name: string, error: unknown): unknown {
  if (isSabotError(error)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return streamErrors.error('LOG_FAILED', { what: `cannot use the log at "${name}"`, why, cause: error });
}
