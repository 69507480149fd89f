import { categoryCode, categoryOfCode } from '../../domain/category.ts';
import { type FigureDimension, LIVE_FEED } from '../../domain/figure.ts';
import type { FigureFeed, FigureReader, FigureSum, FigureWriter } from '../store.ts';
import type { Database } from './database.ts';

type Row = NonNullable<ReturnType<Database['get']>>;

const NO_CHANNEL = -1;
const NONE = '';

const COLUMN_OF: Record<FigureDimension, string> = {
  business: 'business_id',
  channel: 'channel_id',
  country: 'country',
  category: 'category',
  template: 'template_id',
};
const SUMS = ['sent', 'delivered', 'failed', 'segments', 'settled', 'refunded', 'cost'] as const;

const ADD = `INSERT INTO figure (business_id, quarter, channel_id, country, category, template_id, currency, ${SUMS.join(', ')})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (business_id, quarter, channel_id, country, category, template_id, currency)
  DO UPDATE SET ${SUMS.map((name) => `${name} = ${name} + excluded.${name}`).join(', ')}`;

export function figureTable(db: Database): FigureReader & FigureWriter {
  return {
    async feed(id) {
      return toFeed(db.get('SELECT * FROM figure_feed WHERE id = ?', id));
    },
    async oldestCursor() {
      return db.first('SELECT min(event_id) FROM figure_feed')![0] as number;
    },
    async rebuilding() {
      return toFeed(db.get('SELECT * FROM figure_feed WHERE id <> ? LIMIT 1', LIVE_FEED));
    },
    async sums({ businessId, from, to, by }) {
      const columns = [...by.map((dimension) => COLUMN_OF[dimension]), 'currency'];
      // Every business named, so that each is looked up in the key.
      const whose = businessId === null ? 'business_id IN (SELECT id FROM business)' : 'business_id = ?';
      const values = businessId === null ? [from, to] : [businessId, from, to];
      return db
        .all(
          `SELECT ${columns.join(', ')}, ${SUMS.map((name) => `sum(${name}) AS ${name}`).join(', ')}
           FROM figure WHERE ${whose} AND quarter >= ? AND quarter < ?
           GROUP BY ${columns.join(', ')} ORDER BY ${columns.join(', ')}`,
          ...values,
        )
        .map((row) => toSum(row, by));
    },
    async add(rows) {
      for (const row of rows) {
        db.run(
          ADD,
          row.businessId,
          row.quarter,
          row.channelId ?? NO_CHANNEL,
          row.country ?? NONE,
          categoryCode(row.category),
          row.templateId,
          row.currency ?? NONE,
          ...SUMS.map((name) => row[name]),
        );
      }
    },
    async moveFeed(id, eventId) {
      db.run('UPDATE figure_feed SET event_id = ? WHERE id = ?', eventId, id);
    },
    async countAgain({ eventId, untilEvent, from, to }) {
      db.run(
        'DELETE FROM figure WHERE business_id IN (SELECT id FROM business) AND quarter >= ? AND quarter < ?',
        from,
        to,
      );
      db.run(
        'INSERT INTO figure_feed (event_id, until_event, from_quarter, to_quarter) VALUES (?, ?, ?, ?)',
        eventId,
        untilEvent,
        from,
        to,
      );
    },
    async closeFeed(id) {
      db.run('DELETE FROM figure_feed WHERE id = ?', id);
    },
  };
}

function toFeed(row: Row | undefined): FigureFeed | null {
  if (row === undefined) return null;
  return {
    id: row.id as number,
    eventId: row.event_id as number,
    again:
      row.until_event === null
        ? null
        : {
            untilEvent: row.until_event as number,
            from: row.from_quarter as number,
            to: row.to_quarter as number,
          },
  };
}

function toSum(row: Row, by: readonly FigureDimension[]): FigureSum {
  const has = (dimension: FigureDimension) => by.includes(dimension);
  return {
    ...(has('business') && { businessId: row.business_id as number }),
    ...(has('channel') && { channelId: row.channel_id === NO_CHANNEL ? null : (row.channel_id as number) }),
    ...(has('country') && { country: row.country === NONE ? null : (row.country as string) }),
    ...(has('category') && { category: categoryOfCode(row.category as number) }),
    ...(has('template') && { templateId: row.template_id as number }),
    currency: row.currency === NONE ? null : (row.currency as string),
    sent: row.sent as number,
    delivered: row.delivered as number,
    failed: row.failed as number,
    segments: row.segments as number,
    settled: row.settled as number,
    refunded: row.refunded as number,
    cost: row.cost as number,
  };
}
