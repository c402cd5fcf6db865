import type { OperatorStats } from '../ports/operator.js';

/** All zero. The runtime counts rows, batches, bytes, errors and watermarks; the operator counts the rest. */
export function createOperatorStats(): OperatorStats {
  return {
    rowsIn: 0,
    rowsOut: 0,
    batchesIn: 0,
    batchesOut: 0,
    bytesIn: 0,
    bytesOut: 0,
    lateRows: 0,
    skippedRows: 0,
    deadLetterRows: 0,
    errors: 0,
    firedWindows: 0,
    retries: 0,
    firedTimers: 0,
    stateEntries: 0,
    stateBytes: 0,
    inputWatermarkMs: Number.NEGATIVE_INFINITY,
    outputWatermarkMs: Number.NEGATIVE_INFINITY,
  };
}
