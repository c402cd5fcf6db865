/** What is asked of the decoder thread. */
export type DecoderRequest =
  | { readonly kind: 'open'; readonly path: string }
  | {
      readonly kind: 'begin';
      readonly file: number;
      readonly rowGroup: number;
      readonly columns: readonly string[];
      readonly offset: number;
      readonly batchRows: number;
    }
  | { readonly kind: 'next'; readonly cursor: number }
  | { readonly kind: 'end'; readonly cursor: number }
  | { readonly kind: 'close'; readonly file: number };

/** What the footer of a file says of one row group. */
export interface StoredRowGroup {
  readonly rows: number;
  /** Compressed bytes by top-level column. */
  readonly columnBytes: ReadonlyMap<string, number>;
}

/** Answers by the kind of request; batches and schemas are Arrow IPC streams, transferred and not copied. */
export interface DecoderAnswers {
  readonly open: { readonly file: number; readonly schema: Uint8Array; readonly rowGroups: readonly StoredRowGroup[] };
  readonly begin: { readonly cursor: number };
  readonly next: { readonly batch: Uint8Array | undefined };
  readonly end: Record<never, never>;
  readonly close: Record<never, never>;
}

export type DecoderAnswer = DecoderAnswers[keyof DecoderAnswers];

/** One message back: the answer, or why there is none. */
export type DecoderReply = { readonly answer: DecoderAnswer } | { readonly failure: string };
