import type { Route, RouteConditions, RouteWays } from '../../domain/route.ts';
import type { RouteFigure } from '../../domain/route-figure.ts';
import type { RouteReader, RouteWriter } from '../store.ts';
import type { Database, Row } from './database.ts';
import { bit } from './sql.ts';

/** Stands for messages that no route fits. */
const NO_ROUTE = 0;

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
      await db.run('DELETE FROM route_figure WHERE route_id = ?', id);
    },
    async reorder(ids) {
      for (const [at, id] of ids.entries()) await db.run('UPDATE route SET position = ? WHERE id = ?', at + 1, id);
    },
    async figures(hour) {
      const rows = await db.all(
        `SELECT route_id, channel_id, sum(given) AS given, sum(fallback) AS fallback, sum(stand_in) AS stand_in,
           sum(passed_on) AS passed_on, sum(dead_ends) AS dead_ends
         FROM route_figure WHERE hour >= ? GROUP BY route_id, channel_id ORDER BY route_id, channel_id`,
        hour,
      );
      return rows.map(toFigure);
    },
    async count(hour, figures) {
      if (figures.length === 0) return;
      await db.run(
        `INSERT INTO route_figure (hour, route_id, channel_id, given, fallback, stand_in, passed_on, dead_ends) VALUES ?
         ON DUPLICATE KEY UPDATE given = given + VALUES(given), fallback = fallback + VALUES(fallback),
           stand_in = stand_in + VALUES(stand_in), passed_on = passed_on + VALUES(passed_on),
           dead_ends = dead_ends + VALUES(dead_ends)`,
        figures.map(({ routeId, channelId, given, fallback, standIn, passedOn, deadEnds }) => [
          hour,
          routeId ?? NO_ROUTE,
          channelId,
          given,
          fallback,
          standIn,
          passedOn,
          deadEnds,
        ]),
      );
    },
    async forgetFigures(before) {
      await db.run('DELETE FROM route_figure WHERE hour < ?', before);
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
  given: Number(row.given),
  fallback: Number(row.fallback),
  standIn: Number(row.stand_in),
  passedOn: Number(row.passed_on),
  deadEnds: Number(row.dead_ends),
});
