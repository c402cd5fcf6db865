/** Arrow IPC without `apache-arrow`: streams and single batches to and from bytes, checked, decoded without copying. */
export { decodeBatch, encodeBatch } from './batch-codec.js';
export { decodeIpcStream, encodeIpcStream, type IpcStream, schemaFromBytes, schemaToBytes } from './stream.js';
