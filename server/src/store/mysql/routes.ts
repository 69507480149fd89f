import type { Route, RouteConditions, RouteWays } from '../../domain/route.ts';
import type { RouteReader, RouteWriter } from '../store.ts';
import type { Database, Row } from './database.ts';
import { bit } from './sql.ts';

export function routeTable(db: Database): RouteReader & RouteWriter {
  return {
    async byId(id) {
      return toRoute(await db.get('SELECT * FROM route WHERE id = ?', id));
    },
    async byName(name) {
      return toRoute(await db.get('SELECT * FROM route WHERE name = ?', name));
    },
    async list() {
      return (await db.all('SELECT * FROM route ORDER BY position')).map((row) => toRoute(row)!);
    },
    async insert(route) {
      return db.insert(
        `INSERT INTO route (position, name, enabled, settings, created_at, updated_at)
         SELECT coalesce(max(position), 0) + 1, ?, ?, ?, ?, ? FROM route`,
        route.name,
        bit(route.enabled),
        settingsOf(route),
        route.createdAt,
        route.updatedAt,
      );
    },
    async update(route) {
      await db.run(
        'UPDATE route SET name = ?, enabled = ?, settings = ?, updated_at = ? WHERE id = ?',
        route.name,
        bit(route.enabled),
        settingsOf(route),
        route.updatedAt,
        route.id,
      );
    },
    async delete(id) {
      // MySQL does not take a question about the table that is changed.
      const row = await db.get('SELECT position FROM route WHERE id = ?', id);
      if (row === undefined) return;
      await db.run('UPDATE route SET position = position - 1 WHERE position > ?', row.position!);
      await db.run('DELETE FROM route WHERE id = ?', id);
    },
    async reorder(ids) {
      for (const [at, id] of ids.entries()) await db.run('UPDATE route SET position = ? WHERE id = ?', at + 1, id);
    },
  };
}

function settingsOf(route: RouteConditions & RouteWays): string {
  const { countries, prefixes, categories, businesses, targets, fallback, sticky } = route;
  return JSON.stringify({ countries, prefixes, categories, businesses, targets, fallback, sticky });
}

function toRoute(row: Row | undefined): Route | null {
  if (row === undefined) return null;
  return {
    id: row.id as number,
    name: row.name as string,
    enabled: row.enabled === 1,
    ...(JSON.parse(row.settings as string) as RouteConditions & RouteWays),
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
  };
}
