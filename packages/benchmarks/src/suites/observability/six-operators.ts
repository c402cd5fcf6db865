const KEYS = 300;
const SLOTS = 1024;

export interface FlightBatch {
  readonly delay: Float64Array;
  readonly distance: Float64Array;
  readonly origin: Int32Array;
}

/** An operator with its facts as plain integers, as everywhere in Sabot. */
export interface BenchOperator {
  readonly name: string;
  readonly stats: { rowsIn: number; rowsOut: number };
  run(batch: FlightBatch): number;
}

/** A batch of flights; every call gives the same values. */
export function createBatch(rows: number): FlightBatch {
  const delay = new Float64Array(rows);
  const distance = new Float64Array(rows);
  const origin = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    delay[row] = ((row * 7919) % 181) - 20;
    distance[row] = 100 + ((row * 104_729) % 2400);
    origin[row] = (row * 31) % KEYS;
  }
  return { delay, distance, origin };
}

interface Scratch {
  readonly speed: Float64Array;
  readonly selection: Int32Array;
  readonly gatheredSpeed: Float64Array;
  readonly gatheredOrigin: Int32Array;
  readonly slots: Int32Array;
  readonly projected: Float64Array;
  selected: number;
}

/** Six operators as compiled ones look: derive, filter, gather, key, aggregate, project. */
export function createOperators(rows: number): readonly BenchOperator[] {
  const scratch: Scratch = {
    speed: new Float64Array(rows),
    selection: new Int32Array(rows),
    gatheredSpeed: new Float64Array(rows),
    gatheredOrigin: new Int32Array(rows),
    slots: new Int32Array(rows),
    projected: new Float64Array(rows),
    selected: 0,
  };
  const operator = (name: string, run: BenchOperator['run']): BenchOperator => ({
    name,
    stats: { rowsIn: 0, rowsOut: 0 },
    run,
  });
  return [
    operator('derive', (batch) => derive(batch, scratch)),
    operator('filter', (batch) => filter(batch, scratch)),
    operator('gather', (batch) => gather(batch, scratch)),
    operator('key', () => key(scratch)),
    operator('aggregate', createAggregate(scratch)),
    operator('project', () => project(scratch)),
  ];
}

function derive({ delay, distance }: FlightBatch, { speed }: Scratch): number {
  for (let row = 0; row < speed.length; row++) speed[row] = (distance[row] as number) / ((delay[row] as number) + 80);
  return speed.length;
}

function filter({ delay }: FlightBatch, scratch: Scratch): number {
  let selected = 0;
  for (let row = 0; row < delay.length; row++) if ((delay[row] as number) > 0) scratch.selection[selected++] = row;
  scratch.selected = selected;
  return selected;
}

function gather(
  { origin }: FlightBatch,
  { selection, selected, speed, gatheredSpeed, gatheredOrigin }: Scratch,
): number {
  for (let at = 0; at < selected; at++) {
    gatheredSpeed[at] = speed[selection[at] as number] as number;
    gatheredOrigin[at] = origin[selection[at] as number] as number;
  }
  return selected;
}

function key({ selected, gatheredOrigin, slots }: Scratch): number {
  for (let at = 0; at < selected; at++) slots[at] = Math.imul(gatheredOrigin[at] as number, 0x9e37_79b1) >>> 22;
  return selected;
}

function createAggregate(scratch: Scratch): () => number {
  const counts = new Float64Array(SLOTS);
  const sums = new Float64Array(SLOTS);
  const maxima = new Float64Array(SLOTS);
  return () => {
    const { selected, slots, gatheredSpeed } = scratch;
    for (let at = 0; at < selected; at++) {
      const slot = slots[at] as number;
      const value = gatheredSpeed[at] as number;
      counts[slot] = (counts[slot] as number) + 1;
      sums[slot] = (sums[slot] as number) + value;
      if (value > (maxima[slot] as number)) maxima[slot] = value;
    }
    return selected;
  };
}

function project({ selected, gatheredSpeed, projected }: Scratch): number {
  for (let at = 0; at < selected; at++) projected[at] = (gatheredSpeed[at] as number) * 1.609_344;
  return selected;
}
