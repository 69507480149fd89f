import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import { accept, answerAccepted, answerInParts, NUMBER, open, openSender } from '../../test/traffic.ts';
import { packReports, type RawReport } from './report-log.ts';

let desk: TestDesk;
beforeEach(async () => {
  desk = await TestDesk.open();
});
afterEach(() => desk.close());

const raw = (carrierId: string, change: Partial<RawReport> = {}): RawReport => ({
  channelId: 1,
  carrierId,
  recipient: NUMBER,
  state: 'delivered',
  error: '000',
  raw: `id:${carrierId} stat:DELIVRD err:000 text:你好 "é`,
  at: desk.clock.now(),
  ...change,
});
const keep = (...reports: RawReport[]) => desk.do('recordReceipts', { reports: [], batch: packReports(reports) });
const search = (given: Partial<Parameters<typeof desk.ask<'findReports'>>[1]>) =>
  desk.ask('findReports', {
    carrierId: null,
    recipient: null,
    from: 0,
    until: Number.MAX_SAFE_INTEGER,
    place: null,
    limit: 10,
    ...given,
  });

describe('reports as carriers wrote them', () => {
  test('come back as they were, found by id or number, newest first', async () => {
    const first = raw('a', { recipient: null, state: null });
    await keep(first);
    desk.clock.advance(5);
    const [second, third] = [raw('a'), raw('b', { error: '', channelId: 0 })];
    await keep(second, third);
    expect(await search({ carrierId: 'a' })).toEqual({ reports: [second, first], next: null });
    expect(await search({ recipient: NUMBER })).toEqual({ reports: [third, second], next: null });
    expect((await search({ carrierId: 'a', recipient: NUMBER })).reports).toEqual([second]);
    expect((await search({ carrierId: 'A' })).reports).toEqual([]);
    expect((await search({ carrierId: 'a', until: first.at })).reports).toEqual([first]);
  });

  test('of one request are as many as asked for, however they were kept', async () => {
    const all = Array.from({ length: 23 }, (_, i) => raw('same', { error: String(i) }));
    await keep(...all.slice(0, 15));
    await keep(...all.slice(15, 16));
    await keep(...all.slice(16));
    const found: RawReport[] = [];
    let place: Awaited<ReturnType<typeof search>>['next'] = null;
    do {
      const page: Awaited<ReturnType<typeof search>> = await search({ carrierId: 'same', limit: 4, place });
      expect(page.reports.length).toBeLessThanOrEqual(4);
      found.push(...page.reports);
      place = page.next;
    } while (place !== null);
    expect(found).toEqual(all.reverse());
  });

  test('take a fraction of their room when they are many', async () => {
    const reports = Array.from({ length: 100 }, (_, i) =>
      raw((0x5f0a_3b00 + i * 7_919).toString(16), { recipient: NUMBER + i }),
    );
    const { body, hashes } = packReports(reports);
    expect(body.length).toBeLessThan(JSON.stringify(reports).length / 3);
    expect(hashes).toHaveLength(200);
    await keep(...reports);
    expect((await search({ recipient: NUMBER + 42 })).reports).toEqual([reports[42]]);
  });

  test('that are odd in every way come back as they were', async () => {
    const odd = [
      raw('', { raw: 'no id at all' }),
      raw('a', { raw: 'aaa $& a', error: 'a' }),
      raw('$&', { raw: 'id:$& $1' }),
      raw('a', { raw: 'aaa $& a', error: 'b' }),
      raw('a', { raw: 'aaa $& a', error: 'a', channelId: 2, state: null }),
      raw('a', { raw: 'aaa $& a', error: 'a' }),
    ];
    await keep(...odd);
    expect((await search({ recipient: NUMBER })).reports.reverse()).toEqual(odd);
  });

  test('are forgotten when they have been kept long enough', async () => {
    await keep(raw('old'));
    desk.clock.advance(30 * 86_400_000);
    await keep(raw('young'));
    desk.clock.advance(1);
    expect(await desk.do('forgetReports', { limit: 10 })).toEqual({ dropped: 1 });
    expect((await search({ recipient: NUMBER })).reports.map(({ carrierId }) => carrierId)).toEqual(['young']);
  });
});

describe('the reports of a message', () => {
  test('are those on its parts, however their ids are written, also early and repeated ones', async () => {
    const sender = await openSender(desk, { text: 'x'.repeat(150) });
    const planId = await accept(desk, sender, 2);
    await open(desk, [{ planId, from: 0, to: 1 }]);
    const early = raw('255');
    await keep(early, raw('254'), raw('255', { recipient: NUMBER + 1 }));
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: ['ff', 'b', 'c'] }]);
    desk.clock.advance(10);
    const others = [raw('b'), raw('b'), raw('c', { state: null })];
    await keep(...others);
    expect(await desk.ask('reportsOfMessage', { planId, index: 0 })).toEqual({
      carrierIds: ['ff', 'b', 'c'],
      reports: [early, ...others],
    });
    expect(await desk.ask('reportsOfMessage', { planId, index: 1 })).toEqual({ carrierIds: [], reports: [] });
  });

  test('that ended in part are those on the parts the carrier had', async () => {
    const sender = await openSender(desk, { text: 'x'.repeat(150) });
    const planId = await accept(desk, sender, 1);
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerInParts(desk, { planId, index: 0 }, 'axn');
    await keep(raw('id-0'));
    expect(await desk.ask('reportsOfMessage', { planId, index: 0 })).toMatchObject({
      carrierIds: ['id-0'],
      reports: [{ carrierId: 'id-0' }],
    });
  });

  test('that was never sent are none', async () => {
    const planId = await accept(desk, await openSender(desk), 1);
    expect(await desk.ask('reportsOfMessage', { planId, index: 0 })).toEqual({ carrierIds: [], reports: [] });
  });
});
