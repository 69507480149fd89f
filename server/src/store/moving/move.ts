import { systemClock } from '../../lib/clock.ts';
import { mysqlAddress } from '../../lib/mysql-address.ts';
import { Database as Target } from '../mysql/database.ts';
import { MysqlStore } from '../mysql/mysql.ts';
import type { Value } from '../mysql/sql.ts';
import { Database as Source } from '../sqlite/database.ts';
import { SqliteStore } from '../sqlite/sqlite.ts';
import { MOVING } from './mark.ts';
import { alongWith, moveAwaitingLog, moveSubmissions } from './special.ts';
import { converted, MOVED, type Moved, type SourceRow } from './tables.ts';

/** Rows of one step, and characters of them. */
const ROWS = 1_000;
const CHARACTERS = 2_000_000;

/** How far a move has come: what of the table was moved last. */
interface Progress {
  /** The file that is moved. */
  source: string;
  /** Its place in the list. */
  table: number;
  after: Value[] | null;
}

/** A table that is moved, or how its rows are. */
interface Step {
  moved: Moved;
  write(target: Target, rows: readonly SourceRow[]): Promise<void>;
}

const STEPS: readonly Step[] = [
  ...MOVED.map((moved): Step => ({ moved, write: (target, rows) => writeRows(target, moved, rows) })),
  { moved: { from: 'submission', key: ['plan_id', 'from_idx', 'at'], to: 'submission' }, write: moveSubmissions },
  { moved: { from: 'awaiting_log', key: ['id'], to: 'awaiting' }, write: moveAwaitingLog },
  lastStep(),
];

/** The installation's own rows come last. */
function lastStep(): Step {
  const moved: Moved = { from: 'installation', key: ['name'], to: 'installation' };
  return { moved, write: (target, rows) => writeRows(target, moved, rows) };
}

/** Tables whose rows are counted on both sides at the end: those that come over one by one. */
export const COUNTED: readonly Moved[] = MOVED.filter(({ to }) => to !== 'awaiting');

/**
 * Moves everything from a file of SQLite to an empty database of MySQL or MariaDB, in steps that are each whole: begun again
 * after a break, it goes on where it was. At the end rows are counted and the books are checked. The file stays as it is.
 * @param path the file, which no server may have open
 * @param tell hears of each table that has been moved, and how many rows it has
 * @throws when the target holds anything else, or does not hold the same in the end
 */
export async function moveStore(path: string, url: string, tell: (table: string, rows: number) => void): Promise<void> {
  // Brings both to this version's schema.
  await new SqliteStore(path, 'write').close();
  const store = await MysqlStore.open(url, 'write');
  const source = Source.openReader(path);
  const target = new Target(mysqlAddress(url), 'write', systemClock);
  try {
    await target.connect();
    const progress = (await progressOf(target)) ?? (await begin(store, target, path));
    if (progress.source !== path) throw new Error(`the database holds a part of ${progress.source}, not of ${path}`);
    for (let table = progress.table; table < STEPS.length; table++) {
      await moveTable(source, target, path, table, table === progress.table ? progress.after : null);
      tell(STEPS[table]!.moved.from, countOf(source, STEPS[table]!.moved.from));
    }
    await finish(source, target);
    await check(source, target, store);
    await within(target, () => target.run('DELETE FROM installation WHERE name = ?', MOVING));
  } finally {
    source.close();
    await target.close();
    await store.close();
  }
}

async function within<T>(target: Target, work: () => Promise<T>): Promise<T> {
  await target.begin('START TRANSACTION');
  try {
    const result = await work();
    await target.end('COMMIT');
    return result;
  } catch (error) {
    await target.rollback();
    throw error;
  }
}

async function progressOf(target: Target): Promise<Progress | null> {
  return within(target, async () => {
    const row = await target.get('SELECT value FROM installation WHERE name = ?', MOVING);
    return row === undefined ? null : (JSON.parse(row.value as string) as Progress);
  });
}

/** @throws when there is something in the database already */
async function begin(store: MysqlStore, target: Target, source: string): Promise<Progress> {
  const progress: Progress = { source, table: 0, after: null };
  await within(target, async () => {
    for (const table of ['business', 'plan', 'message', 'installation']) {
      const rows = await target.lists(`SELECT 1 FROM ${table} LIMIT 1`);
      if (rows.length > 0) throw new Error(`the database is not empty: there are rows in "${table}"`);
    }
    await note(target, progress);
  });
  // While the tables are empty that costs nothing: all that is moved becomes one day.
  await store.transact((tx) => tx.retention.makeRoom(systemClock.now()));
  return progress;
}

async function note(target: Target, progress: Progress): Promise<void> {
  await target.run(
    'INSERT INTO installation (name, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)',
    MOVING,
    JSON.stringify(progress),
  );
}

async function moveTable(
  source: Source,
  target: Target,
  path: string,
  table: number,
  from: Value[] | null,
): Promise<void> {
  const { moved, write } = STEPS[table]!;
  for (let after = from; ; ) {
    const rows = nextRows(source, moved, after);
    if (rows.length === 0) return;
    const last = rows.at(-1)!;
    const reached = moved.key.map((name) => last[name]!);
    await within(target, async () => {
      await write(target, moved.key[0] === 'rowid' ? rows.map(({ rowid: _, ...row }) => row) : rows);
      await note(target, { source: path, table, after: reached });
    });
    after = reached;
  }
}

/** The rows behind a key, as many as one step takes. */
function nextRows(source: Source, { from, key }: Moved, after: Value[] | null): SourceRow[] {
  const columns = key.map((name) => `"${name}"`).join(', ');
  const where = after === null ? '' : `WHERE (${columns}) > (${key.map(() => '?').join(', ')})`;
  const all = key[0] === 'rowid' ? 'rowid, *' : '*';
  const rows = source.all(
    `SELECT ${all} FROM ${from} ${where} ORDER BY ${columns} LIMIT ${ROWS}`,
    ...(after ?? []),
  ) as SourceRow[];
  let characters = 0;
  const end = rows.findIndex((row) => {
    for (const value of Object.values(row)) characters += sizeOf(value);
    return characters > CHARACTERS;
  });
  return end < 0 ? rows : rows.slice(0, end + 1);
}

const sizeOf = (value: Value | undefined): number =>
  typeof value === 'string' ? value.length : value instanceof Uint8Array ? value.length * 2 : 8;

async function writeRows(target: Target, moved: Moved, rows: readonly SourceRow[]): Promise<void> {
  const made = rows.map((row) => converted(row, moved));
  const columns = Object.keys(made[0]!);
  const names = columns.map((name) => `\`${name}\``).join(', ');
  // The database has some rows from the beginning, such as the first feed of figures.
  const again = columns.map((name) => `\`${name}\` = VALUES(\`${name}\`)`).join(', ');
  await target.run(
    `INSERT INTO ${moved.to} (${names}) VALUES ? ON DUPLICATE KEY UPDATE ${again}`,
    made.map((row) => columns.map((name) => row[name]!)),
  );
  await alongWith(target, moved.from, rows);
}

/** What follows from the rows: the last events, ids that were used before, and the id above which new ones begin. */
async function finish(source: Source, target: Target): Promise<void> {
  await within(target, async () => {
    await target.run(
      `INSERT INTO event_last (business_id, event_id) SELECT business_id, max(id) FROM event GROUP BY business_id
       ON DUPLICATE KEY UPDATE event_id = VALUES(event_id)`,
    );
    for (const [table, column] of [
      ['plan', 'id'],
      ['ledger_entry', 'id'],
      ['event', 'id'],
      ['webhook_delivery', 'id'],
      ['inbound', 'id'],
    ] as const) {
      await target.run(
        `UPDATE turn SET last_id = GREATEST(last_id, (SELECT coalesce(max(${column}), 0) FROM ${table})) WHERE id = 1`,
      );
    }
  });
  const used = new Map(
    source.all('SELECT name, seq FROM sqlite_sequence').map((row) => [row.name as string, row.seq as number]),
  );
  for (const { from, to } of MOVED) {
    const last = used.get(from);
    if (last !== undefined) await within(target, () => target.run(`ALTER TABLE ${to} AUTO_INCREMENT = ?`, last + 1));
  }
}

/** @throws when both do not hold the same */
async function check(source: Source, target: Target, store: MysqlStore): Promise<void> {
  for (const { from, to } of COUNTED) {
    const there = await within(target, async () => (await target.lists(`SELECT count(*) FROM ${to}`))[0]![0] as number);
    const here = countOf(source, from);
    if (here !== there) throw new Error(`"${from}" has ${here} rows, and ${there} of them were moved`);
  }
  const sums = 'SELECT coalesce(sum(available), 0), coalesce(sum(reserved), 0) FROM business';
  const [available, reserved] = source.first(sums) as number[];
  const [there] = (await within(target, () => target.lists(sums))) as number[][];
  if (there![0] !== available || there![1] !== reserved) throw new Error('balances are not what they were');
  const [fault] = await store.read((reader) => reader.ledger.faults());
  if (fault !== undefined) throw new Error(`the ledger does not reconcile: ${fault.what}`);
}

const countOf = (source: Source, table: string): number => source.first(`SELECT count(*) FROM ${table}`)![0] as number;
