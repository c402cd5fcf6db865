import { nexmarkModel } from '../../nexmark/generator/model.js';
import { type NexmarkEvent, nexmarkEvent, nexmarkEvents } from '../../nexmark/generator/rows.js';
import type { Contender } from '../../suite/suite.js';
import { type RowProgram, type RowQueryName, rowPrograms } from './row-programs.js';
import { ROW_EVENTS, rate, SEED } from './sizes.js';

const model = nexmarkModel({ events: ROW_EVENTS, seed: SEED });

/** A plain loop over an async iterable: what one writes without any library. */
export function forAwait(query: RowQueryName): Contender {
  return {
    name: 'for await',
    async open() {
      return {
        async sample() {
          const startedMs = performance.now();
          const program = rowPrograms[query]();
          let rows = 0;
          const count = () => void rows++;
          for await (const event of eventsLater()) program.push(event, count);
          program.end(count);
          return { value: rate(ROW_EVENTS, startedMs), facts: { rows } };
        },
      };
    },
  };
}

async function* eventsLater(): AsyncGenerator<NexmarkEvent> {
  for (let event = 0; event < model.events; event++) yield nexmarkEvent(model, event);
}

/** The same program as an operator of RxJS, over a synchronous source. */
export function rxjs(query: RowQueryName): Contender {
  return {
    name: 'rxjs',
    requires: 'rxjs',
    peer: true,
    async open() {
      const { from, Observable } = await import('rxjs');
      const running = (program: RowProgram) => (events: InstanceType<typeof Observable<NexmarkEvent>>) =>
        new Observable<object>((subscriber) => {
          const emit = (row: object) => subscriber.next(row);
          return events.subscribe({
            next: (event) => program.push(event, emit),
            error: (error) => subscriber.error(error),
            complete() {
              program.end(emit);
              subscriber.complete();
            },
          });
        });
      return {
        async sample() {
          const startedMs = performance.now();
          let rows = 0;
          await from(nexmarkEvents(model))
            .pipe(running(rowPrograms[query]()))
            .forEach(() => {
              rows++;
            });
          return { value: rate(ROW_EVENTS, startedMs), facts: { rows } };
        },
      };
    },
  };
}
