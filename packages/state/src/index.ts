export type { Codec, CodecWriter } from './codec/codec.js';
export { boolCodec, bytesCodec, float64Codec, int64Codec, jsonCodec, utf8Codec } from './codec/primitive-codecs.js';
export { type StructFieldType, type StructOf, structCodec } from './codec/struct-codec.js';
export { stateErrors } from './errors.js';
export { createKeyWriter, decodeKey, type KeyPart, type KeyWriter } from './key/key-encoding.js';
export { type BindStatesOptions, bindStates, type StateBinding } from './keyed/binding.js';
export {
  type AggregatingState,
  type Aggregation,
  aggregatingState,
  type ReducingState,
  reducingState,
} from './keyed/folding-states.js';
export { type ListState, listState } from './keyed/list-state.js';
export { type MapKeyType, type MapState, mapState } from './keyed/map-state.js';
export type { BindingStats, StateDescriptor, StateDescriptors, StatesOf } from './keyed/state-descriptor.js';
export { type ValueState, valueState } from './keyed/value-state.js';
export { createLocalSnapshotStore } from './snapshot/local-snapshot-store.js';
export { createMemorySnapshotStore } from './snapshot/memory-snapshot-store.js';
export { readSnapshotHeader, type SnapshotHeader } from './snapshot/snapshot-format.js';
export type { SnapshotStore } from './snapshot/snapshot-store.js';
export { createMemoryStateStore, type MemoryStateStoreOptions } from './store/memory-store.js';
export type { StateSnapshot } from './store/state-snapshot.js';
export type {
  OpenStateStore,
  ScanRange,
  StateSnapshotBytes,
  StateStore,
  StateStoreStats,
} from './store/state-store.js';
export { MAX_KEY_BYTES } from './store/store-key.js';
export { type InstrumentedState, instrumentState, type StateMeta, stateTelemetry } from './telemetry.js';
