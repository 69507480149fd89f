import { type Channel, type ChannelKind, settingsOf, settingsOfKept } from '../../domain/channel.ts';
import { type LEDGER_KINDS, type LedgerEntry, ledgerCode, ledgerKindOfCode } from '../../domain/ledger.ts';
import { balanceFault, type LedgerFault, type PlanMoney, planFault } from '../../domain/ledger-fault.ts';
import { idAt } from '../../lib/ids.ts';
import { toMoney } from '../money-of-plan.ts';
import type {
  ChannelReader,
  ChannelWriter,
  LedgerOpening,
  LedgerReader,
  LedgerWriter,
  NewLedgerEntry,
} from '../store.ts';
import { bit, type Database } from './database.ts';
import { REQUESTS } from './plans.ts';
import { alikeRuns, placesOf, RowsStatement } from './rows-statement.ts';

/** An id is minted a little before or after the time its row is written with. */
const SLACK_MS = 60_000;

type Row = NonNullable<ReturnType<Database['get']>>;

export function ledgerTable(db: Database): LedgerReader & LedgerWriter {
  return {
    async ofBusiness(businessId, before, limit) {
      return db
        .all(
          'SELECT * FROM ledger_entry WHERE business_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
          businessId,
          before ?? Number.MAX_SAFE_INTEGER,
          limit,
        )
        .map(toEntry);
    },
    async ofPlan(businessId, planId, since, until) {
      // Ids carry their time, which bounds the search: no index by plan is needed.
      return db
        .all(
          'SELECT * FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ? AND plan_id = ? ORDER BY id',
          businessId,
          idAt(since - SLACK_MS),
          until === null ? Number.MAX_SAFE_INTEGER : idAt(until + SLACK_MS),
          planId,
        )
        .map(toEntry);
    },
    async firstSince(businessId, at) {
      // No entry has an id of an earlier time than its own.
      return (
        (db.get(
          'SELECT id FROM ledger_entry WHERE business_id = ? AND id >= ? AND at >= ? ORDER BY id LIMIT 1',
          businessId,
          idAt(at),
          at,
        )?.id as number | undefined) ?? null
      );
    },
    async sums(businessId, from, to) {
      const rows = db.all(
        `SELECT kind, sum(credits) AS credits FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ?
         GROUP BY kind`,
        businessId,
        from,
        to ?? Number.MAX_SAFE_INTEGER,
      );
      return Object.fromEntries(rows.map((row) => [ledgerKindOfCode(row.kind as number), row.credits as number]));
    },
    async between(businessId, from, to, kinds) {
      return db
        .all(
          `SELECT * FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ?
             AND kind IN (${kinds.map(ledgerCode).join(', ')}) ORDER BY id`,
          businessId,
          from,
          to ?? Number.MAX_SAFE_INTEGER,
        )
        .map(toEntry);
    },
    async behind(businessId, from, count, to = Number.MAX_SAFE_INTEGER) {
      const row = db.first(
        'SELECT id FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?',
        businessId,
        from,
        to,
        count,
      );
      return (row?.[0] as number | undefined) ?? null;
    },
    async moneyOfPlans(businessId, from, to, { first, last }) {
      const rows = db.lists(
        `SELECT plan_id, ${MONEY} FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ? AND plan_id BETWEEN ? AND ?
         GROUP BY plan_id ORDER BY plan_id`,
        businessId,
        from,
        to ?? Number.MAX_SAFE_INTEGER,
        first,
        last,
      );
      return Array.from(rows as Iterable<number[]>, toMoney);
    },
    async openings(businessId, before, limit) {
      const rows = db.all(
        'SELECT * FROM ledger_opening WHERE business_id = ? AND at < ? ORDER BY at DESC LIMIT ?',
        businessId,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      );
      return rows.map(({ at, available, reserved }) => ({ businessId, at, available, reserved }) as LedgerOpening);
    },
    async addOpening({ businessId, at, available, reserved }) {
      const sql = 'INSERT OR IGNORE INTO ledger_opening (business_id, at, available, reserved) VALUES (?, ?, ?, ?)';
      db.run(sql, businessId, at, available, reserved);
    },
    async faults() {
      return [...balanceFaults(db), ...planFaults(db)];
    },
    async add(entries) {
      for (const alike of alikeRuns(entries, areAlike)) {
        const { businessId, kind, reason, at } = alike[0]!;
        INSERT_ALIKE.run(db, [businessId, ledgerCode(kind), reason, at], alike, (entry, values) => {
          values.push(entry.id, entry.planId, entry.credits, entry.availableAfter, entry.reservedAfter);
        });
      }
    },
  };
}

const INSERT_ALIKE = new RowsStatement(
  5,
  (rows) => `INSERT INTO ledger_entry
    (business_id, kind, reason, at, id, plan_id, credits, available_after, reserved_after)
    SELECT ${placesOf(4)}, * FROM (VALUES ${rows})`,
);

const areAlike = (a: NewLedgerEntry, b: NewLedgerEntry): boolean =>
  a.businessId === b.businessId && a.kind === b.kind && a.reason === b.reason && a.at === b.at;

function toEntry(row: Row): LedgerEntry {
  return {
    id: row.id as number,
    kind: ledgerKindOfCode(row.kind as number),
    credits: row.credits as number,
    planId: row.plan_id as number | null,
    availableAfter: row.available_after as number,
    reservedAfter: row.reserved_after as number,
    reason: row.reason as string,
    at: row.at as number,
  };
}

const sumOf = (...kinds: (typeof LEDGER_KINDS)[number][]): string =>
  `coalesce(sum(credits) FILTER (WHERE kind IN (${kinds.map(ledgerCode).join(', ')})), 0)`;

/** What {@link toMoney} reads, behind the plan's id. */
const MONEY = [sumOf('reserve'), sumOf('settle'), sumOf('release'), sumOf('refund')].join(', ');

function balanceFaults(db: Database): LedgerFault[] {
  return db
    .all(
      `SELECT b.id, b.available, b.reserved, coalesce(l.available, 0) AS sum_available, coalesce(l.reserved, 0) AS sum_reserved
       FROM business b LEFT JOIN (
         SELECT business_id, ${sumOf('top-up', 'release', 'refund', 'correction')} - ${sumOf('reserve')} AS available,
           ${sumOf('reserve')} - ${sumOf('settle', 'release')} AS reserved
         FROM ledger_entry GROUP BY business_id
       ) l ON l.business_id = b.id
       WHERE b.available <> sum_available OR b.reserved <> sum_reserved`,
    )
    .map(
      (row) =>
        balanceFault(
          row.id as number,
          { available: row.available as number, reserved: row.reserved as number },
          { available: row.sum_available as number, reserved: row.sum_reserved as number },
        )!,
    );
}

/** Columns of one of both sides; null where it has no rows. */
function moneyIn(row: Row, prefix: '' | 'l_'): PlanMoney | null {
  const of = (name: keyof PlanMoney) => row[prefix + name] as number;
  if (row[`${prefix}reserved`] === null) return null;
  return { reserved: of('reserved'), settled: of('settled'), released: of('released'), refunded: of('refunded') };
}

function planFaults(db: Database): LedgerFault[] {
  return db
    .all(
      `SELECT p.business_id, p.id, m.reserved, m.settled, m.released, l.reserved AS l_reserved, l.settled AS l_settled,
         l.released AS l_released, m.refunded, l.refunded AS l_refunded
       FROM plan p
       LEFT JOIN (SELECT plan_id, sum(reserved) AS reserved, sum(settled) AS settled, sum(released) AS released,
           sum(refunded) AS refunded
         FROM message GROUP BY plan_id) m ON m.plan_id = p.id
       LEFT JOIN (SELECT plan_id, ${sumOf('reserve')} AS reserved, ${sumOf('settle')} AS settled,
           ${sumOf('release')} AS released, ${sumOf('refund')} AS refunded
         FROM ledger_entry WHERE plan_id IS NOT NULL GROUP BY plan_id) l ON l.plan_id = p.id
       WHERE p.${REQUESTS} AND (m.reserved IS NOT l.reserved OR m.settled IS NOT l.settled OR m.released IS NOT l.released
         OR m.refunded IS NOT l.refunded)
       LIMIT 100`,
    )
    .map((row) => planFault(row.business_id as number, row.id as number, moneyIn(row, ''), moneyIn(row, 'l_'))!);
}

export function channelTable(db: Database): ChannelReader & ChannelWriter {
  return {
    async byId(id) {
      return toChannel(db.get('SELECT * FROM channel WHERE id = ?', id));
    },
    async byName(name) {
      return toChannel(db.get('SELECT * FROM channel WHERE name = ?', name));
    },
    async list() {
      return db.all('SELECT * FROM channel ORDER BY id').map((row) => toChannel(row)!);
    },
    async insert(channel) {
      return db.insert(
        'INSERT INTO channel (name, kind, enabled, settings, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
        channel.name,
        channel.kind,
        bit(channel.enabled),
        JSON.stringify(settingsOf(channel)),
        channel.createdAt,
        channel.updatedAt,
      );
    },
    async update(channel) {
      db.run(
        'UPDATE channel SET enabled = ?, settings = ?, updated_at = ? WHERE id = ?',
        bit(channel.enabled),
        JSON.stringify(settingsOf(channel)),
        channel.updatedAt,
        channel.id,
      );
    },
    async delete(id) {
      db.run('DELETE FROM channel WHERE id = ?', id);
    },
  };
}

function toChannel(row: Row | undefined): Channel | null {
  if (row === undefined) return null;
  return {
    id: row.id as number,
    name: row.name as string,
    ...settingsOfKept(row.kind as ChannelKind, JSON.parse(row.settings as string)),
    enabled: row.enabled === 1,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}
