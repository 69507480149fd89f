import type { Route, RouteConditions, RouteWays } from '../../domain/route.ts';
import type { RouteReader, RouteWriter } from '../store.ts';
import { bit, type Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

export function routeTable(db: Database): RouteReader & RouteWriter {
  return {
    async byId(id) {
      return toRoute(db.get('SELECT * FROM route WHERE id = ?', id));
    },
    async byName(name) {
      return toRoute(db.get('SELECT * FROM route WHERE name = ?', name));
    },
    async list() {
      return db.all('SELECT * FROM route ORDER BY position').map((row) => toRoute(row)!);
    },
    async insert(route) {
      return db.insert(
        `INSERT INTO route (position, name, enabled, settings, created_at, updated_at)
         VALUES ((SELECT coalesce(max(position), 0) + 1 FROM route), ?, ?, ?, ?, ?)`,
        route.name,
        bit(route.enabled),
        settingsOf(route),
        route.createdAt,
        route.updatedAt,
      );
    },
    async update(route) {
      db.run(
        'UPDATE route SET name = ?, enabled = ?, settings = ?, updated_at = ? WHERE id = ?',
        route.name,
        bit(route.enabled),
        settingsOf(route),
        route.updatedAt,
        route.id,
      );
    },
    async delete(id) {
      db.run('UPDATE route SET position = position - 1 WHERE position > (SELECT position FROM route WHERE id = ?)', id);
      db.run('DELETE FROM route WHERE id = ?', id);
    },
    async reorder(ids) {
      for (const [at, id] of ids.entries()) db.run('UPDATE route SET position = ? WHERE id = ?', at + 1, id);
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
