import { messageCode, type ReportedState } from '../../domain/message.ts';
import type { OrphanReader, OrphanWriter, Parked, ParkedTable } from '../store.ts';
import type { Database, Row } from './database.ts';
import { inPieces } from './places.ts';
import { bit } from './sql.ts';
import type { Turn } from './turn.ts';

const MAX_ROWS = 2_000;

export function parkedTable(db: Database, turn: Pick<Turn, 'mayHold' | 'fill'>): ParkedTable {
  const remove = async (ids: readonly number[]) => {
    for (const piece of inPieces(ids, MAX_ROWS)) await db.run('DELETE FROM parked WHERE id IN (?)', piece);
  };
  const takeOut = async (rows: readonly Row[]): Promise<Parked[]> => {
    await remove(rows.map((row) => row.id as number));
    return rows.map(toParked);
  };
  return {
    async add(reports) {
      if (reports.length > 0) turn.fill('parked');
      const rows = reports.map(
        ({ channelId, carrierId, recipient, state, error, userReference, at, key, repeated }) => [
          channelId,
          key,
          key === carrierId ? null : carrierId,
          recipient,
          state,
          error,
          userReference,
          bit(repeated),
          at,
        ],
      );
      for (const piece of inPieces(rows, MAX_ROWS)) {
        await db.run(
          `INSERT INTO parked (channel_id, key_id, carrier_id, recipient, state, error, user_reference, repeated, at)
           VALUES ?`,
          piece,
        );
      }
    },
    async take(channelId, keys) {
      const taken: Parked[] = [];
      for (const piece of inPieces([...new Set(keys)], MAX_ROWS)) {
        const rows = await db.all('SELECT * FROM parked WHERE channel_id = ? AND key_id IN (?)', channelId, piece);
        taken.push(...(await takeOut(rows)));
      }
      return taken;
    },
    async takeOfChannel(channelId, limit) {
      return takeOut(await db.all('SELECT * FROM parked WHERE channel_id = ? ORDER BY id LIMIT ?', channelId, limit));
    },
    async any() {
      return turn.mayHold('parked') && (await db.lists('SELECT 1 FROM parked LIMIT 1')).length > 0;
    },
    async ofUncertain(until, limit) {
      const rows = await db.all(
        `SELECT STRAIGHT_JOIN DISTINCT p.* FROM uncertain u
           JOIN message m ON m.plan_id = u.plan_id AND m.idx = u.idx
           JOIN parked p FORCE INDEX (parked_recipient) ON p.recipient = u.recipient AND p.repeated = 0
         WHERE m.state = ${messageCode('uncertain')} AND p.at <= ? LIMIT ?`,
        until,
        limit,
      );
      return rows.map((row) => ({ ...toParked(row), id: row.id as number }));
    },
    remove,
    async takeBefore(before, limit) {
      return takeOut(await db.all('SELECT * FROM parked WHERE at < ? ORDER BY at LIMIT ?', before, limit));
    },
  };
}

function toParked(row: Row): Parked {
  const key = row.key_id as string;
  return {
    channelId: row.channel_id as number,
    carrierId: (row.carrier_id as string | null) ?? key,
    recipient: row.recipient as number | null,
    state: row.state as ReportedState,
    error: row.error as string,
    userReference: row.user_reference as number | null,
    at: row.at as number,
    key,
    repeated: row.repeated === 1,
  };
}

export function orphanTable(db: Database): OrphanReader & OrphanWriter {
  return {
    async list(channelId, before, limit) {
      const of = channelId === null ? '' : 'AND channel_id = ?';
      const values = channelId === null ? [] : [channelId];
      // MariaDB would go through all of the channel that are newer.
      const index = channelId === null ? 'PRIMARY' : 'orphan_of_channel';
      const rows = await db.all(
        `SELECT * FROM orphan FORCE INDEX (${index}) WHERE id < ? ${of} ORDER BY id DESC LIMIT ?`,
        before ?? Number.MAX_SAFE_INTEGER,
        ...values,
        limit,
      );
      return rows.map((row) => ({
        id: row.id as number,
        channelId: row.channel_id as number,
        carrierId: row.carrier_id as string,
        recipient: row.recipient as number | null,
        state: row.state as ReportedState,
        error: row.error as string,
        at: row.at as number,
      }));
    },
    async count() {
      return (await db.lists('SELECT count(*) FROM orphan'))[0]![0] as number;
    },
    async add(reports) {
      const rows = reports.map(({ channelId, carrierId, recipient, state, error, at }) => [
        channelId,
        carrierId,
        recipient,
        state,
        error,
        at,
      ]);
      for (const piece of inPieces(rows, MAX_ROWS)) {
        await db.run('INSERT INTO orphan (channel_id, carrier_id, recipient, state, error, at) VALUES ?', piece);
      }
    },
    async trim(keep, before) {
      const [over] = await db.lists('SELECT id FROM orphan ORDER BY id DESC LIMIT 1 OFFSET ?', keep);
      if (over !== undefined) await db.run('DELETE FROM orphan WHERE id <= ?', over[0]!);
      await db.run('DELETE FROM orphan WHERE at < ?', before);
    },
  };
}
