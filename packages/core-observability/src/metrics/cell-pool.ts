const CHUNK_CELLS = 512;

/** One 64-bit float of the pool: `cells[at]`. */
export interface Cell {
  readonly cells: Float64Array;
  readonly at: number;
}

/** Hands out single floats from large arrays that never move, so that a series can keep its place. */
export class CellPool {
  private chunk = new Float64Array(CHUNK_CELLS);
  private next = 0;
  private readonly free: Cell[] = [];

  take(): Cell {
    const reused = this.free.pop();
    if (reused !== undefined) {
      reused.cells[reused.at] = 0;
      return reused;
    }
    if (this.next === CHUNK_CELLS) {
      this.chunk = new Float64Array(CHUNK_CELLS);
      this.next = 0;
    }
    return { cells: this.chunk, at: this.next++ };
  }

  give(cell: Cell): void {
    this.free.push(cell);
  }
}
