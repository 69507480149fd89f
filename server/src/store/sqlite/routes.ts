import type { Route, RouteConditions, RouteWays } from '../../domain/route.ts';
import type { RouteFigure } from '../../domain/route-figure.ts';
import type { RouteReader, RouteWriter } from '../store.ts';
import { bit, type Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

/** Stands for messages that no route fits. */
const NO_ROUTE = 0;

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
      db.run('DELETE FROM route_figure WHERE route_id = ?', id);
    },
    async reorder(ids) {
      for (const [at, id] of ids.entries()) db.run('UPDATE route SET position = ? WHERE id = ?', at + 1, id);
    },
    async figures(hour) {
      return db
        .all(
          `SELECT route_id, channel_id, sum(given) AS given, sum(fallback) AS fallback, sum(stand_in) AS stand_in,
             sum(passed_on) AS passed_on, sum(dead_ends) AS dead_ends
           FROM route_figure WHERE hour >= ? GROUP BY route_id, channel_id ORDER BY route_id, channel_id`,
          hour,
        )
        .map(toFigure);
    },
    async count(hour, figures) {
      for (const { routeId, channelId, given, fallback, standIn, passedOn, deadEnds } of figures) {
        db.run(
          `INSERT INTO route_figure (hour, route_id, channel_id, given, fallback, stand_in, passed_on, dead_ends)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (hour, route_id, channel_id) DO UPDATE SET given = given + excluded.given,
             fallback = fallback + excluded.fallback, stand_in = stand_in + excluded.stand_in,
             passed_on = passed_on + excluded.passed_on, dead_ends = dead_ends + excluded.dead_ends`,
          hour,
          routeId ?? NO_ROUTE,
          channelId,
          given,
          fallback,
          standIn,
          passedOn,
          deadEnds,
        );
      }
    },
    async forgetFigures(before) {
      db.run('DELETE FROM route_figure WHERE hour < ?', before);
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

const toFigure = (row: Row): RouteFigure => ({
  routeId: row.route_id === NO_ROUTE ? null : (row.route_id as number),
  channelId: row.channel_id as number,
  given: row.given as number,
  fallback: row.fallback as number,
  standIn: row.stand_in as number,
  passedOn: row.passed_on as number,
  deadEnds: row.dead_ends as number,
});
