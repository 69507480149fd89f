import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { accept, addTemplate, NUMBER, numbers, openSender, type Sender, toSend } from '../../test/traffic.ts';
import type { PriceRow } from '../domain/price.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
});
afterEach(() => desk.close());

const row = (prefix: string, credits: number, more: Partial<PriceRow> = {}): PriceRow => ({
  prefix,
  category: null,
  validFrom: desk.clock.now(),
  credits,
  ...more,
});
const put = (rows: PriceRow[], businessId: number | null = null) =>
  desk.do('putPrices', { actor: ADMIN, businessId, rows });
const reservedOf = async (planId: number) =>
  (await desk.ask('messagesOfPlan', { planId, after: -1, limit: 100 })).map(({ reserved }) => reserved);

describe('a request', () => {
  test('is paid by the table as it stands when it is accepted; what was reserved stays', async () => {
    const before = await accept(desk, sender, 2);
    await put([row('86', 3)]);
    const after = await accept(desk, sender, [NUMBER, 447_400_123_456]);
    expect([await reservedOf(before), await reservedOf(after)]).toEqual([
      [1, 1],
      [3, 1],
    ]);
    expect(await desk.ask('balanceOf', sender)).toEqual({ available: 1_000 - 6, reserved: 6 });
    expect(await desk.faults()).toEqual([]);
  });

  test('is paid by a future price from its moment on, without anything being read again', async () => {
    await put([row('', 2), row('', 5, { validFrom: desk.clock.now() + 1_000 })]);
    expect(await reservedOf(await accept(desk, sender, 1))).toEqual([2]);
    desk.clock.advance(999);
    expect(await reservedOf(await accept(desk, sender, 1))).toEqual([2]);
    desk.clock.advance(1);
    expect(await reservedOf(await accept(desk, sender, 1))).toEqual([5]);
  });

  test('of a business with a table of its own is paid by that, and elsewhere by the common one', async () => {
    const other = await openSender(desk);
    await put([row('86', 4), row('44', 6)]);
    await put([row('86', 2)], sender.businessId);
    const to = [NUMBER, 447_400_123_456];
    expect(await reservedOf(await accept(desk, sender, to))).toEqual([2, 6]);
    expect(await reservedOf(await accept(desk, other, to))).toEqual([4, 6]);
  });

  test('sees a change, and a row that was taken out, at once; one that failed changes nothing', async () => {
    await put([row('', 2)]);
    expect(await reservedOf(await accept(desk, sender, 1))).toEqual([2]);
    await put([row('', 3)]);
    expect(await reservedOf(await accept(desk, sender, 1))).toEqual([3]);
    expect(await refusalOf(put([row('', 4), row('x', 4)]))).toMatchObject({ field: 'rows.1.prefix' });
    expect(await reservedOf(await accept(desk, sender, 1))).toEqual([3]);
    const [price] = await desk.ask('listPrices', { businessId: null });
    await desk.do('removePrice', { actor: ADMIN, id: price!.id });
    expect(await reservedOf(await accept(desk, sender, 1))).toEqual([1]);
  });

  test('costs by category and segments, with values of each recipient', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, '{text}', 'marketing');
    await put([row('', 2), row('', 10, { category: 'marketing' })]);
    const { planId } = await desk.do(
      'acceptPlan',
      toSend(sender, 2, {
        request: { ...sender.request, templateId },
        parameters: { each: [{ text: 'a' }, { text: '长'.repeat(100) }] },
      }),
    );
    expect(await reservedOf(planId)).toEqual([10, 20]);
  });

  test('that is free reserves nothing, and needs no credits', async () => {
    const poor = await openSender(desk, { credits: 1 });
    await put([row('', 0)], poor.businessId);
    await accept(desk, poor, 5);
    expect(await desk.ask('balanceOf', poor)).toEqual({ available: 1, reserved: 0 });
    expect(await desk.faults()).toEqual([]);
  });

  test('in steps is paid as its first step was, and refused when it costs more than there is', async () => {
    await put([row('', 2), row('', 50, { validFrom: desk.clock.now() + 10 })]);
    const { request } = sender;
    const opened = await desk.do('stagePlan', { request, idempotency: null });
    const { planId } = opened as { planId: number };
    desk.clock.advance(20);
    const chunk = { request, planId, from: 0, recipients: numbers(3), parameters: { shared: null } };
    expect(await desk.do('stageMessages', chunk)).toMatchObject({ credits: 6 });
    expect(await refusalOf(desk.do('acceptPlan', toSend(sender, 21)))).toEqual({
      code: 'balanceTooLow',
      needed: 1_050,
      available: 1_000,
    });
  });
});

describe('a file', () => {
  test('is confirmed at the price that was shown', async () => {
    await put([row('', 2)]);
    const opened = await desk.do('openDraft', { request: sender.request, idempotency: null });
    const { planId } = opened as { planId: number };
    const columns = { recipients: Float64Array.from(numbers(2)), segments: Uint8Array.from([1, 3]), parameters: null };
    const { credits } = await desk.do('addDraftMessages', { planId, from: 0, ...columns });
    expect(credits).toBe(8);
    await desk.do('finishDraft', { planId, total: 2, accepted: 2, credits, summary: '{}', idempotency: null });
    desk.clock.advance(1);
    await put([row('', 9)]);
    await desk.do('confirmDraft', { actor: sender.actor, planId, startAt: null });
    expect(await desk.ask('balanceOf', sender)).toEqual({ available: 992, reserved: 8 });
    expect(await desk.faults()).toEqual([]);
  });
});

describe('tables', () => {
  test('are changed by the administrator only, whole or not at all, and every change is an event', async () => {
    await desk.newEvents();
    const { actor } = sender;
    expect(await refusalOf(desk.do('putPrices', { actor, businessId: null, rows: [row('', 1)] }))).toEqual({
      code: 'adminOnly',
    });
    expect(await refusalOf(put([row('', 1)], 999))).toEqual({ code: 'businessNotFound' });
    for (const [bad, field] of [
      [[], 'rows'],
      [[row('', 1), row('', 2)], 'rows.1'],
      [[row('86', -1)], 'rows.0.credits'],
      [[row('86', 1.5)], 'rows.0.credits'],
      [[row('086', 1)], 'rows.0.prefix'],
    ] as const) {
      expect(await refusalOf(put([...bad]))).toMatchObject({ code: 'invalidField', field });
    }
    expect(await desk.ask('listPrices', { businessId: null })).toEqual([]);
    expect(await desk.newEvents()).toEqual([]);
    await put([row('', 1), row('86', 2)]);
    await put([row('', 1)], sender.businessId);
    const [own] = await desk.ask('listPrices', { businessId: sender.businessId });
    await desk.do('removePrice', { actor: ADMIN, id: own!.id });
    expect(await refusalOf(desk.do('removePrice', { actor: ADMIN, id: own!.id }))).toEqual({ code: 'priceNotFound' });
    expect((await desk.newEvents()).map(({ businessId, body }) => [businessId, body])).toEqual([
      [1, { kind: 'price.changed', scope: 'default', change: 'put', rows: 2 }],
      [sender.businessId, { kind: 'price.changed', scope: 'business', change: 'put', rows: 1 }],
      [sender.businessId, { kind: 'price.changed', scope: 'business', change: 'removed', rows: 1 }],
    ]);
  });

  test('a quote names the row that a request is paid by', async () => {
    const at = desk.clock.now();
    const quote = (recipient: number, when = at) =>
      desk.ask('quotePrice', { businessId: sender.businessId, recipient, category: 'notification', at: when });
    expect(await quote(NUMBER)).toEqual({ credits: 1, found: null });
    await put([row('86', 4)]);
    await put([row('8613', 2, { validFrom: at + 5 })], sender.businessId);
    expect(await quote(NUMBER)).toMatchObject({ credits: 4, found: { scope: 'default', row: { prefix: '86' } } });
    expect(await quote(NUMBER, at + 5)).toMatchObject({ credits: 2, found: { scope: 'business' } });
  });
});
