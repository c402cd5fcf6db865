import { defineErrors } from '@sabot/core-observability/errors';

/** Every code that `@sabot/columnar` raises; the prefix is `SABOT_COLUMNAR_`. */
export const errors = defineErrors('columnar', {
  TYPE_INVALID: {
    kind: 'usage',
    summary: 'A column type was declared with parameters that no type has.',
    remedy: 'Correct the type where it is declared.',
  },
  SCHEMA_INVALID: {
    kind: 'usage',
    summary: 'A schema was declared that cannot exist.',
    remedy: 'Correct the schema where it is declared.',
  },
  SCHEMA_MISMATCH: {
    kind: 'usage',
    summary: 'Columns or batches do not have the schema that is required here.',
    remedy: 'Give columns of the required names, order and types, or change the schema.',
  },
  LENGTH_MISMATCH: {
    kind: 'usage',
    summary: 'The columns of one batch differ in length.',
    remedy: 'Give columns of equal length.',
  },
  COLUMN_UNKNOWN: {
    kind: 'usage',
    summary: 'A column was asked for that the schema does not have.',
    remedy: 'Use one of the column names of the schema.',
  },
  VALUE_INVALID: {
    kind: 'usage',
    summary: 'A value does not fit the type of its column.',
    remedy: 'Give a value that the column type can hold, or change the type.',
  },
  VALUE_INEXACT: {
    kind: 'usage',
    summary: 'A 64-bit integer was read as a number although it is beyond 2^53.',
    remedy: 'Read the column through columnValue, which gives a bigint.',
  },
  COLUMN_TOO_LARGE: {
    kind: 'usage',
    summary: 'A column would hold more bytes or items than 32-bit offsets can address.',
    remedy: 'Use smaller batches.',
  },
  EXPRESSION_INVALID: {
    kind: 'usage',
    summary: 'An expression is not well formed or its operands have the wrong types.',
    remedy: 'Correct the expression; the message names the part that is wrong.',
  },
  ARITHMETIC_OVERFLOW: {
    kind: 'usage',
    summary: 'Integer arithmetic left the range of its type.',
    remedy: "Cast an operand to a wider type or to float64, or compile with { overflow: 'wrap' }.",
  },
  CAST_INVALID: {
    kind: 'usage',
    summary: 'A value cannot be represented in the type that it is cast to.',
    remedy: 'Use tryCast, which gives null for such values.',
  },
  CODE_GENERATION_FORBIDDEN: {
    kind: 'usage',
    summary: 'Compiled mode was demanded where JavaScript may not generate code.',
    remedy: "Use mode 'auto' or 'interpreted'; the results are equal.",
  },
  KERNEL_ARGUMENT_INVALID: {
    kind: 'usage',
    summary: 'A kernel was called with arguments that do not fit together.',
    remedy: 'Correct the call; the message names the argument.',
  },
  SNAPSHOT_INVALID: {
    kind: 'operational',
    summary: 'A snapshot of a kernel state cannot be restored.',
    remedy: 'Restore a snapshot written by the same kind of table with the same types.',
  },
  IPC_MALFORMED: {
    kind: 'operational',
    summary: 'Bytes are not a valid Arrow IPC message, stream or file.',
    remedy: 'Check that the bytes are complete and were written as Arrow IPC.',
  },
  IPC_TOO_LARGE: {
    kind: 'operational',
    summary: 'Arrow IPC claims more memory than decoding may take.',
    remedy: 'If the bytes can be trusted, decode them with a larger maxDecodedBytes.',
  },
  CODEC_MISSING: {
    kind: 'usage',
    summary: 'Arrow IPC is to be read or written with a compression that is not loaded.',
    remedy: 'Call await loadZstd() once before; on Node.js before 22.15, install @bokuweb/zstd-wasm.',
  },
  ARROW_UNSUPPORTED: {
    kind: 'usage',
    summary: 'Arrow data has a type or feature that has no column type here.',
    remedy: 'Cast the column before handing it over.',
  },
});
