import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { streamErrors } from '../errors.js';
import { LocalTopic, type TopicSettings } from './local-topic.js';
import { assertNotTruncated, type OpenLog } from './open-log.js';

/**
 * A local log as somebody else is writing it: nothing is created, repaired or kept open. Every call reads what is there
 * now; an append that is half-written is not there yet.
 */
export function createReadOnlyLog(
  directory: string,
  folderOf: (topic: string) => string,
  settings: TopicSettings,
): OpenLog {
  const looking = async <R>(name: string, absent: R, look: (topic: LocalTopic) => R | Promise<R>): Promise<R> => {
    const folder = join(directory, folderOf(name));
    if (!(await exists(folder))) return absent;
    const topic = await openTwice(name, folder, settings);
    try {
      return await look(topic);
    } finally {
      await topic.close();
    }
  };
  return {
    append: async (name) => refuse(`append to topic "${name}"`),
    truncate: async (name) => refuse(`truncate topic "${name}"`),
    read: (name, from, limit) =>
      looking<Awaited<ReturnType<LocalTopic['read']>>>(name, [], (topic) => {
        assertNotTruncated(name, from, topic.first);
        return topic.read(from, limit);
      }),
    last: (name) => looking(name, 0, (topic) => topic.last),
    first: (name) => looking(name, 1, (topic) => topic.first),
    close: async () => undefined,
  };
}

/** A segment may be truncated away between listing and opening: the second look sees what has come in its place. */
async function openTwice(name: string, folder: string, settings: TopicSettings): Promise<LocalTopic> {
  try {
    return await LocalTopic.open(name, folder, settings);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return LocalTopic.open(name, folder, settings);
  }
}

async function exists(folder: string): Promise<boolean> {
  return access(folder).then(
    () => true,
    () => false,
  );
}

function refuse(what: string): never {
  throw streamErrors.error('LOG_FAILED', {
    what: `cannot ${what}`,
    why: 'the log is open for reading only',
    remedy: 'Open it without readOnly in the one process that writes it.',
  });
}
