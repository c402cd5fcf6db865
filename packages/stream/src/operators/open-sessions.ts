import { joinBytes, splitBytes } from './framed-bytes.js';

const INITIAL = 256;
const NONE = -1;

/** A result that has been given out for a session which has other bounds by now. */
export interface WithdrawnSession {
  readonly key: number;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Open sessions of numbered keys: numbered themselves in order of their first row. Of two that a row bridges the
 * earlier number goes on and the later is dead; numbers of dead sessions stay until `renumber`.
 * Cost per row: one step per open session of its key, mostly one.
 */
export class OpenSessions {
  /** Sessions ever numbered since the last `renumber`, dead ones included. */
  size = 0;
  live = 0;
  /** By session: half-open bounds, key, whether rows have come since it came out at its end. */
  starts = new Float64Array(INITIAL);
  ends = new Float64Array(INITIAL);
  keys = new Int32Array(INITIAL);
  dirty = new Uint8Array(INITIAL);
  /** By session: 1 when rows have come since it came out, early or at its end. */
  touched = new Uint8Array(INITIAL);
  /** By session: 1 while a result with just these bounds has been given out. */
  shown = new Uint8Array(INITIAL);
  /** By session: 1 when it has been renewed and no row has come since. */
  private empty = new Uint8Array(INITIAL);
  /** By session: rows since it came out. */
  rows = new Float64Array(INITIAL);
  /** By session: itself while it is alive, the one that took it in, or −1 when it has been closed. */
  private into = new Int32Array(INITIAL);
  /** By session: another open session of its key. */
  private next = new Int32Array(INITIAL);
  /** By key: one of its open sessions. */
  private heads = new Int32Array(INITIAL).fill(NONE);
  private bridged: number[] = [];
  private withdrawn: WithdrawnSession[] = [];
  private readonly gapMs: number;

  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }

  get bytes(): number {
    return 44 * this.starts.length + 4 * this.heads.length;
  }

  /** The session of a key's row; −1 for a row that touches none and whose own would end by `closedMs`. */
  add(key: number, timeMs: number, closedMs: number): number {
    const untilMs = timeMs + this.gapMs;
    let found = NONE;
    for (let session = this.heads[key] as number; session !== NONE; session = this.next[session] as number) {
      if (timeMs >= (this.ends[session] as number) || untilMs <= (this.starts[session] as number)) continue;
      found = found === NONE ? session : this.bridge(found, session);
    }
    if (found === NONE) return untilMs <= closedMs ? NONE : this.begin(key, timeMs, untilMs);
    if (this.empty[found] === 1) found = this.numberAnew(found);
    this.extend(found, timeMs, untilMs);
    this.dirty[found] = 1;
    this.touched[found] = 1;
    this.rows[found] = (this.rows[found] as number) + 1;
    return found;
  }

  /** The live session that this one has become part of. */
  rootOf(session: number): number {
    let root = session;
    while (this.into[root] !== root) root = this.into[root] as number;
    return root;
  }

  /** The sessions that have become part of others since the last call. */
  takeBridged(): readonly number[] {
    const taken = this.bridged;
    if (taken.length > 0) this.bridged = [];
    return taken;
  }

  /** Results that have been given out for bounds that no session has any more, since the last call. */
  takeWithdrawn(): readonly WithdrawnSession[] {
    const taken = this.withdrawn;
    if (taken.length > 0) this.withdrawn = [];
    return taken;
  }

  /** A session in the place of this one, to which no row has come yet. */
  renew(session: number): number {
    const key = this.keys[session] as number;
    const startMs = this.starts[session] as number;
    const endMs = this.ends[session] as number;
    this.close(session);
    const fresh = this.begin(key, startMs, endMs);
    this.dirty[fresh] = 0;
    this.touched[fresh] = 0;
    this.rows[fresh] = 0;
    this.empty[fresh] = 1;
    return fresh;
  }

  isLive(session: number): boolean {
    return this.into[session] === session;
  }

  close(session: number): void {
    this.unlink(session);
    this.into[session] = NONE;
    this.live--;
  }

  /** Makes room for keys up to this number. */
  reserveKeys(count: number): void {
    if (count <= this.heads.length) return;
    const heads = new Int32Array(Math.max(count, 2 * this.heads.length)).fill(NONE);
    heads.set(this.heads);
    this.heads = heads;
  }

  /** The live sessions, ascending. */
  liveSessions(): Int32Array {
    const sessions = new Int32Array(this.live);
    for (let session = 0, i = 0; session < this.size; session++) if (this.isLive(session)) sessions[i++] = session;
    return sessions;
  }

  /** Forgets dead sessions and keys without sessions; returns the former numbers of the sessions and keys that stay. */
  renumber(): { readonly sessions: Int32Array; readonly keys: Int32Array } {
    const sessions = this.liveSessions();
    const keys = Int32Array.from(new Set(sessions.map((session) => this.keys[session] as number))).sort();
    const keyNumbers = new Map(Array.from(keys, (former, key) => [former, key] as const));
    for (let session = 0; session < sessions.length; session++) {
      const former = sessions[session] as number;
      this.starts[session] = this.starts[former] as number;
      this.ends[session] = this.ends[former] as number;
      this.dirty[session] = this.dirty[former] as number;
      this.touched[session] = this.touched[former] as number;
      this.shown[session] = this.shown[former] as number;
      this.empty[session] = this.empty[former] as number;
      this.rows[session] = this.rows[former] as number;
      this.keys[session] = keyNumbers.get(this.keys[former] as number) as number;
    }
    this.size = sessions.length;
    this.relink();
    return { sessions, keys };
  }

  /** As bytes; only right after `renumber`. */
  snapshot(): Uint8Array {
    const { size } = this;
    const numbers = [this.starts, this.ends, this.keys, this.rows].map((values) => values.slice(0, size));
    const flags = [this.dirty, this.touched, this.shown, this.empty].map((values) => values.slice(0, size));
    return joinBytes([...numbers.map(({ buffer }) => new Uint8Array(buffer)), ...flags]);
  }

  restore(bytes: Uint8Array): void {
    const parts = splitBytes(bytes);
    const [starts, ends, keys, rows] = parts as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const [dirty, touched, shown, empty] = parts.slice(4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const size = dirty.length;
    while (this.starts.length < size) this.grow();
    this.starts.set(new Float64Array(starts.slice().buffer));
    this.ends.set(new Float64Array(ends.slice().buffer));
    this.keys.set(new Int32Array(keys.slice().buffer));
    this.dirty.set(dirty);
    this.touched.set(touched);
    this.shown.set(shown);
    this.empty.set(empty);
    this.rows.set(new Float64Array(rows.slice().buffer));
    this.size = size;
    this.live = size;
    this.reserveKeys(size);
    this.relink();
  }

  private begin(key: number, startMs: number, endMs: number): number {
    const session = this.size++;
    if (session === this.starts.length) this.grow();
    this.starts[session] = startMs;
    this.ends[session] = endMs;
    this.keys[session] = key;
    this.dirty[session] = 1;
    this.touched[session] = 1;
    this.shown[session] = 0;
    this.empty[session] = 0;
    this.rows[session] = 1;
    this.link(session);
    this.live++;
    return session;
  }

  /** Numbers follow the first rows of sessions: a renewed one gets its number when its first row comes. */
  private numberAnew(session: number): number {
    const fresh = this.renew(session);
    this.empty[fresh] = 0;
    this.into[session] = fresh;
    return fresh;
  }

  /** One session of two; the one whose first row came first, so that its values stay first. */
  private bridge(a: number, b: number): number {
    const keepsA = this.empty[a] === this.empty[b] ? a < b : this.empty[b] === 1;
    const [kept, gone] = keepsA ? [a, b] : [b, a];
    this.withdraw(gone);
    this.extend(kept, this.starts[gone] as number, this.ends[gone] as number);
    this.rows[kept] = (this.rows[kept] as number) + (this.rows[gone] as number);
    // The list is being walked: the dead session keeps its own link to the rest of it.
    this.unlink(gone);
    this.into[gone] = kept;
    this.bridged.push(gone);
    this.live--;
    return kept;
  }

  private extend(session: number, startMs: number, endMs: number): void {
    const earlier = startMs < (this.starts[session] as number);
    const later = endMs > (this.ends[session] as number);
    if (!earlier && !later) return;
    this.withdraw(session);
    if (earlier) this.starts[session] = startMs;
    if (later) this.ends[session] = endMs;
  }

  private withdraw(session: number): void {
    if (this.shown[session] === 0) return;
    this.shown[session] = 0;
    const key = this.keys[session] as number;
    this.withdrawn.push({ key, startMs: this.starts[session] as number, endMs: this.ends[session] as number });
  }

  private link(session: number): void {
    const key = this.keys[session] as number;
    this.into[session] = session;
    this.next[session] = this.heads[key] as number;
    this.heads[key] = session;
  }

  private unlink(session: number): void {
    const key = this.keys[session] as number;
    const after = this.next[session] as number;
    if (this.heads[key] === session) {
      this.heads[key] = after;
      return;
    }
    let before = this.heads[key] as number;
    while (this.next[before] !== session) before = this.next[before] as number;
    this.next[before] = after;
  }

  private relink(): void {
    this.heads.fill(NONE);
    for (let session = 0; session < this.size; session++) this.link(session);
  }

  private grow(): void {
    const capacity = 2 * this.starts.length;
    const copy = <A extends Float64Array | Int32Array | Uint8Array>(grown: A, old: A): A => {
      grown.set(old);
      return grown;
    };
    this.starts = copy(new Float64Array(capacity), this.starts);
    this.ends = copy(new Float64Array(capacity), this.ends);
    this.keys = copy(new Int32Array(capacity), this.keys);
    this.dirty = copy(new Uint8Array(capacity), this.dirty);
    this.touched = copy(new Uint8Array(capacity), this.touched);
    this.shown = copy(new Uint8Array(capacity), this.shown);
    this.empty = copy(new Uint8Array(capacity), this.empty);
    this.rows = copy(new Float64Array(capacity), this.rows);
    this.into = copy(new Int32Array(capacity), this.into);
    this.next = copy(new Int32Array(capacity), this.next);
  }
}
