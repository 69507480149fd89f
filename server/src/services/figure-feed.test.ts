import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { countAll } from '../../test/figures.ts';
import {
  accept,
  addTemplate,
  answerAccepted,
  answerFailed,
  answerInParts,
  expire,
  NUMBER,
  open,
  openSender,
  report,
  type Sender,
  toSend,
  waitingOf,
} from '../../test/traffic.ts';
import { FIGURE_DIMENSIONS, type FigureRow, LIVE_FEED, NO_SUMS } from '../domain/figure.ts';
import { NOT_DELIVERED, type ReportedState } from '../domain/message.ts';
import { countryOf } from '../domain/recipient.ts';
import { addDays, localTime, periodStarts, QUARTER_MS, startOfDay } from '../lib/calendar.ts';
import type { MessageRow } from '../store/store.ts';

const HOUR = 3_600_000;

describe('what is counted', () => {
  let desk: TestDesk;
  let sender: Sender;
  let start: number;
  beforeEach(async () => {
    desk = await TestDesk.open();
    sender = await openSender(desk);
    start = desk.clock.now();
  });
  afterEach(() => desk.close());

  const sums = async (from = start - HOUR, to = desk.clock.now() + HOUR) => {
    const quarters = { from: Math.floor(from / QUARTER_MS), to: Math.ceil(to / QUARTER_MS) };
    const rows = await desk.read((reader) =>
      reader.figures.sums({ businessId: sender.businessId, ...quarters, by: ['country'] }),
    );
    return rows.map(({ country, sent, delivered, failed, segments, settled, refunded, cost, currency }) => ({
      country,
      counts: [sent, delivered, failed],
      charged: [segments, settled, refunded],
      cost: [cost, currency],
    }));
  };
  const send = async (recipient = NUMBER, carrierId = 'id') => {
    const planId = await accept(desk, sender, [recipient]);
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerAccepted(desk, [{ planId, index: 0, recipient, carrierIds: [carrierId] }]);
    return planId;
  };

  test('a message, from its acceptance by the carrier to its report, where it was sent', async () => {
    await send();
    await countAll(desk);
    expect(await sums()).toEqual([{ country: 'CN', counts: [1, 0, 0], charged: [1, 1, 0], cost: [0, null] }]);
    desk.clock.advance(20 * HOUR);
    await report(desk, 'id', 'delivered');
    await countAll(desk);
    expect(await sums(start - HOUR, start + HOUR)).toMatchObject([{ counts: [1, 1, 0] }]);
    expect(await sums(start + HOUR)).toEqual([]);
  });

  test('an event that is counted long after other things have happened', async () => {
    await send();
    desk.clock.advance(5 * HOUR);
    await report(desk, 'id', 'undelivered');
    await countAll(desk);
    expect(await sums(start - HOUR, start + HOUR)).toMatchObject([{ counts: [1, 0, 1], charged: [1, 1, 0] }]);
  });

  test('a message that no carrier takes, where it ended', async () => {
    const planId = await accept(desk, sender, 2);
    desk.clock.advance(2 * HOUR);
    await open(desk, [{ planId, from: 0, to: 1 }]);
    await answerFailed(desk, { planId, index: 0 }, 'never');
    await countAll(desk);
    expect(await sums(start - HOUR, start + HOUR)).toEqual([]);
    expect(await sums(start + HOUR)).toMatchObject([{ counts: [0, 0, 1], charged: [0, 0, 0] }]);
  });

  test('of a long text that was not sent whole, the parts that are paid', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'x'.repeat(200));
    const request = { ...sender.request, templateId };
    const { planId } = await desk.do('acceptPlan', toSend(sender, 1, { request }));
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerInParts(desk, { planId, index: 0 }, 'aaxn');
    await countAll(desk);
    expect(await sums()).toEqual([{ country: 'CN', counts: [0, 0, 1], charged: [2, 2, 0], cost: [0, null] }]);
  });

  test('costs as they are when the carrier accepts', async () => {
    await desk.store.transact((tx) =>
      tx.costs.put(
        1,
        [
          { prefix: '86', category: null, validFrom: start, micros: 40, currency: 'EUR' },
          { prefix: '86', category: null, validFrom: start + HOUR, micros: 70, currency: 'USD' },
        ],
        start,
      ),
    );
    await send(NUMBER, 'a');
    await send(447_400_123_456, 'b');
    desk.clock.advance(HOUR);
    await send(NUMBER, 'c');
    await countAll(desk);
    const rows = (await sums()).map(({ country, cost }) => [country, ...cost]);
    expect(rows.sort()).toEqual([
      ['CN', 40, 'EUR'],
      ['CN', 70, 'USD'],
      ['GB', 0, null],
    ]);
  });

  test('credits that come back because of a report, once, to whoever pays on delivery', async () => {
    const other = await openSender(desk);
    await desk.do('setPayOnDelivery', { actor: ADMIN, business: sender, on: true });
    await send(NUMBER, 'mine');
    const planId = await accept(desk, other, [NUMBER + 1]);
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER + 1, carrierIds: ['other'] }]);
    for (let times = 0; times < 2; times++) {
      await report(desk, 'mine', 'rejected');
      await report(desk, 'other', 'rejected', { recipient: NUMBER + 1 });
    }
    await countAll(desk);
    expect(await sums()).toMatchObject([{ counts: [1, 0, 1], charged: [1, 1, 1] }]);
    expect(await desk.ask('balanceOf', sender)).toEqual({ available: 1_000, reserved: 0 });
    expect(await desk.ask('balanceOf', other)).toEqual({ available: 999, reserved: 0 });
    const entries = await desk.ask('statement', { businessId: sender.businessId, before: null, limit: 10 });
    expect(entries.map(({ kind, credits }) => [kind, credits])).toEqual([
      ['refund', 1],
      ['settle', 1],
      ['reserve', 1],
      ['top-up', 1_000],
    ]);
    expect(await desk.faults()).toEqual([]);
  });

  test('nothing twice: a step that was added, or that another took first, adds nothing', async () => {
    await send();
    const step = (await desk.ask('countFigures', { feedId: LIVE_FEED }))!;
    for (let times = 0; times < 3; times++) await desk.do('addFigures', step);
    expect(await sums()).toMatchObject([{ counts: [1, 0, 0] }]);
  });

  test('again only by the administrator, one time at a time, on quarters', async () => {
    const rebuild = (from: number, to: number, actor = ADMIN) => desk.do('rebuildFigures', { actor, from, to });
    const quarter = Math.floor(start / QUARTER_MS) * QUARTER_MS;
    expect(await refusalOf(rebuild(quarter, quarter + HOUR, sender.actor))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(rebuild(quarter + 1, quarter + HOUR))).toMatchObject({ code: 'invalidField' });
    expect(await refusalOf(rebuild(quarter, quarter))).toMatchObject({ code: 'invalidField' });
    await rebuild(quarter, quarter + HOUR);
    expect(await refusalOf(rebuild(quarter, quarter + HOUR))).toEqual({ code: 'figuresRebuilding' });
    expect(await desk.ask('countedUntil', {})).toMatchObject({ rebuilding: true });
    await countAll(desk, (await desk.ask('openRebuild', {}))!);
    expect(await desk.ask('openRebuild', {})).toBe(null);
  });
});

const pick = fc.nat(1_000);
const REPORTED: readonly ReportedState[] = ['delivered', 'delivered', 'undelivered', 'expired', 'rejected'];
type Step =
  | { do: 'accept'; sender: 0 | 1; long: boolean; count: number; abroad: boolean }
  | { do: 'open' | 'cancel' | 'accepted' | 'report'; pick: number }
  | { do: 'failed'; pick: number; outcome: 'never' | 'elsewhere' | 'unknown' | 'later' }
  | { do: 'inParts'; pick: number; parts: string }
  | { do: 'pass'; ms: number }
  | { do: 'decide' | 'age' | 'expire' | 'count' | 'finish' }
  | { do: 'rebuild'; pick: number; quarters: number }
  | { do: 'payOnDelivery'; on: boolean };
const is = <T extends string>(...names: T[]) => fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: is('accept'),
    sender: fc.constantFrom<0 | 1>(0, 1),
    long: fc.boolean(),
    count: fc.integer({ min: 1, max: 4 }),
    abroad: fc.boolean(),
  }),
  { weight: 3, arbitrary: fc.record({ do: is('open', 'accepted', 'report', 'report'), pick }) },
  fc.record({ do: is('open', 'cancel', 'accepted'), pick }),
  fc.record({ do: is('failed'), pick, outcome: is('never', 'elsewhere', 'unknown', 'unknown', 'later') }),
  fc.record({
    do: is('inParts'),
    pick,
    parts: fc.string({ unit: fc.constantFrom('a', 'a', 'u', 'n', 'l', 'x'), minLength: 4, maxLength: 4 }),
  }),
  fc.record({ do: is('pass'), ms: fc.constantFrom(1, 600_000, QUARTER_MS, HOUR, 80 * HOUR) }),
  fc.record({ do: is('decide', 'age', 'expire', 'count', 'count', 'finish') }),
  fc.record({ do: is('rebuild'), pick, quarters: fc.integer({ min: 1, max: 500 }) }),
  fc.record({ do: is('payOnDelivery'), on: fc.boolean() }),
);

/** A desk on which things happen. */
class History {
  readonly desk: TestDesk;
  readonly senders: Sender[];
  readonly start: number;
  readonly #long: number[];
  readonly #said: { carrierId: string; recipient: number }[] = [];

  private constructor(desk: TestDesk, senders: Sender[], long: number[]) {
    this.desk = desk;
    this.senders = senders;
    this.#long = long;
    this.start = desk.clock.now();
  }

  static async open(): Promise<History> {
    const desk = await TestDesk.open();
    const senders = [await openSender(desk), await openSender(desk, { category: 'marketing' })];
    const long: number[] = [];
    for (const { actor, signatureId } of senders) {
      long.push(await addTemplate(desk, actor, signatureId, 'x'.repeat(200), 'verification'));
    }
    const at = desk.clock.now();
    await desk.store.transact((tx) =>
      tx.costs.put(
        1,
        [
          { prefix: '', category: null, validFrom: at, micros: 3, currency: 'EUR' },
          { prefix: '44', category: null, validFrom: at + 2 * HOUR, micros: 7, currency: 'GBP' },
          { prefix: '44', category: 'verification', validFrom: at, micros: 11, currency: 'EUR' },
        ],
        at,
      ),
    );
    return new History(desk, senders, long);
  }

  async messages(): Promise<MessageRow[]> {
    const filter = {
      businessId: null,
      planId: null,
      state: null,
      recipient: null,
      since: null,
      until: null,
      before: null,
      limit: 10_000,
    };
    return (await this.desk.ask('listMessages', filter)).messages;
  }

  async #in(state: MessageRow['state'], chosen: number): Promise<MessageRow | undefined> {
    const rows = (await this.messages()).filter((row) => row.state === state);
    return rows[chosen % Math.max(1, rows.length)];
  }

  async take(step: Step): Promise<void> {
    const { desk } = this;
    switch (step.do) {
      case 'accept': {
        const sender = this.senders[step.sender]!;
        const templateId = step.long ? this.#long[step.sender]! : sender.templateId;
        const first = step.abroad ? 447_400_123_456 : NUMBER;
        const to = Array.from({ length: step.count }, (_, i) => first + i);
        await desk.do('acceptPlan', toSend(sender, to, { request: { ...sender.request, templateId } }));
        return;
      }
      case 'open': {
        const row = await this.#in('accepted', step.pick);
        if (row === undefined) return;
        const { planId } = row;
        await open(
          desk,
          (await waitingOf(desk, planId)).map((index) => ({ planId, from: index, to: index })),
        );
        return;
      }
      case 'accepted': {
        const row = await this.#in('dispatching', step.pick);
        if (row !== undefined) await this.#accepted(row);
        return;
      }
      case 'failed': {
        const row = await this.#in('dispatching', step.pick);
        if (row !== undefined) await answerFailed(desk, row, step.outcome);
        return;
      }
      case 'inParts': {
        // What a carrier says of a long text of which it takes some parts.
        const long = (await this.messages()).filter(({ state, segments }) => state === 'dispatching' && segments > 1);
        const row = long[step.pick % Math.max(1, long.length)];
        if (row === undefined) return;
        const before = await desk.store.transact((tx) => tx.inParts.byMessage(row.planId, row.index));
        if (before === null && !/[au]/.test(step.parts)) return;
        const ids = this.#idsOf(row);
        await answerInParts(desk, row, step.parts.slice(0, row.segments), { round: before?.round ?? 0, ids });
        return;
      }
      case 'report': {
        const said = this.#said[step.pick % Math.max(1, this.#said.length)];
        if (said === undefined) return;
        const state = REPORTED[step.pick % REPORTED.length]!;
        await report(desk, said.carrierId, state, { recipient: said.recipient });
        return;
      }
      case 'cancel': {
        const row = await this.#in('accepted', step.pick);
        if (row === undefined) return;
        await desk.do('cancelPlan', { actor: ADMIN, planId: row.planId });
        for (const planId of await desk.ask('openSweeps', { limit: 10 })) await desk.do('sweepPlan', { planId });
        return;
      }
      case 'pass':
        desk.clock.advance(step.ms);
        return;
      case 'decide':
        await desk.do('decideUncertain', { limit: 10 });
        return;
      case 'expire':
        await expire(desk);
        return;
      case 'age': {
        const now = desk.clock.now();
        const before = { parkedBefore: now - 600_000, awaitingBefore: now - 72 * HOUR, forgottenBefore: 0 };
        await desk.do('ageReceipts', { ...before, after: null, limit: 100 });
        return;
      }
      case 'payOnDelivery':
        await desk.do('setPayOnDelivery', { actor: ADMIN, business: this.senders[0]!, on: step.on });
        return;
      case 'count':
        return countOnce(desk, LIVE_FEED);
      case 'finish': {
        const again = await desk.ask('openRebuild', {});
        if (again !== null) await countOnce(desk, again);
        return;
      }
      case 'rebuild': {
        if ((await desk.ask('openRebuild', {})) !== null) return;
        const span = Math.ceil((desk.clock.now() - this.start) / QUARTER_MS) + 2;
        const from = (Math.floor(this.start / QUARTER_MS) - 1 + (step.pick % span)) * QUARTER_MS;
        await desk.do('rebuildFigures', { actor: ADMIN, from, to: from + step.quarters * QUARTER_MS });
        return;
      }
    }
  }

  async #accepted(row: MessageRow): Promise<void> {
    const { planId, index, recipient } = row;
    await answerAccepted(this.desk, [{ planId, index, recipient, carrierIds: this.#idsOf(row) }]);
  }

  /** New carrier ids, one for each part. */
  #idsOf({ recipient, segments }: MessageRow): string[] {
    const carrierIds = Array.from({ length: segments }, (_, part) => `${this.#said.length}-${part}`);
    for (const carrierId of carrierIds) this.#said.push({ carrierId, recipient });
    return carrierIds;
  }

  /** What the figures must say, told by the messages as they are now. */
  async told(): Promise<FigureRow[]> {
    const rows = new Map<string, FigureRow>();
    const plans = await this.desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 1_000 });
    for (const message of await this.messages()) {
      const { state, submittedAt, finalAt, segments, settled, reserved, recipient, channelId } = message;
      const failed = [...NOT_DELIVERED, 'refused', 'failed', 'expired_unsent', 'unknown'].includes(state);
      const at = submittedAt ?? finalAt;
      if (at === null || (submittedAt === null && !failed && settled === 0)) continue;
      const plan = plans.find(({ id }) => id === message.planId)!;
      const paid = reserved === 0 ? 0 : (segments * settled) / reserved;
      const abroad = String(recipient).startsWith('44');
      const price =
        channelId === null
          ? { micros: 0, currency: null }
          : abroad && plan.category === 'verification'
            ? { micros: 11, currency: 'EUR' }
            : abroad && at >= this.start + 2 * HOUR
              ? { micros: 7, currency: 'GBP' }
              : { micros: 3, currency: 'EUR' };
      const key = {
        businessId: message.businessId,
        quarter: Math.floor(at / QUARTER_MS),
        channelId,
        country: countryOf(recipient),
        category: plan.category,
        templateId: plan.templateId!,
        currency: price.currency,
      };
      const text = JSON.stringify(key);
      const row = rows.get(text) ?? { ...key, ...NO_SUMS };
      rows.set(text, row);
      row.sent += submittedAt === null ? 0 : 1;
      row.delivered += state === 'delivered' ? 1 : 0;
      row.failed += failed ? 1 : 0;
      row.segments += paid;
      row.settled += settled;
      row.refunded += message.refunded;
      row.cost += paid * price.micros;
    }
    return [...rows.values()];
  }
}

async function countOnce(desk: TestDesk, feedId: number): Promise<void> {
  const step = await desk.ask('countFigures', { feedId });
  if (step !== null) await desk.do('addFigures', step);
}

async function tableOf({ desk, start }: History): Promise<FigureRow[]> {
  const rows: FigureRow[] = [];
  const from = Math.floor(start / QUARTER_MS) - 1;
  const to = Math.ceil(desk.clock.now() / QUARTER_MS) + 1;
  for (let quarter = from; quarter < to; quarter++) {
    const found = await desk.read((reader) =>
      reader.figures.sums({ businessId: null, from: quarter, to: quarter + 1, by: FIGURE_DIMENSIONS }),
    );
    for (const sum of found) rows.push({ quarter, ...sum } as FigureRow);
  }
  return rows;
}

/** Day by day, in a zone whose days begin at a quarter to, a statement says what the ledger says. */
async function checkStatement({ desk, start }: History, { businessId }: Sender): Promise<void> {
  const zone = 'Asia/Kathmandu';
  const borders = periodStarts(
    'day',
    zone,
    startOfDay(zone, localTime(zone, start).day),
    desk.clock.now() + HOUR,
    1_000,
  );
  const opening = await desk.ask('statementOpening', { businessId, at: borders[0]! });
  let balance = opening.available + opening.reserved;
  for (const [i, from] of borders.entries()) {
    const to = borders[i + 1] ?? startOfDay(zone, addDays(localTime(zone, from).day, 1));
    const day = await desk.ask('statementDay', { businessId, from, to });
    expect(day.uncounted).toBe(0);
    for (const { credits } of day.entries) balance += credits;
    for (const { credits } of day.charged) balance -= credits;
    balance += day.refunded;
    expect(day.standing.available + day.standing.reserved).toBe(balance);
  }
  const { available, reserved } = await desk.ask('balanceOf', { businessId });
  expect(available + reserved).toBe(balance);
}

const inOrder = (rows: FigureRow[]): string[] =>
  rows.map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))).sort();

test('whatever happens, counted when it may be and again in between, figures are what the messages say', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 30, maxLength: 60, size: 'max' }), async (steps) => {
      const history = await History.open();
      const { desk, start } = history;
      try {
        for (const each of steps) await history.take(each);
        for (const feed of [LIVE_FEED, (await desk.ask('openRebuild', {})) ?? -1]) await countAll(desk, feed);
        const live = await tableOf(history);
        expect(inOrder(live)).toEqual(inOrder(await history.told()));
        expect(await desk.faults()).toEqual([]);
        for (const sender of history.senders) await checkStatement(history, sender);
        const from = Math.floor(start / QUARTER_MS) * QUARTER_MS;
        await desk.do('rebuildFigures', { actor: ADMIN, from, to: from + 10_000 * QUARTER_MS });
        await countAll(desk, (await desk.ask('openRebuild', {}))!);
        expect(inOrder(await tableOf(history))).toEqual(inOrder(live));
      } finally {
        await desk.close();
      }
    }),
    { numRuns: 40 },
  );
});
