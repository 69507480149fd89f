import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { newFolder } from '../../../test/folder.ts';
import { MESSAGE_STATES, messageCode, USUAL } from '../../domain/message.ts';
import { everything } from '../contract/everything.ts';
import { fill } from '../contract/fill.ts';
import { addBusiness } from '../contract/seed.ts';
import { watched } from '../contract/watched.ts';
import { Database, type Value } from './database.ts';
import { SqliteStore } from './sqlite.ts';

/** Tables that grow with traffic, and what they are called in statements. */
const GROWING = new Set([
  ...['plan', 'message', 'attempt', 'submission', 'sorted_number', 'event', 'ledger_entry'],
  ...['webhook_delivery', 'inbound', 'report_log', 'chore_run', 'awaiting_receipt', 'figure', 'figure_span', 'audit'],
  ...['parked_receipt', 'p', 'm', 'n', 'd', 'a', 'f'],
]);

/** Indexes that hold few plans, however many there have been. */
const FEW = /plan_(open|pending|ending|draft)/;

/** An end of a key: the column, and whether it is its upper or its lower end. */
const END = /([a-z]+\.)?(id|plan_id) (<=?|>=?) \?/g;

describe('Statements of a SQLite store', () => {
  let dir: string;
  const statements = new Set<string>();
  let left: string[];
  beforeAll(async () => {
    dir = newFolder();
    const store = new SqliteStore(join(dir, 'signet.db'), 'write');
    let business = 0;
    await store.transact(async (tx) => {
      business = await addBusiness(tx);
      await fill(tx, business);
    });
    for (const method of ['get', 'all', 'run', 'changes', 'first', 'lists'] as const) {
      const original = Database.prototype[method] as (sql: string, ...values: Value[]) => never;
      vi.spyOn(Database.prototype, method).mockImplementation(function (this: Database, sql, ...values) {
        if (/^(SELECT|UPDATE|DELETE)/.test(sql.trim())) statements.add(sql);
        return original.call(this, sql, ...values);
      });
    }
    await store.transact(async (tx) => {
      const all = watched(tx);
      await everything(all.tx, business);
      left = all.left();
    });
    vi.restoreAllMocks();
    await store.close();
  }, 120_000);
  afterEach(() => {
    vi.restoreAllMocks();
  });
  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  /** What SQLite says of how it would run a statement, line by line. */
  const plansOf = (): { sql: string; lines: string[] }[] => {
    const db = new DatabaseSync(join(dir, 'signet.db'));
    try {
      return [...statements].map((sql) => ({
        sql,
        lines: (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map(({ detail }) => detail),
      }));
    } finally {
      db.close();
    }
  };

  test('are all looked at', () => expect(left).toEqual([]));

  test('read no table that grows with traffic whole, unless they end at a limit', () => {
    expect(statements.size).toBeGreaterThan(60);
    const whole = plansOf().filter(
      ({ sql, lines }) =>
        !/LIMIT/.test(sql) &&
        lines.some((line) => !FEW.test(line) && GROWING.has(/^SCAN ([a-z_]+)/.exec(line)?.[1] ?? '')),
    );
    expect(whole).toEqual([]);
  });

  test('sort nothing that a limit cuts, but the few that are open, swept or sent again', () => {
    // Where a limit cuts what was sorted, all of it is read for one page.
    const sorted = plansOf().filter(
      ({ sql, lines }) =>
        /LIMIT/.test(sql) &&
        lines.some((line) => line.startsWith('USE TEMP B-TREE FOR ORDER BY')) &&
        lines.some((line) =>
          / (p|m|n|plan|message|event|sorted_number|awaiting_receipt|figure|figure_span|audit)\b/.test(line),
        ) &&
        !FEW.test(lines.join(' ')) &&
        !/json_each|uncertain|retry|SCAN s$/m.test(lines.join('\n')),
    );
    expect(sorted).toEqual([]);
  });

  test('find every message whose state is unusual in the index of those', () => {
    const db = new DatabaseSync(join(dir, 'signet.db'));
    const { sql } = db.prepare("SELECT sql FROM sqlite_schema WHERE name = 'message_unusual'").get() as { sql: string };
    const holds = db.prepare(`SELECT ${sql.split('WHERE')[1]} AS held FROM (SELECT ? AS state)`);
    const held = MESSAGE_STATES.filter((state) => (holds.get(messageCode(state)) as { held: number }).held === 1);
    db.close();
    expect(held).toEqual(MESSAGE_STATES.filter((state) => !USUAL.includes(state)));
  });

  test('say each end of a key once', () => {
    // SQLite goes by one of two, and looks at every row that only the other keeps out.
    const twice = [...statements].filter((sql) => {
      const ends = [...sql.replaceAll(/\([^()]*\)/g, '').matchAll(END)].map(
        ([, table = '', column, sign]) => `${table}${column} ${sign![0]}`,
      );
      return new Set(ends).size < ends.length;
    });
    expect(twice).toEqual([]);
  });
});
