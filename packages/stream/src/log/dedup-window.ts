/** Remembers the last message ids of a topic, so that a repeated append is recognised. */
export interface DedupWindow {
  has(messageId: string): boolean;
  add(messageId: string): void;
}

/** Remembers the last `size` ids, oldest forgotten first. */
export function createDedupWindow(size: number): DedupWindow {
  const ids = new Set<string>();
  return {
    has: (messageId) => ids.has(messageId),
    add(messageId) {
      ids.add(messageId);
      if (ids.size > size) for (const oldest of ids) return void ids.delete(oldest);
    },
  };
}
