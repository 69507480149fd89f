import { mysqlAddress } from 'signet/internal/lib/mysql-address';
import { Connection } from 'signet/internal/store/mysql/connection';
import { searches } from 'signet/internal/store/mysql/migrations/0027-searches';
import { CUT, type CutTable } from 'signet/internal/store/mysql/partitions';
import type { Filler } from './filler.ts';
import { DAY_MS, DAYS } from './shape.ts';

const HOUR_MS = 3_600_000;

/** The database of a server that has stopped; its tables are cut into days as a server would have done day by day. */
export async function mysqlFiller(url: string, until: number): Promise<Filler> {
  const connection = await Connection.open(mysqlAddress(url));
  const rows = async (sql: string) => (await connection.query({ sql, rowsAsArray: true }, HOUR_MS)) as unknown[][];
  const run = async (sql: string) => void (await connection.query({ sql }, HOUR_MS));
  await run(`SET SESSION wait_timeout = 86400, sql_mode = 'STRICT_ALL_TABLES,PIPES_AS_CONCAT', unique_checks = 0,
    foreign_key_checks = 0, group_concat_max_len = 100000000,
    tmp_table_size = 1073741824, max_heap_table_size = 1073741824`);
  for (const table of Object.keys(CUT) as CutTable[]) await cut(rows, run, table, until);
  return {
    ignore: 'IGNORE',
    planLeft: 'messages_left',
    div: (a, b) => `(${a}) DIV (${b})`,
    run,
    rows,
    ask: async (sql) => ((await rows(sql))[0]?.[0] as number | null | undefined) ?? null,
    series: (count) =>
      run(`CREATE TEMPORARY TABLE n (i INT PRIMARY KEY) AS SELECT seq AS i FROM seq_0_to_${count - 1}`),
    begin: () => run('START TRANSACTION'),
    commit: () => run('COMMIT'),
    finish: async () => {
      await run('DELETE FROM event_last');
      await run(
        'INSERT INTO event_last (business_id, event_id) SELECT business_id, max(id) FROM event GROUP BY business_id',
      );
      // What a server keeps beside its messages and plans is what the last step of the schema makes of those there are.
      for (const sql of searches('')) if (sql.startsWith('INSERT')) await run(sql);
      const names = (await rows('SHOW TABLES')).map(([name]) => name as string);
      await run(`ANALYZE TABLE ${names.join(', ')}`);
    },
    size: async () =>
      Number(
        (
          await rows(
            'SELECT sum(data_length + index_length) FROM information_schema.tables WHERE table_schema = database()',
          )
        )[0]![0],
      ),
    close: () => connection.close(),
  };
}

/** Cuts the oldest part of an empty table, which is all that was before today, into the days of the history. */
async function cut(
  rows: (sql: string) => Promise<unknown[][]>,
  run: (sql: string) => Promise<void>,
  table: CutTable,
  until: number,
): Promise<void> {
  const [oldest] = await rows(
    `SELECT partition_name, partition_description FROM information_schema.partitions
     WHERE table_schema = database() AND table_name = '${table}' ORDER BY partition_ordinal_position LIMIT 1`,
  );
  const [name, end] = oldest as [string, string];
  const today = Math.floor(until / DAY_MS) * DAY_MS;
  const days: string[] = [];
  for (let day = DAYS; day >= 1; day--) {
    days.push(`PARTITION h${day} VALUES LESS THAN (${CUT[table](today - (day - 1) * DAY_MS)})`);
  }
  await run(
    `ALTER TABLE ${table} REORGANIZE PARTITION ${name} INTO (${days.join(', ')}, PARTITION ${name} VALUES LESS THAN ${
      end === 'MAXVALUE' ? end : `(${end})`
    })`,
  );
}
