import { availableParallelism } from 'node:os';
import type { Batch } from '@sabot/columnar';
import { encodeIpcStream } from '@sabot/columnar/ipc';
import type { Contender, OpenContender } from '../../suite/suite.js';
import { batchOf, sqlMacros, sqlOf, type TableRule } from './tables.js';

type Polars = typeof import('nodejs-polars')['default'];
type PolarsFrame = ReturnType<Polars['DataFrame']>;
type Arquero = typeof import('arquero');
type ArqueroTable = ReturnType<Arquero['fromArrow']>;

/** One line of the table: the same question to everybody. Each answer ends with all its rows in memory. */
export interface Line {
  readonly name: string;
  readonly what: string;
  /** The first table is the one whose rows are counted. */
  readonly tables: Readonly<Record<string, TableRule>>;
  /** Does the work once; returns how many rows came out. */
  sabot(tables: Readonly<Record<string, Batch>>): number;
  readonly sql: string;
  polars(frames: Readonly<Record<string, PolarsFrame>>, pl: Polars): PolarsFrame;
  arquero(tables: Readonly<Record<string, ArqueroTable>>, aq: Arquero): ArqueroTable;
}

const NS_PER_MS = 1e6;
const US_PER_MS = 1e3;
/** Arquero does not get through the large tables; a smaller one favours it, since more of it stays in the caches. */
const ARQUERO_ROWS = 1_000_000;

/** Nanoseconds of one core per row of the first table, and how many rows came out. */
function measured(line: Line, share: number, cores: number, work: () => Promise<number> | number): OpenContender {
  const rows = (Object.values(line.tables)[0] as TableRule).rows * share;
  return {
    async sample() {
      const cpu = process.cpuUsage();
      const start = performance.now();
      const rowsOut = await work();
      const ms = performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      const cpuNsPerRow = (((user + system) / US_PER_MS) * NS_PER_MS) / rows;
      return { value: (ms * NS_PER_MS * cores) / rows, facts: { ms, cpuNsPerRow, rowsOut } };
    },
  };
}

/** Everybody who answers a line. */
export function contendersOf(line: Line): readonly Contender[] {
  return [sabot(line), duckdb(line), polars(line), arquero(line)];
}

function sabot(line: Line): Contender {
  return {
    name: 'sabot',
    async open() {
      const tables = mapValues(line.tables, batchOf);
      return measured(line, 1, 1, () => line.sabot(tables));
    },
  };
}

function duckdb(line: Line): Contender {
  return {
    name: 'duckdb',
    requires: '@duckdb/node-api',
    peer: true,
    async open() {
      const { DuckDBInstance } = await import('@duckdb/node-api');
      const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
      for (const macro of sqlMacros) await connection.run(macro);
      for (const [name, table] of Object.entries(line.tables)) await connection.run(sqlOf(name, table));
      const open = measured(line, 1, 1, async () => {
        const result = await connection.run(`create or replace temp table result as ${line.sql}`);
        return Number((await result.getRows())[0]?.[0]);
      });
      return { ...open, close: () => connection.closeSync() };
    },
  };
}

function polars(line: Line): Contender {
  return {
    name: 'polars',
    requires: 'nodejs-polars',
    peer: true,
    async open() {
      const { default: pl } = await import('nodejs-polars');
      const frames = mapValues(line.tables, (rule) => pl.readIPCStream(Buffer.from(ipcOf(rule))));
      // All its threads are at work; what one core does in that time is what is compared.
      return measured(line, 1, availableParallelism(), () => line.polars(frames, pl).height);
    },
  };
}

function arquero(line: Line): Contender {
  return {
    name: 'arquero',
    requires: 'arquero',
    peer: true,
    async open() {
      const aq = await import('arquero');
      const largest = (Object.values(line.tables)[0] as TableRule).rows;
      const share = Math.min(1, ARQUERO_ROWS / largest);
      const tables = mapValues(line.tables, (rule) =>
        aq.fromArrow(ipcOf({ ...rule, rows: Math.round(rule.rows * share) })),
      );
      return measured(line, share, 1, () => line.arquero(tables, aq).numRows());
    },
  };
}

function ipcOf(rule: TableRule): Uint8Array {
  const batch = batchOf(rule);
  return encodeIpcStream(batch.schema, [batch]);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
