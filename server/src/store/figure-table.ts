import { categoryCode, categoryOfCode } from '../domain/category.ts';
import { type FigureDimension, type FigureKey, type FigureRow, LIVE_FEED } from '../domain/figure.ts';
import type { FigureFeed, FigureReader, FigureSum, FigureWriter } from './store.ts';

type Cell = null | number | string | Uint8Array;
type Row = Record<string, Cell>;
type Soon<T> = T | Promise<T>;

/** A connection of either store. */
interface Asked {
  get(sql: string, ...values: (number | string)[]): Soon<Row | undefined>;
  all(sql: string, ...values: (number | string)[]): Soon<Row[]>;
  run(sql: string, ...values: (number | string)[]): Soon<unknown>;
}

/** What the stores do not say alike. */
export interface FigureSql {
  /** Begins the condition for rows of all businesses, so that an index leads to those of some time. */
  ofAll: string;
  /** The newest quarter before another, as `quarter`. */
  newestBefore: string;
  /** Adds rows, columns as {@link columnsOf} has them, to those of the same key. */
  add(table: 'figure' | 'figure_span', rows: readonly (number | string)[][]): Soon<void>;
}

/** A span is four hours: most zones' days are whole ones, the others' nearly. */
export const SPAN_QUARTERS = 16;

const NO_CHANNEL = -1;
const NONE = '';

const COLUMN_OF: Record<FigureDimension, string> = {
  business: 'business_id',
  channel: 'channel_id',
  country: 'country',
  category: 'category',
  template: 'template_id',
};
/** What rows are told apart by, beside the time. */
const KEY = ['business_id', 'channel_id', 'country', 'category', 'template_id', 'currency'] as const;
export const SUMS = ['sent', 'delivered', 'failed', 'segments', 'settled', 'refunded', 'cost'] as const;

/** Columns of both tables; what is counted in quarters in one is in spans in the other. */
export const columnsOf = (table: 'figure' | 'figure_span'): string =>
  [table === 'figure' ? 'quarter' : 'span', ...KEY, ...SUMS].join(', ');

const ADDED = SUMS.map((name) => `sum(${name}) AS ${name}`).join(', ');

/** Rounded down before it is divided, since one store divides whole numbers and the other does not. */
const SPAN_OF_QUARTER = `(quarter - quarter % ${SPAN_QUARTERS}) / ${SPAN_QUARTERS}`;
const spanOf = (quarter: number): number => Math.floor(quarter / SPAN_QUARTERS);

/** No span holds: there is none so late. */
const NO_SPANS = 2 ** 27;

/**
 * Figures by the quarter, and the same by the span of four hours, which long times are summed from. Spans follow from quarters,
 * as an index does from its table: they are written in the same transaction, and can be made anew. They hold from a span
 * on (`spans_from`) as long as whoever moves a feed has said so (`span_event`): a node of a version before, which knows no
 * spans, does not, and then they are made again.
 */
export function figureTable(db: Asked, sql: FigureSql): FigureReader & FigureWriter {
  /** From which span on there are all of them. */
  async function spansFrom(): Promise<number> {
    const row = (await db.get(
      `SELECT max(spans_from) AS spans_from, sum(CASE WHEN span_event = event_id THEN 0 ELSE 1 END) AS moved
       FROM figure_feed`,
    ))!;
    return row.moved === 0 && row.spans_from !== null ? (row.spans_from as number) : NO_SPANS;
  }

  /** The same, where something is written: what does not hold is none from now on. */
  async function heldFrom(): Promise<number> {
    const from = await spansFrom();
    if (from === NO_SPANS) {
      await db.run('UPDATE figure_feed SET span_event = event_id');
      await setSpansFrom(NO_SPANS);
    }
    return from;
  }

  const setSpansFrom = (span: number) => db.run('UPDATE figure_feed SET spans_from = ? WHERE id = ?', span, LIVE_FEED);

  /** Makes spans of what there is in quarters, whatever they were. `to` is not included. */
  async function makeSpans(from: number, to: number): Promise<void> {
    if (from >= to) return;
    await db.run(`DELETE FROM figure_span WHERE ${sql.ofAll} span >= ? AND span < ?`, from, to);
    await db.run(
      `INSERT INTO figure_span (${columnsOf('figure_span')})
       SELECT ${SPAN_OF_QUARTER} AS span, ${KEY.join(', ')}, ${ADDED}
       FROM figure WHERE ${sql.ofAll} quarter >= ? AND quarter < ?
       GROUP BY span, ${KEY.join(', ')}`,
      from * SPAN_QUARTERS,
      to * SPAN_QUARTERS,
    );
  }

  return {
    async feed(id) {
      return toFeed(await db.get('SELECT * FROM figure_feed WHERE id = ?', id));
    },
    async oldestCursor() {
      return (await db.get('SELECT min(event_id) AS event_id FROM figure_feed'))!.event_id as number;
    },
    async rebuilding() {
      return toFeed(await db.get('SELECT * FROM figure_feed WHERE id <> ? LIMIT 1', LIVE_FEED));
    },
    async sums({ businessId, from, to, by }) {
      const first = Math.max(Math.ceil(from / SPAN_QUARTERS), await spansFrom());
      const last = spanOf(to);
      const pieces: Piece[] =
        first < last
          ? [
              ['figure', 'quarter', from, first * SPAN_QUARTERS],
              ['figure_span', 'span', first, last],
              ['figure', 'quarter', last * SPAN_QUARTERS, to],
            ]
          : [['figure', 'quarter', from, to]];
      const columns = [...by.map((dimension) => COLUMN_OF[dimension]), 'currency'].join(', ');
      const whose = businessId === null ? sql.ofAll : 'business_id = ? AND';
      const some = pieces.filter(([, , begin, end]) => begin < end);
      if (some.length === 0) return [];
      const rows = await db.all(
        `SELECT ${columns}, ${ADDED} FROM (${some
          .map(
            ([table, time]) =>
              `SELECT ${columns}, ${ADDED} FROM ${table} WHERE ${whose} ${time} >= ? AND ${time} < ? GROUP BY ${columns}`,
          )
          .join(' UNION ALL ')}) pieces GROUP BY ${columns} ORDER BY ${columns}`,
        ...some.flatMap(([, , begin, end]) => [...(businessId === null ? [] : [businessId]), begin, end]),
      );
      return rows.map((row) => toSum(row, by));
    },
    async spanned() {
      return (await spansFrom()) === 0;
    },
    async add(rows) {
      const held = await heldFrom();
      await sql.add(
        'figure',
        rows.map((row) => [row.quarter, ...cellsOf(row)]),
      );
      const later = rows.filter(({ quarter }) => spanOf(quarter) >= held);
      await sql.add(
        'figure_span',
        later.map((row) => [spanOf(row.quarter), ...cellsOf(row)]),
      );
    },
    async moveFeed(id, eventId) {
      await heldFrom();
      await db.run('UPDATE figure_feed SET event_id = ?, span_event = ? WHERE id = ?', eventId, eventId, id);
    },
    async countAgain({ eventId, untilEvent, from, to }) {
      const held = await heldFrom();
      await db.run(`DELETE FROM figure WHERE ${sql.ofAll} quarter >= ? AND quarter < ?`, from, to);
      await makeSpans(Math.max(spanOf(from), held), Math.ceil(to / SPAN_QUARTERS));
      await db.run(
        `INSERT INTO figure_feed (id, event_id, span_event, until_event, from_quarter, to_quarter)
         SELECT max(id) + 1, ?, ?, ?, ?, ? FROM figure_feed`,
        eventId,
        eventId,
        untilEvent,
        from,
        to,
      );
    },
    async closeFeed(id) {
      await heldFrom();
      await db.run('DELETE FROM figure_feed WHERE id = ?', id);
    },
    async makeSpan() {
      const held = await heldFrom();
      const { quarter } = (await db.get(sql.newestBefore, held * SPAN_QUARTERS))!;
      const from = quarter === null ? 0 : spanOf(quarter as number);
      await makeSpans(from, held);
      await setSpansFrom(from);
    },
  };
}

/** A table, its column of time, and from where to where (not included). */
type Piece = ['figure' | 'figure_span', string, number, number];

const cellsOf = (row: FigureRow): (number | string)[] => [
  row.businessId,
  row.channelId ?? NO_CHANNEL,
  row.country ?? NONE,
  categoryCode(row.category),
  row.templateId,
  row.currency ?? NONE,
  ...SUMS.map((name) => row[name]),
];

function toFeed(row: Row | undefined): FigureFeed | null {
  if (row === undefined) return null;
  const { id, event_id, until_event, from_quarter, to_quarter } = row as Record<string, number | null>;
  const again =
    until_event == null ? null : { untilEvent: until_event, from: from_quarter as number, to: to_quarter as number };
  return { id: id as number, eventId: event_id as number, again };
}

function toSum(row: Row, by: readonly FigureDimension[]): FigureSum {
  const key: { [K in FigureDimension]: () => Partial<FigureKey> } = {
    business: () => ({ businessId: row.business_id as number }),
    channel: () => ({ channelId: row.channel_id === NO_CHANNEL ? null : (row.channel_id as number) }),
    country: () => ({ country: row.country === NONE ? null : (row.country as string) }),
    category: () => ({ category: categoryOfCode(row.category as number) }),
    template: () => ({ templateId: row.template_id as number }),
  };
  return {
    ...Object.assign({}, ...by.map((dimension) => key[dimension]())),
    currency: row.currency === NONE ? null : (row.currency as string),
    ...(Object.fromEntries(SUMS.map((name) => [name, row[name]])) as Record<(typeof SUMS)[number], number>),
  };
}
