/** The left rows whose life has not ended, by key, each with the number of its best right row so far. */
const NONE = -1;
const INITIAL = 256;

export class Lives {
  /** Lives begun since the last `clear`, ended ones included; their numbers are 0 … size − 1. */
  size = 0;
  /** Lives that have not ended. */
  open = 0;
  /** By life: first and last moment, epoch milliseconds. */
  fromMs = new Float64Array(INITIAL);
  untilMs = new Float64Array(INITIAL);
  /** By life: what the best right row so far is judged by, its time, and its number; −1 without one. */
  score = new Float64Array(INITIAL);
  bestMs = new Float64Array(INITIAL);
  best = new Int32Array(INITIAL);
  /** By life: the next one of the same key, or −1. */
  next = new Int32Array(INITIAL);
  /** By key: its first life, or −1. */
  private heads = new Int32Array(INITIAL).fill(NONE);
  private ended = new Uint8Array(INITIAL);
  private earliestMs = Number.POSITIVE_INFINITY;

  begin(key: number, fromMs: number, untilMs: number): void {
    this.reserve(key);
    const life = this.size++;
    this.open++;
    this.fromMs[life] = fromMs;
    this.untilMs[life] = untilMs;
    this.score[life] = Number.NEGATIVE_INFINITY;
    this.bestMs[life] = Number.POSITIVE_INFINITY;
    this.best[life] = NONE;
    this.next[life] = this.heads[key] as number;
    this.heads[key] = life;
    if (untilMs < this.earliestMs) this.earliestMs = untilMs;
  }

  /** The first life of a key, or −1; ended ones are among them, and hold nothing that comes now. */
  first(key: number): number {
    return key >= 0 && key < this.heads.length ? (this.heads[key] as number) : NONE;
  }

  /** Ends the lives up to a time: their numbers by (end, arrival). */
  endUntil(timeMs: number): Int32Array {
    if (timeMs < this.earliestMs) return new Int32Array(0);
    const due: number[] = [];
    this.earliestMs = Number.POSITIVE_INFINITY;
    for (let life = 0; life < this.size; life++) {
      if (this.ended[life] === 1) continue;
      const untilMs = this.untilMs[life] as number;
      if (untilMs > timeMs) {
        if (untilMs < this.earliestMs) this.earliestMs = untilMs;
        continue;
      }
      this.ended[life] = 1;
      due.push(life);
    }
    this.open -= due.length;
    return Int32Array.from(due).sort((a, b) => (this.untilMs[a] as number) - (this.untilMs[b] as number) || a - b);
  }

  /** The numbers of those that have not ended, in order of arrival. */
  openOnes(): Int32Array {
    const lives = new Int32Array(this.open);
    let count = 0;
    for (let life = 0; life < this.size; life++) if (this.ended[life] === 0) lives[count++] = life;
    return lives;
  }

  clear(): void {
    this.size = 0;
    this.open = 0;
    this.earliestMs = Number.POSITIVE_INFINITY;
    this.heads.fill(NONE);
    this.ended.fill(0);
  }

  private reserve(key: number): void {
    if (this.size === this.best.length) {
      const room = 2 * this.size;
      this.fromMs = grown(this.fromMs, new Float64Array(room));
      this.untilMs = grown(this.untilMs, new Float64Array(room));
      this.score = grown(this.score, new Float64Array(room));
      this.bestMs = grown(this.bestMs, new Float64Array(room));
      this.best = grown(this.best, new Int32Array(room));
      this.next = grown(this.next, new Int32Array(room));
      this.ended = grown(this.ended, new Uint8Array(room));
    }
    if (key < this.heads.length) return;
    this.heads = grown(this.heads, new Int32Array(Math.max(key + 1, 2 * this.heads.length)).fill(NONE));
  }
}

function grown<A extends { set(from: A): void }>(from: A, into: A): A {
  into.set(from);
  return into;
}
