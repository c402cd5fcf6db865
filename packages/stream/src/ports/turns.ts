/** In what order, and for how long, the chains of a thread get their turns. */
export interface Turns {
  /** Which of so many waiting chains steps next; 0 is the one that has waited longest. */
  next(waiting: number): number;
  /** Begins a turn on the event loop as soon as others have had theirs; the function that comes back cancels. */
  soon(turn: () => void): () => void;
  /** Whether the turn has lasted long enough. */
  over(): boolean;
}
