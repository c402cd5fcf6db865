import type { Batch, Fields, Schema } from '@sabot/columnar';
import type { Polled, Source } from '../ports/source.js';

/** A source whose answers a test gives by hand, split by split. */
export interface SourceProbe<F extends Fields> extends Source<F> {
  /** Lets a split give a batch; it is delivered by the next poll. */
  push(batch: Batch<F>, split?: string): void;
  /** Ends a split behind what has been pushed. */
  end(split?: string): void;
  /** Makes a split fail behind what has been pushed. */
  fail(error: unknown, split?: string): void;
  /** Batches that have been given to the job. */
  readonly delivered: number;
  /** How many readers are open. */
  readonly open: number;
}

type Answer = { readonly batch: unknown } | { readonly end: true } | { readonly error: unknown };

export interface SourceProbeOptions {
  /** Ids of the splits; default one, `0`. */
  readonly splits?: readonly string[];
  readonly bounded?: boolean;
}

/** What has been pushed is kept, so that a restarted job can be given it again from its position. */
export function createSourceProbe<F extends Fields>(
  schema: Schema<F>,
  { splits = ['0'], bounded = true }: SourceProbeOptions = {},
): SourceProbe<F> {
  const answers = new Map<string, Answer[]>(splits.map((split) => [split, []]));
  const waiting = new Map<string, () => void>();
  const facts = { delivered: 0, open: 0 };
  const add = (answer: Answer, split = splits[0] as string) => {
    (answers.get(split) as Answer[]).push(answer);
    waiting.get(split)?.();
    waiting.delete(split);
  };
  return {
    name: 'probe',
    schema,
    bounded,
    get delivered() {
      return facts.delivered;
    },
    get open() {
      return facts.open;
    },
    push: (batch, split) => add({ batch }, split),
    end: (split) => add({ end: true }, split),
    fail: (error, split) => add({ error }, split),
    splits: async () => splits.map((id) => ({ id })),
    async read(split, position) {
      let next = Number(position?.['next'] ?? 0);
      facts.open++;
      return {
        async poll(signal): Promise<Polled> {
          const queue = answers.get(split.id) as Answer[];
          if (next >= queue.length) await pushed(waiting, split.id, signal);
          const answer = queue[next];
          if (answer === undefined) return { kind: 'empty' };
          if ('error' in answer) throw answer.error;
          if ('end' in answer) return { kind: 'end' };
          next++;
          facts.delivered++;
          // Only batches of the declared schema can be pushed.
          return { kind: 'batch', batch: answer.batch as Batch, position: { next } };
        },
        close: async () => void facts.open--,
      };
    },
  };
}

function pushed(waiting: Map<string, () => void>, split: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    waiting.set(split, resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
