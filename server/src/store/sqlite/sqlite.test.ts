import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { DatabaseSync } from '@photostructure/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newFolder } from '../../../test/folder.ts';
import type { MessageState } from '../../domain/message.ts';
import { ManualClock } from '../../lib/manual-clock.ts';
import { storeContract } from '../contract/contract.ts';
import { AT, addBusiness, addPlan, idOf } from '../contract/seed.ts';
import type { Tx } from '../store.ts';
import { DataInUse, lockData } from './lock.ts';
import { migrations } from './migrations/migrations.ts';
import { SqliteStore } from './sqlite.ts';

storeContract('SqliteStore', async () => {
  const dir = newFolder();
  const store = new SqliteStore(join(dir, 'signet.db'), 'write');
  return {
    store,
    async dispose() {
      await store.close();
      rmSync(dir, { recursive: true });
    },
  };
});

describe('a file', () => {
  let dir: string;
  let path: string;
  const open: SqliteStore[] = [];
  const opened = (mode: 'write' | 'read', at = path) => {
    const store = new SqliteStore(at, mode);
    open.push(store);
    return store;
  };
  beforeEach(() => {
    dir = newFolder();
    path = join(dir, 'signet.db');
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close();
    rmSync(dir, { recursive: true });
  });

  const raw = <T>(work: (db: InstanceType<typeof DatabaseSync>) => T, at = path): T => {
    const db = new DatabaseSync(at);
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  const version = () => raw((db) => db.prepare('PRAGMA user_version').get()?.user_version);

  test('counts all messages of a plan, however many there are', async () => {
    const store = opened('write');
    await store.transact(async (tx) => {
      await addPlan(tx, await addBusiness(tx), 1, 130_000);
      const move = (from: number, to: number, state: MessageState) =>
        tx.messages.move({ ranges: [{ planId: 1, from, to }], from: ['accepted'], to: state, charge: 'none', at: AT });
      await move(10, 60_009, 'submitted');
      await move(129_999, 129_999, 'cancelled');
      expect(await tx.plans.counts(1)).toEqual({ accepted: 69_999, submitted: 60_000, cancelled: 1 });
    });
  });

  test('that somebody else holds for a moment is waited for', async () => {
    const store = opened('write');
    const other = new Worker(
      `const { parentPort, workerData } = require('node:worker_threads');
       const { DatabaseSync } = require('@photostructure/sqlite');
       const db = new DatabaseSync(workerData);
       db.exec('BEGIN IMMEDIATE');
       parentPort.postMessage('held');
       setTimeout(() => db.exec('COMMIT'), 200);`,
      { eval: true, workerData: path },
    );
    try {
      await once(other, 'message');
      await store.transact((tx) => tx.installation.set('a', '1'));
      expect(await store.read((reader) => reader.installation.get('a'))).toBe('1');
    } finally {
      await other.terminate();
    }
  });

  test('is brought from empty to this schema, once, and keeps what is in it', async () => {
    const first = opened('write');
    await first.transact((tx) => tx.installation.set('a', '1'));
    await first.close();
    open.pop();
    expect(version()).toBe(migrations.length);
    expect(await opened('write').read((reader) => reader.installation.get('a'))).toBe('1');
    expect(version()).toBe(migrations.length);
  });

  test('of a newer version is refused', () => {
    raw((db) => db.exec(`PRAGMA user_version = ${migrations.length + 1}`));
    expect(() => opened('write')).toThrow(/newer version/);
  });

  test('is on disk after each commit', () => {
    opened('write');
    expect(raw((db) => db.prepare('PRAGMA journal_mode').get()?.journal_mode)).toBe('wal');
  });

  test('is read beside the writer, who sees no half of a transaction', async () => {
    const writer = opened('write');
    const reader = opened('read');
    const seen = () => reader.read((tx) => tx.installation.get('a'));
    await writer.transact(async (tx) => {
      await tx.installation.set('a', '1');
      expect(await seen()).toBe(null);
    });
    expect(await seen()).toBe('1');
    await reader.read(async (tx) => {
      expect(await tx.installation.get('a')).toBe('1');
      await writer.transact((other) => other.installation.set('a', '2'));
      expect(await tx.installation.get('a')).toBe('1');
    });
    expect(await seen()).toBe('2');
  });

  test('is not changed through a connection that reads', async () => {
    opened('write');
    const reader = opened('read');
    await expect(reader.transact((tx) => tx.installation.set('a', '1'))).rejects.toThrow('only reads');
    // Nor by going around it.
    await expect(
      reader.read((tx) => (tx as Parameters<Parameters<SqliteStore['transact']>[0]>[0]).installation.set('a', '1')),
    ).rejects.toThrow(/readonly|query_only|attempt to write/i);
  });

  test('is usable after a read that failed', async () => {
    const store = opened('write');
    await expect(store.read(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await store.transact(async () => 1)).toBe(1);
  });

  test('tells what failed when SQLite has rolled the transaction back by itself, and is usable after it', async () => {
    const store = opened('write');
    raw((db) =>
      db.exec(`CREATE TRIGGER full BEFORE INSERT ON installation WHEN new.name = 'large'
        BEGIN SELECT RAISE(ROLLBACK, 'the disk is full'); END`),
    );
    const large = (tx: Tx) => tx.installation.set('large', '');
    await expect(store.transact(large)).rejects.toThrow('the disk is full');
    await expect(store.transact((tx) => tx.savepoint(() => large(tx)))).rejects.toThrow('the disk is full');
    await store.transact((tx) => tx.installation.set('small', '1'));
    expect(await store.read((reader) => reader.installation.get('small'))).toBe('1');
  });

  test('goes on above the ids it holds', async () => {
    const late = idOf(AT + 1_000);
    const store = opened('write');
    await store.transact(async (tx) => {
      const [one, two] = [await addBusiness(tx), await addBusiness(tx)];
      await addPlan(tx, one, late + 70, 1, { state: 'staged' });
      await addPlan(tx, two, late + 60, 1);
      const entry = { kind: 'top-up', credits: 1, availableAfter: 1, reservedAfter: 0, reason: '', at: AT } as const;
      await tx.ledger.add([
        { ...entry, id: late + 90, businessId: one, planId: null },
        { ...entry, id: late + 80, businessId: two, planId: null },
      ]);
      await tx.webhooks.addDeliveries(1, [{ id: late + 44, pieces: [], rows: 0, since: AT }], AT);
      await tx.events.add([
        { id: late + 33, businessId: one, at: AT, body: { kind: 'signature.changed', signatureId: 1 } },
      ]);
    });
    await store.close();
    open.pop();
    const again = new SqliteStore(path, 'write', new ManualClock(AT));
    open.push(again);
    await again.transact(async (tx) => {
      expect(tx.nextId('plan')).toBeGreaterThan(late + 70);
      expect(tx.nextId('ledger')).toBeGreaterThan(late + 90);
      expect(tx.nextId('delivery')).toBeGreaterThan(late + 44);
      expect(tx.nextId('event')).toBeGreaterThan(late + 33);
      expect(tx.nextId('inbound')).toBeGreaterThanOrEqual(idOf(AT));
    });
  });

  test('is whole, or its damages are named', async () => {
    const store = opened('write');
    expect(store.damages()).toEqual([]);
    // An index that lost its entries.
    await store.transact((tx) => addBusiness(tx));
    raw((db) => {
      db.enableDefensive?.(false);
      db.exec('PRAGMA writable_schema = ON');
      db.exec(`UPDATE sqlite_schema SET sql = replace(sql, 'reserved >= 0', 'reserved >= 1') WHERE name = 'business'`);
    });
    expect(opened('write').damages()).toEqual([expect.stringContaining('business')]);
  });

  describe('copied', () => {
    test('has everything, from either connection, beside the traffic', async () => {
      const writer = opened('write');
      await writer.transact(async (tx) => addPlan(tx, await addBusiness(tx), 5, 3));
      for (const [name, store] of [
        ['by-writer.db', writer],
        ['by-reader.db', opened('read')],
      ] as const) {
        const copy = join(dir, name);
        await store.backup(copy);
        const restored = opened('write', copy);
        expect((await restored.read((reader) => reader.messages.ofPlan(5, -1, 10))).length).toBe(3);
        expect(restored.damages()).toEqual([]);
        await restored.transact((tx) => addBusiness(tx));
      }
      expect(await writer.read((reader) => reader.businesses.list(0, 10))).toHaveLength(1);
    });

    test('never replaces a file', async () => {
      const target = join(dir, 'there.db');
      writeFileSync(target, 'something dear');
      await expect(opened('write').backup(target)).rejects.toThrow(/exists already/);
    });
  });

  describe('locked', () => {
    test('belongs to one at a time', () => {
      const lock = join(dir, 'server.lock');
      const held = lockData(lock);
      expect(() => lockData(lock)).toThrow(DataInUse);
      held.release();
      lockData(lock).release();
    });
  });
});
