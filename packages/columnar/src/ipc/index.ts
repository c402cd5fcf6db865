/** Arrow IPC without `apache-arrow`: streams, files and single batches to and from bytes, checked, decoded without copying. */
export { decodeBatch, encodeBatch } from './batch-codec.js';
export type { IpcCompression } from './compression/body-compression.js';
export { loadZstd } from './compression/zstd.js';
export { decodeIpcFile, encodeIpcFile, type IpcFile, openIpcFile } from './file.js';
export type { IpcReadOptions } from './read-budget.js';
export {
  decodeIpcStream,
  encodeIpcStream,
  type IpcStream,
  type IpcWriteOptions,
  schemaFromBytes,
  schemaToBytes,
} from './stream.js';
