import { type LEDGER_KINDS, type LedgerEntry, ledgerCode, ledgerKindOfCode } from '../../domain/ledger.ts';
import { balanceFault, type LedgerFault, type PlanMoney, planFault } from '../../domain/ledger-fault.ts';
import { idAt } from '../../lib/ids.ts';
import { toMoney } from '../money-of-plan.ts';
import type { LedgerOpening, LedgerReader, LedgerWriter } from '../store.ts';
import type { Database, Row } from './database.ts';
import { REQUESTS } from './plans.ts';

/** An id is minted a little before or after the time its row is written with. */
const SLACK_MS = 60_000;

export function ledgerTable(db: Database): LedgerReader & LedgerWriter {
  return {
    async ofBusiness(businessId, before, limit) {
      const rows = await db.all(
        'SELECT * FROM ledger_entry WHERE business_id = ? AND id < ? ORDER BY id DESC LIMIT ?',
        businessId,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      );
      return rows.map(toEntry);
    },
    async ofPlan(businessId, planId, since, until) {
      // Ids carry their time, which bounds the search: no index by plan is needed.
      const rows = await db.all(
        'SELECT * FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ? AND plan_id = ? ORDER BY id',
        businessId,
        idAt(since - SLACK_MS),
        until === null ? Number.MAX_SAFE_INTEGER : idAt(until + SLACK_MS),
        planId,
      );
      return rows.map(toEntry);
    },
    async firstSince(businessId, at) {
      // No entry has an id of an earlier time than its own.
      const row = await db.get(
        'SELECT id FROM ledger_entry WHERE business_id = ? AND id >= ? AND at >= ? ORDER BY id LIMIT 1',
        businessId,
        idAt(at),
        at,
      );
      return (row?.id as number | undefined) ?? null;
    },
    async sums(businessId, from, to) {
      const rows = await db.all(
        'SELECT kind, sum(credits) AS credits FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ? GROUP BY kind',
        businessId,
        from,
        to ?? Number.MAX_SAFE_INTEGER,
      );
      return Object.fromEntries(rows.map((row) => [ledgerKindOfCode(row.kind as number), row.credits as number]));
    },
    async between(businessId, from, to, kinds) {
      const rows = await db.all(
        'SELECT * FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ? AND kind IN (?) ORDER BY id',
        businessId,
        from,
        to ?? Number.MAX_SAFE_INTEGER,
        kinds.map(ledgerCode),
      );
      return rows.map(toEntry);
    },
    async behind(businessId, from, count, to = Number.MAX_SAFE_INTEGER) {
      const [row] = await db.lists(
        'SELECT id FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ? ORDER BY id LIMIT 1 OFFSET ?',
        businessId,
        from,
        to,
        count,
      );
      return (row?.[0] as number | undefined) ?? null;
    },
    async moneyOfPlans(businessId, from, to, { first, last }) {
      const rows = await db.lists(
        `SELECT plan_id, ${MONEY} FROM ledger_entry WHERE business_id = ? AND id >= ? AND id < ? AND plan_id BETWEEN ? AND ?
         GROUP BY plan_id ORDER BY plan_id`,
        businessId,
        from,
        to ?? Number.MAX_SAFE_INTEGER,
        first,
        last,
      );
      return (rows as number[][]).map(toMoney);
    },
    async openings(businessId, before, limit) {
      const rows = await db.all(
        'SELECT * FROM ledger_opening WHERE business_id = ? AND at < ? ORDER BY at DESC LIMIT ?',
        businessId,
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      );
      return rows.map(({ at, available, reserved }) => ({ businessId, at, available, reserved }) as LedgerOpening);
    },
    async addOpening({ businessId, at, available, reserved }) {
      const sql = 'INSERT IGNORE INTO ledger_opening (business_id, at, available, reserved) VALUES (?, ?, ?, ?)';
      await db.run(sql, businessId, at, available, reserved);
    },
    async faults() {
      return [...(await balanceFaults(db)), ...(await planFaults(db))];
    },
    async add(entries) {
      if (entries.length === 0) return;
      await db.run(
        `INSERT INTO ledger_entry (business_id, id, plan_id, kind, credits, available_after, reserved_after, reason, at)
         VALUES ?`,
        entries.map((entry) => [
          entry.businessId,
          entry.id,
          entry.planId,
          ledgerCode(entry.kind),
          entry.credits,
          entry.availableAfter,
          entry.reservedAfter,
          entry.reason,
          entry.at,
        ]),
      );
    },
  };
}

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
  `sum(if(kind IN (${kinds.map(ledgerCode).join(', ')}), credits, 0))`;

/** What {@link toMoney} reads, behind the plan's id. */
const MONEY = [sumOf('reserve'), sumOf('settle'), sumOf('release'), sumOf('refund')].join(', ');

async function balanceFaults(db: Database): Promise<LedgerFault[]> {
  const rows = await db.all(
    `SELECT b.id, b.available, b.reserved, coalesce(l.available, 0) AS sum_available, coalesce(l.reserved, 0) AS sum_reserved
     FROM business b LEFT JOIN (
       SELECT business_id, ${sumOf('top-up', 'release', 'refund', 'correction')} - ${sumOf('reserve')} AS available,
         ${sumOf('reserve')} - ${sumOf('settle', 'release')} AS reserved
       FROM ledger_entry GROUP BY business_id
     ) l ON l.business_id = b.id
     WHERE b.available <> coalesce(l.available, 0) OR b.reserved <> coalesce(l.reserved, 0)`,
  );
  return rows.map(
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

async function planFaults(db: Database): Promise<LedgerFault[]> {
  const rows = await db.all(
    `SELECT p.business_id, p.id, m.reserved, m.settled, m.released, l.reserved AS l_reserved, l.settled AS l_settled,
       l.released AS l_released, m.refunded, l.refunded AS l_refunded
     FROM plan p
     LEFT JOIN (SELECT plan_id, sum(reserved) AS reserved, sum(settled) AS settled, sum(released) AS released,
         sum(refunded) AS refunded
       FROM message GROUP BY plan_id) m ON m.plan_id = p.id
     LEFT JOIN (SELECT plan_id, ${sumOf('reserve')} AS reserved, ${sumOf('settle')} AS settled,
         ${sumOf('release')} AS released, ${sumOf('refund')} AS refunded
       FROM ledger_entry WHERE plan_id IS NOT NULL GROUP BY plan_id) l ON l.plan_id = p.id
     WHERE p.${REQUESTS} AND NOT (m.reserved <=> l.reserved AND m.settled <=> l.settled AND m.released <=> l.released
       AND m.refunded <=> l.refunded)
     ORDER BY p.id LIMIT 100`,
  );
  return rows.map(
    (row) => planFault(row.business_id as number, row.id as number, moneyIn(row, ''), moneyIn(row, 'l_'))!,
  );
}
