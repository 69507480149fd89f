import {
  addSums,
  COUNTED_STATES,
  type Contribution,
  contributionOf,
  type FigureKey,
  type FigureRow,
  LIVE_FEED,
  NO_SUMS,
} from '../domain/figure.ts';
import { countryOf } from '../domain/recipient.ts';
import { must } from '../domain/refusals.ts';
import { Tariff } from '../domain/tariff.ts';
import { dayText, localTime, QUARTER_MS } from '../lib/calendar.ts';
import { idAt } from '../lib/ids.ts';
import type { CountedMessages, FigureFeed, Reader, StoredCost } from '../store/store.ts';
import { addEvent } from './event.ts';
import { rememberedSince } from './retention.ts';
import { type ActorRef, single, type Verb } from './verb.ts';

// Figures are made from events, behind a cursor: what makes the events pays nothing for them.

/** Messages that one step counts, about, and events it reads at a time: one may speak of thousands of messages. */
const STEP_MESSAGES = 5_000;
const EVENTS_AT_ONCE = 16;

/** What the events after a feed's cursor add, up to another event. */
export interface FigureStep {
  feedId: number;
  from: number;
  to: number;
  rows: FigureRow[];
  /** Whether there may be more. */
  more: boolean;
}

/** Counts what happened after a feed's cursor; null when the feed is closed. Changes nothing: `addFigures` does. */
export async function countFigures(reader: Reader, { feedId }: { feedId: number }): Promise<FigureStep | null> {
  const feed = await reader.figures.feed(feedId);
  if (feed === null) return null;
  const counter = new Counter(reader, feed);
  const end = feed.again?.untilEvent ?? (await reader.events.last());
  const filter = { businessId: null, kind: 'message.state', states: COUNTED_STATES } as const;
  const step = (to: number, more: boolean): FigureStep => ({
    feedId,
    from: feed.eventId,
    to,
    rows: counter.rows(),
    more,
  });
  for (let to = feed.eventId; ; ) {
    const events = await reader.events.after(to, filter, EVENTS_AT_ONCE);
    for (const { id, body } of events) {
      if (id > end) return step(end, false);
      if (body.kind === 'message.state') await counter.count(body.state, body.runs);
      to = id;
      if (counter.messages >= STEP_MESSAGES) return step(to, true);
    }
    if (events.length < EVENTS_AT_ONCE) return step(Math.max(to, end), false);
  }
}

/**
 * Adds what was counted and moves the feed's cursor, in one transaction: so everything is counted once, however often the
 * process dies. A step that does not begin where the feed stands was counted before, and changes nothing.
 */
export const addFigures: Verb<FigureStep, null> = {
  ...single(async (tx, _ctx, { feedId, from, to, rows }) => {
    const feed = await tx.figures.feed(feedId);
    if (feed === null || feed.eventId !== from) return null;
    await tx.figures.add(rows);
    if (feed.again !== null && to >= feed.again.untilEvent) await tx.figures.closeFeed(feedId);
    else await tx.figures.moveFeed(feedId, to);
    return null;
  }),
  rows: ({ rows }) => rows.length,
};

/**
 * Counts the figures of some time again, from the events of that time on, with the costs as they are now. They are
 * incomplete until that is done. `from` and `to` are milliseconds since 1970, on a quarter of an hour.
 */
export const rebuildFigures = single(
  async (tx, ctx, { actor, from, to }: { actor: ActorRef; from: number; to: number }): Promise<null> => {
    must(actor.admin, { code: 'adminOnly' });
    const rule = 'on a quarter of an hour, and before "to"';
    const fits = from % QUARTER_MS === 0 && to % QUARTER_MS === 0 && from < to;
    must(fits, { code: 'invalidField', field: 'from', rule });
    const since = await rememberedSince(tx);
    must(from >= since, {
      code: 'invalidField',
      field: 'from',
      rule: `after ${dayText(localTime('UTC', since).day)}: what happened before has been forgotten`,
    });
    must((await tx.figures.rebuilding()) === null, { code: 'figuresRebuilding' });
    const live = (await tx.figures.feed(LIVE_FEED))!;
    await tx.figures.countAgain({
      // No event is older than what it tells of; the first may have the very first id of its time.
      eventId: Math.max(0, Math.min(idAt(from) - 1, live.eventId)),
      untilEvent: live.eventId,
      from: from / QUARTER_MS,
      to: to / QUARTER_MS,
    });
    await addEvent(tx, ctx, actor.businessId, { kind: 'figures.rebuilt', from, to });
    return null;
  },
);

/** The feed that counts again, if there is one. */
export const openRebuild = async (reader: Reader, _input: Record<string, never>): Promise<number | null> =>
  (await reader.figures.rebuilding())?.id ?? null;

/** Whether long times are summed at once, however far back. */
export const figuresSpanned = (reader: Reader, _input: Record<string, never>): Promise<boolean> =>
  reader.figures.spanned();

/** A step towards that, where figures were counted before there were spans. */
export const spanFigures = single(async (tx, _ctx, _input: Record<string, never>): Promise<null> => {
  await tx.figures.makeSpan();
  return null;
});

/** Gathers what events add, row by row of the table. */
class Counter {
  messages = 0;
  readonly #reader: Reader;
  readonly #again: FigureFeed['again'];
  readonly #rows = new Map<string, FigureRow>();
  /** Costs of channels, arranged for the moment last asked for; null: the channel has none. */
  readonly #costs = new Map<number, { rows: readonly StoredCost[]; tariff: Tariff<StoredCost> } | null>();

  constructor(reader: Reader, { again }: FigureFeed) {
    this.#reader = reader;
    this.#again = again;
  }

  async count(state: (typeof COUNTED_STATES)[number], runs: readonly [number, number, number][]): Promise<void> {
    const found: CountedMessages[] = [];
    await this.#reader.messages.counted(runs, (alike) => found.push(alike));
    for (const alike of found) {
      this.messages += alike.recipients.length;
      const contribution = contributionOf(state, alike);
      if (contribution === null) continue;
      const { at, sums } = contribution;
      const quarter = Math.floor(at / QUARTER_MS);
      if (this.#again !== null && (quarter < this.#again.from || quarter >= this.#again.to)) continue;
      const { channelId } = alike;
      this.#add(alike, quarter, sums, channelId === null ? null : await this.#costsOf(channelId, at));
    }
  }

  rows(): FigureRow[] {
    return [...this.#rows.values()];
  }

  #add(alike: CountedMessages, quarter: number, sums: Contribution['sums'], costs: Tariff<StoredCost> | null): void {
    const { businessId, channelId, category, templateId, recipients } = alike;
    let row: FigureRow | null = null;
    for (const recipient of recipients) {
      const country = countryOf(recipient);
      const price = costs?.find(recipient, category) ?? null;
      const currency = price?.currency ?? null;
      // The next message is mostly of the same.
      if (row === null || row.country !== country || row.currency !== currency) {
        row = this.#row({ businessId, quarter, channelId, country, category, templateId, currency });
      }
      addSums(row, { ...sums, cost: sums.segments * (price?.micros ?? 0) });
    }
  }

  #row(key: FigureKey): FigureRow {
    const text = `${key.businessId} ${key.quarter} ${key.channelId} ${key.country} ${key.category} ${key.templateId} ${key.currency}`;
    let row = this.#rows.get(text);
    if (row === undefined) {
      row = { ...key, ...NO_SUMS };
      this.#rows.set(text, row);
    }
    return row;
  }

  /** What a channel costs at a moment; null: nothing that is known. */
  async #costsOf(channelId: number, at: number): Promise<Tariff<StoredCost> | null> {
    let costs = this.#costs.get(channelId);
    if (costs === undefined) {
      const rows = await this.#reader.costs.of(channelId);
      costs = rows.length === 0 ? null : { rows, tariff: new Tariff(rows, at) };
      this.#costs.set(channelId, costs);
    }
    if (costs === null) return null;
    if (at < costs.tariff.from || at >= costs.tariff.until) costs.tariff = new Tariff(costs.rows, at);
    return costs.tariff;
  }
}
