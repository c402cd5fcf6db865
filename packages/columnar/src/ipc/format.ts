/** Numbers that Arrow's Message.fbs, Schema.fbs and File.fbs define. */
export const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;

/** Metadata version 5, the only one written; 4 and 5 are read. */
export const VERSION = 4;

/** Members of the type union. */
export const TYPE = {
  int: 2,
  float: 3,
  binary: 4,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  list: 12,
  struct: 13,
  fixedSizeBinary: 15,
  fixedSizeList: 16,
  duration: 18,
  largeBinary: 19,
  largeUtf8: 20,
  largeList: 21,
  binaryView: 23,
  utf8View: 24,
} as const;

/** Every message starts with this continuation marker. */
export const CONTINUATION = -1;

/** Rounds up to a multiple of 8. */
export function padded(length: number): number {
  return (length + 7) & -8;
}
