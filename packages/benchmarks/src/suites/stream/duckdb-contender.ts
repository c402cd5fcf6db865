import type { DuckDBConnection } from '@duckdb/node-api';
import { nexmarkModel } from '../../nexmark/generator/model.js';
import { nexmarkEvents } from '../../nexmark/generator/rows.js';
import type { Contender } from '../../suite/suite.js';
import type { RowQueryName } from './row-programs.js';
import { EVENTS, rate, SEED } from './sizes.js';

/** At most so many, because filling its tables value by value takes long; the rate per second is what counts. */
const LOADED = Math.min(EVENTS, 1_000_000);

const TABLES: Readonly<Record<'person' | 'auction' | 'bid', string>> = {
  person: 'id bigint, name varchar, city varchar, state varchar, dateTime bigint',
  auction: 'id bigint, dateTime bigint, expires bigint, seller bigint, category bigint',
  bid: 'auction bigint, bidder bigint, price bigint, dateTime bigint, extra varchar',
};

/** The queries as SQL over whole tables. */
const SQL: Readonly<Record<RowQueryName, string>> = {
  q0: 'select auction, bidder, price, dateTime, extra from bid',
  q1: 'select auction, bidder, price * 0.908::double as price, dateTime, extra from bid',
  q2: 'select auction, price from bid where auction % 123 = 0',
  q3: `select name, city, state, a.id from auction a join person p on a.seller = p.id
       where category = 10 and state in ('OR', 'ID', 'CA')`,
  q4: `select category, avg(final) from (select max(price) as final, category from auction a join bid b
       on a.id = b.auction and b.dateTime between a.dateTime and a.expires group by a.id, category) group by category`,
  q5: `with counts as (select auction, dateTime // 2000 - hop as slide, count(*) as bids from bid, range(5) r(hop)
       group by all) select * from counts join (select slide, max(bids) as bids from counts group by slide)
       using (slide, bids)`,
  q7: `select b.* from bid b join (select dateTime // 10000 as slot, max(price) as price from bid group by slot) m
       on b.price = m.price and b.dateTime // 10000 = slot`,
  q8: `select distinct p.id, name, p.dateTime // 10000 from person p join auction a
       on p.id = seller and p.dateTime // 10000 = a.dateTime // 10000`,
};

/** DuckDB with one thread over tables that are filled before the clock starts; the result goes into a table. */
export function duckdb(query: RowQueryName): Contender {
  return {
    name: 'duckdb (batch)',
    requires: '@duckdb/node-api',
    peer: true,
    async open() {
      const { DuckDBInstance } = await import('@duckdb/node-api');
      const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
      const connection = await instance.connect();
      await fill(connection);
      return {
        async sample() {
          const startedMs = performance.now();
          await connection.run(`create or replace temp table result as ${SQL[query]}`);
          return { value: rate(LOADED, startedMs) };
        },
        close: () => connection.closeSync(),
      };
    },
  };
}

async function fill(connection: DuckDBConnection): Promise<void> {
  for (const [name, columns] of Object.entries(TABLES)) await connection.run(`create table ${name} (${columns})`);
  const tables = {
    person: { appender: await connection.createAppender('person'), columns: columnsOf('person') },
    auction: { appender: await connection.createAppender('auction'), columns: columnsOf('auction') },
    bid: { appender: await connection.createAppender('bid'), columns: columnsOf('bid') },
  };
  for (const event of nexmarkEvents(nexmarkModel({ events: LOADED, seed: SEED }))) {
    const { appender, columns } = tables[event.kind];
    for (const column of columns) {
      const value = (event as unknown as Readonly<Record<string, number | string>>)[column] as number | string;
      if (typeof value === 'number') appender.appendBigInt(BigInt(value));
      else appender.appendVarchar(value);
    }
    appender.endRow();
  }
  for (const { appender } of Object.values(tables)) appender.closeSync();
}

function columnsOf(table: keyof typeof TABLES): readonly string[] {
  return TABLES[table].split(', ').map((column) => column.split(' ')[0] as string);
}
