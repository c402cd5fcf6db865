import type { LogMessage } from '../ports/log.js';
import { createDedupWindow, type DedupWindow } from './dedup-window.js';
import { headersWithId } from './frame.js';
import { assertExpectedLast, assertNotTruncated, DEFAULT_DEDUP_WINDOW, type OpenLog } from './open-log.js';

interface MemoryTopic {
  /** Sequence of `messages[0]`. */
  first: number;
  messages: LogMessage[];
  readonly ids: DedupWindow;
}

/** An in-process log: every guarantee of the port but durability. */
export function createMemoryLog(options: { readonly dedupWindow?: number } = {}): OpenLog {
  const topics = new Map<string, MemoryTopic>();
  const topicOf = (name: string): MemoryTopic => {
    const known = topics.get(name);
    if (known !== undefined) return known;
    const ids = createDedupWindow(options.dedupWindow ?? DEFAULT_DEDUP_WINDOW);
    const created: MemoryTopic = { first: 1, messages: [], ids };
    topics.set(name, created);
    return created;
  };
  const lastOf = (topic: MemoryTopic | undefined) =>
    topic === undefined ? 0 : topic.first + topic.messages.length - 1;

  return {
    async append(name, messages, appendOptions) {
      assertExpectedLast(name, lastOf(topics.get(name)), appendOptions?.expectedLast);
      const topic = topicOf(name);
      for (const message of messages) {
        if (message.messageId !== undefined) {
          if (topic.ids.has(message.messageId)) continue;
          topic.ids.add(message.messageId);
        }
        const sequence = lastOf(topic) + 1;
        topic.messages.push({ sequence, headers: headersWithId(message), payload: message.payload.slice() });
      }
      return lastOf(topic);
    },
    async read(name, from, limit) {
      const topic = topics.get(name);
      if (topic === undefined) return [];
      assertNotTruncated(name, from, topic.first);
      return topic.messages.slice(from - topic.first, from - topic.first + limit);
    },
    last: async (name) => lastOf(topics.get(name)),
    first: async (name) => topics.get(name)?.first ?? 1,
    async truncate(name, before) {
      const topic = topics.get(name);
      if (topic === undefined) return;
      const first = Math.min(Math.max(before, topic.first), lastOf(topic) + 1);
      topic.messages = topic.messages.slice(first - topic.first);
      topic.first = first;
    },
    close: async () => topics.clear(),
  };
}
