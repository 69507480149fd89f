import { type Channel, type ChannelKind, settingsOf, settingsOfKept } from '../../domain/channel.ts';
import type { ChannelReader, ChannelWriter } from '../store.ts';
import type { Database, Row } from './database.ts';
import { bit } from './sql.ts';

export function channelTable(db: Database): ChannelReader & ChannelWriter {
  return {
    async byId(id) {
      return toChannel(await db.get('SELECT * FROM channel WHERE id = ?', id));
    },
    async byName(name) {
      return toChannel(await db.get('SELECT * FROM channel WHERE name = ?', name));
    },
    async list() {
      return (await db.all('SELECT * FROM channel ORDER BY id')).map((row) => toChannel(row)!);
    },
    insert: (channel) =>
      db.insert(
        'INSERT INTO channel (name, kind, enabled, settings, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
        channel.name,
        channel.kind,
        bit(channel.enabled),
        JSON.stringify(settingsOf(channel)),
        channel.createdAt,
        channel.updatedAt,
      ),
    update: (channel) =>
      db.run(
        'UPDATE channel SET enabled = ?, settings = ?, updated_at = ? WHERE id = ?',
        bit(channel.enabled),
        JSON.stringify(settingsOf(channel)),
        channel.updatedAt,
        channel.id,
      ),
    delete: (id) => db.run('DELETE FROM channel WHERE id = ?', id),
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
