import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseWorker } from '../../src/placement/choose-worker.js';
import { planAssignment } from '../../src/placement/plan-assignment.js';
import { ClusterView } from '../../src/protocol/cluster-view.js';
import type { AssignmentRecord, JobRecord, MemberRecord, PlacementStrategy } from '../../src/protocol/records.js';

describe('assignment', () => {
  it.each<[PlacementStrategy, Record<string, string>]>([
    ['LEAST_LOADED', { 'j/0': 'a', 'j/1': 'b', 'j/2': 'b', 'j/3': 'a', 'j/4': 'b', 'j/5': 'b' }],
    ['ROUND_ROBIN', { 'j/0': 'a', 'j/1': 'b', 'j/2': 'a', 'j/3': 'b', 'j/4': 'b', 'j/5': 'b' }],
  ])('places by %s, within capacities', (strategy, expected) => {
    const view = viewOf({ members: [member('a', 2), member('b', 4)], jobs: [job('j', 6, strategy)] });
    expect(workersOf(plan(view)?.record)).toEqual(expected);
  });

  it('draws by free capacity with WEIGHTED_RANDOM, the same for the same state', () => {
    const view = () =>
      viewOf({ members: [member('a', 100), member('b', 300)], jobs: [job('j', 200, 'WEIGHTED_RANDOM')] });
    const [first, second] = [plan(view()), plan(view())];
    expect(first).toEqual(second);
    const onB = Object.values(workersOf(first?.record)).filter((worker) => worker === 'b').length;
    expect(onB).toBeGreaterThan(120);
    expect(onB).toBeLessThan(180);
  });

  it('goes on after the worker chosen last with ROUND_ROBIN, across generations', () => {
    const candidates = ['a', 'b', 'c'].map((worker) => ({ worker, capacity: 5, load: 0 }));
    const next = (after: string | undefined) =>
      chooseWorker(candidates, { strategy: 'ROUND_ROBIN', seed: '', after })?.worker;
    expect([next(undefined), next('a'), next('b'), next('c')]).toEqual(['a', 'b', 'c', 'a']);
  });

  it('is stable: planning again from its own result changes nothing, and no worker is over capacity', () => {
    const workers = fc.uniqueArray(
      fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), capacity: fc.integer({ min: 1, max: 6 }) }),
      {
        selector: ({ name }) => name,
        minLength: 1,
      },
    );
    const strategy = fc.constantFrom<PlacementStrategy>('LEAST_LOADED', 'ROUND_ROBIN', 'WEIGHTED_RANDOM');
    fc.assert(
      fc.property(workers, fc.integer({ min: 1, max: 20 }), strategy, (list, tasks, by) => {
        const members = list.map(({ capacity, name }) => member(name, capacity));
        let record: AssignmentRecord | undefined;
        for (let round = 0; round < 30; round++) {
          const next = plan(viewOf({ members, jobs: [job('j', tasks, by)], assignments: record }), true);
          if (next === undefined) break;
          record = next.record;
          if (round === 29) throw new Error('it never settles');
        }
        const placed = Object.values(workersOf(record));
        const capacity = members.reduce((sum, one) => sum + one.capacity, 0);
        expect(placed.length).toBe(Math.min(tasks, capacity));
        for (const one of members)
          expect(placed.filter((worker) => worker === one.worker).length).toBeLessThanOrEqual(one.capacity);
      }),
    );
  });

  it('moves only the tasks of a dead worker, and tells them as failed over', () => {
    const members = [member('a', 9), member('b', 9), member('c', 9)];
    const jobs = [job('j', 6, 'LEAST_LOADED')];
    const before = plan(viewOf({ members, jobs }))?.record as AssignmentRecord;
    const after = plan(viewOf({ members: members.slice(0, 2), jobs, assignments: before }));
    const lost = Object.keys(before.tasks).filter((key) => before.tasks[key]?.worker === 'c');
    expect(after?.failedOver).toEqual(lost);
    for (const key of Object.keys(before.tasks)) {
      if (!lost.includes(key)) expect(after?.record.tasks[key]).toEqual(before.tasks[key]);
    }
  });

  it('gives nothing to a draining worker and takes its tasks away', () => {
    const jobs = [job('j', 2, 'LEAST_LOADED')];
    const before = plan(viewOf({ members: [member('a', 9)], jobs }))?.record;
    const draining: MemberRecord = { ...member('a', 9), state: 'draining' };
    const after = plan(viewOf({ members: [draining, member('b', 9)], jobs, assignments: before }));
    expect(workersOf(after?.record)).toEqual({ 'j/0': 'b', 'j/1': 'b' });
    expect(after?.failedOver).toEqual([]);
  });

  it('gives a task only to workers that know its job', () => {
    const members = [{ ...member('a', 9), jobs: ['other'] }, member('b', 9)];
    expect(workersOf(plan(viewOf({ members, jobs: [job('j', 2, 'ROUND_ROBIN')] }))?.record)).toEqual({
      'j/0': 'b',
      'j/1': 'b',
    });
  });
});

function plan(view: ClusterView, mayMove = false) {
  return planAssignment(view, { mayMove, mayRetry: () => true });
}

function member(worker: string, capacity: number): MemberRecord {
  const times = { startedAtMs: 0, beatAtMs: 0, beat: 1, pid: 1 };
  return { worker, session: `${worker}-session`, state: 'active', capacity, jobs: ['j'], work: [], ...times };
}

function job(name: string, tasks: number, strategy: PlacementStrategy): JobRecord {
  const names = Array.from({ length: tasks }, (_, i) => String(i));
  return { job: name, tasks: names, strategy, maxAttempts: 3, state: 'submitted', submittedAtMs: 0, submission: 1 };
}

function viewOf(given: {
  members: readonly MemberRecord[];
  jobs: readonly JobRecord[];
  assignments?: AssignmentRecord | undefined;
}): ClusterView {
  const view = new ClusterView();
  const put = (key: string, value: unknown): void => view.apply({ key, value: JSON.stringify(value), revision: 1 });
  for (const one of given.members) put(`members/${one.worker}`, one);
  for (const one of given.jobs) put(`jobs/${one.job}`, one);
  if (given.assignments !== undefined) put('assignments', given.assignments);
  return view;
}

function workersOf(record: AssignmentRecord | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(record?.tasks ?? {}).map(([key, { worker }]) => [key, worker]));
}
