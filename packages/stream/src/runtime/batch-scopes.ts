import type { TracedBatch } from '../ports/signal.js';
import type { BatchScope, ChainMeta, TaskDecorator } from '../ports/task-decorator.js';

/** Opens the scopes of all decorators that want one; undefined when none does, so that nothing is paid. */
export type BeginBatch = (element: TracedBatch) => BatchScope;

/** The decorators' `beginBatch` of one chain as one function. */
export function batchScopes(decorators: readonly TaskDecorator[], meta: ChainMeta): BeginBatch | undefined {
  const interested = decorators.filter((decorator) => decorator.beginBatch !== undefined);
  const [first, ...others] = interested;
  if (first === undefined) return undefined;
  const begin = (decorator: TaskDecorator, element: TracedBatch) =>
    (decorator.beginBatch as NonNullable<TaskDecorator['beginBatch']>).call(decorator, meta, element);
  if (others.length === 0) return (element) => begin(first, element);
  return (element) => {
    const scopes = interested.map((decorator) => begin(decorator, element));
    return {
      trace: scopes.find((scope) => scope.trace !== undefined)?.trace,
      end(error) {
        for (const scope of scopes) scope.end(error);
      },
    };
  };
}
