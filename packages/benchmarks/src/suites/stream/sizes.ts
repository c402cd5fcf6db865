/** How many events the contenders of this suite work through per sample; SABOT_BENCH_EVENTS changes the columnar ones. */
export const EVENTS = Number(process.env['SABOT_BENCH_EVENTS'] ?? 2_000_000);
/** Programs that work row by row are slow: a tenth is enough for a figure per second. */
export const ROW_EVENTS = EVENTS / 10;
export const SEED = 1;
/** Events that a batch covers. */
export const BATCH_EVENTS = 16_384;

/** Events per second. */
export function rate(events: number, startedMs: number): number {
  return (events / (performance.now() - startedMs)) * 1000;
}
