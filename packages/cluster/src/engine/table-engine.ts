import type { SnapshotStore } from '@sabot/state';
import type { OpenLog } from '@sabot/stream/ports';
import { clusterErrors } from '../errors.js';
import type { Engine } from './engine.js';
import { KeyTable, type KeyTableOptions } from './key-table.js';
import { tableCoordination } from './table-coordination.js';
import { tableRegister } from './table-register.js';

export const REGISTER_TOPIC = 'registers';
export const COORDINATION_TOPIC = 'coordination';

/** An engine that lives in this process: whoever opened it closes it. */
export interface LocalEngine extends Engine {
  /** Waits for writes under way, ends watches, and releases files. Idempotent. */
  close(): Promise<void>;
}

/** What a local engine is made of. */
export interface LocalEngineParts {
  readonly kind: 'memory' | 'embedded';
  /** User topics: what sources read and sinks write. */
  readonly topics: OpenLog;
  /** The engine's own two tables. */
  readonly tables: OpenLog;
  readonly snapshots: SnapshotStore;
  readonly tableOptions?: KeyTableOptions;
  /** Called once when everything else is closed. */
  readonly release: () => Promise<void>;
}

export interface OpenedLocalEngine {
  readonly engine: LocalEngine;
  /** Refuses every later write with this error: the process no longer owns what it writes to. */
  fail(reason: Error): void;
}

/** Puts an engine together from two logs and a snapshot store. */
export async function openTableEngine(parts: LocalEngineParts): Promise<OpenedLocalEngine> {
  const registers = await KeyTable.open(parts.tables, REGISTER_TOPIC, parts.tableOptions);
  const coordination = await KeyTable.open(parts.tables, COORDINATION_TOPIC, parts.tableOptions);
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const reason = clusterErrors.error('ENGINE_CLOSED', { what: 'cannot use the engine', why: 'it was closed' });
    await Promise.all([registers.close(reason), coordination.close(reason)]);
    await Promise.all([parts.tables.close(), parts.topics.close()]);
    await parts.release();
  };
  const closeOnce = (): Promise<void> => {
    closing ??= close();
    return closing;
  };
  const engine: LocalEngine = {
    kind: parts.kind,
    log: parts.topics,
    coordination: tableCoordination(coordination),
    snapshots: parts.snapshots,
    register: (job, task) => tableRegister(registers, job, task),
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
  return {
    engine,
    fail(reason) {
      void registers.close(reason);
      void coordination.close(reason);
    },
  };
}
