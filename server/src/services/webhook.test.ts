import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { receive, SHORT_CODE } from '../../test/inbound.ts';
import { wordsOf } from '../../test/receiver.ts';
import {
  accept,
  answerAccepted,
  answerFailed,
  NUMBER,
  open,
  openSender,
  report,
  type Sender,
  toSend,
} from '../../test/traffic.ts';
import { CALLBACKS, type Callback } from '../domain/callback.ts';
import { messageId } from '../domain/message.ts';
import { DELIVERY_LIFE_MS, MAX_TRIES, retryAfterMs } from '../domain/webhook.ts';
import { callbackHeaders, checkWebhook, newWebhookSecret } from './webhook-request.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 20_000 });
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const secrets = { secret: 'a secret of sixteen', authorization: '' };
const fieldsOf = (callbacks: readonly Callback[] = CALLBACKS) => ({
  url: 'https://example.com/hook',
  callbacks: [...callbacks],
  username: 'acme',
  description: '',
});
const create = async (callbacks?: readonly Callback[], of = sender) =>
  (await desk.do('createWebhook', { actor: of.actor, businessId: of.businessId, fields: fieldsOf(callbacks), secrets }))
    .id;
const find = async (id: number) => (await desk.ask('findWebhook', { businessId: null, id }))!;
/** Feeds until nothing is left; returns how many deliveries that made. */
async function feed(id: number): Promise<number> {
  for (let total = 0; ; ) {
    const before = (await find(id)).cursor;
    total += (await desk.do('feedWebhook', { id })).made;
    const { cursor } = await find(id);
    if (cursor.eventId === before.eventId && cursor.rows === before.rows) return total;
  }
}
const round = (id: number, limit = 100) => desk.ask('nextRound', { id, at: desk.clock.now(), limit });
/** What would be sent now, row by row, in words. */
const words = async (id: number): Promise<string[]> =>
  ((await round(id))?.requests ?? []).flatMap(({ body }) => JSON.parse(body).rows.map(wordsOf));
const deliveriesOf = (webhookId: number) =>
  desk.ask('listDeliveries', { businessId: null, webhookId, state: null, before: null, limit: 1_000 });
/** Records how deliveries ended: those named succeed, the others of the round fail. */
async function record(id: number, succeeded: readonly number[], failed: readonly number[]) {
  const one = { at: desk.clock.now(), durationMs: 3 };
  return desk.do('recordRound', {
    id,
    tried: [
      ...succeeded.map((deliveryId) => ({ ...one, deliveryId, succeeded: true, status: 200, error: '' })),
      ...failed.map((deliveryId) => ({ ...one, deliveryId, succeeded: false, status: 500, error: 'it answered 500' })),
    ],
  });
}

describe('a webhook', () => {
  test('is of a business, which alone sees and changes it', async () => {
    const other = await openSender(desk);
    const id = await create();
    expect(await desk.ask('listWebhooks', { businessId: sender.businessId })).toHaveLength(1);
    expect(await desk.ask('findWebhook', { businessId: other.businessId, id })).toBe(null);
    const { actor } = other;
    const no = { code: 'webhookNotFound' };
    expect(await refusalOf(desk.do('editWebhook', { actor, id, fields: {}, secrets: {} }))).toEqual(no);
    expect(await refusalOf(desk.do('setWebhookState', { actor, id, state: 'disabled' }))).toEqual(no);
    expect(await refusalOf(desk.do('deleteWebhook', { actor, id }))).toEqual(no);
    const theirs = { actor, businessId: sender.businessId, fields: fieldsOf(), secrets };
    expect(await refusalOf(desk.do('createWebhook', theirs))).toEqual({ code: 'businessNotFound' });
    const listed = { webhookId: id, state: null, before: null, limit: 1, businessId: other.businessId };
    expect(await refusalOf(desk.ask('listDeliveries', listed))).toEqual(no);
    await desk.do('deleteWebhook', { actor: ADMIN, id });
    expect(await desk.ask('listWebhooks', { businessId: sender.businessId })).toEqual([]);
  });

  test('is one of ten', async () => {
    for (let i = 0; i < 10; i++) await create();
    expect(await refusalOf(create())).toEqual({ code: 'tooManyWebhooks', limit: 10 });
    await create(CALLBACKS, await openSender(desk));
  });

  test('is told by events what is done to it', async () => {
    await desk.newEvents();
    const id = await create();
    const { actor } = sender;
    await desk.do('editWebhook', { actor, id, fields: { description: 'x' }, secrets: { secret: 'another one' } });
    await desk.do('setWebhookState', { actor, id, state: 'disabled' });
    await desk.do('setWebhookState', { actor, id, state: 'disabled' });
    await desk.do('setWebhookState', { actor, id, state: 'active' });
    await desk.do('deleteWebhook', { actor, id });
    const events = await desk.newEvents();
    expect(events.map(({ body }) => ('change' in body ? body.change : body.kind))).toEqual([
      'created',
      'edited',
      'disabled',
      'enabled',
      'deleted',
    ]);
    expect(JSON.stringify(events)).not.toMatch(/secret|another/);
  });
});

describe('what happened', () => {
  test('is told in order, message by message, in words of the callbacks', async () => {
    await accept(desk, sender, 1);
    const id = await create();
    const { planId } = await desk.do('acceptPlan', toSend(sender, 2, { total: 3, invalid: ['12'] }));
    const [a, b] = await open(desk, [{ planId, from: 0, to: 1 }]);
    await answerAccepted(desk, [{ ...a!, carrierIds: ['c-0'] }]);
    await answerFailed(desk, b!, 'never', 'ESME_RINVDSTADR');
    await report(desk, 'c-0');
    const [zero, one, two] = [0, 1, 2].map((index) => messageId(planId, index));
    expect(await feed(id)).toBe(1);
    expect(await words(id)).toEqual([
      `plan ${zero}`,
      `plan ${one}`,
      `plan ${two}`,
      `target_valid ${zero}`,
      `target_valid ${one}`,
      `target_invalid ${two}`,
      `sent ${zero}`,
      `sent_failed ${one}`,
      `delivered ${zero}`,
    ]);
    const [request] = (await round(id))!.requests;
    const { total, rows } = JSON.parse(request!.body);
    expect(total).toBe(9);
    expect(rows[5]).toMatchObject({ to: '12', status: { error_code: 5011 } });
    expect(rows[6]).toMatchObject({ to: '+8613800138000', status: { billing: { cost: 1, currency: 'credit' } } });
    expect(rows[7]).toMatchObject({ status: { error_code: 5011, error_detail: { message: 'ESME_RINVDSTADR' } } });
  });

  test('is told with the arguments of its request', async () => {
    const id = await create(['plan']);
    const request = { ...sender.request, customArgs: '{"order":"A-1"}' };
    await desk.do('acceptPlan', toSend(sender, 1, { request }));
    await feed(id);
    const [first] = (await round(id))!.requests;
    expect(JSON.parse(first!.body).rows[0].custom_args).toEqual({ order: 'A-1' });
  });

  test('is told as it is chosen, and to nobody else', async () => {
    const other = await openSender(desk);
    const [some, theirs] = [await create(['sent']), await create(CALLBACKS, other)];
    const planId = await accept(desk, sender, 3);
    const opened = await open(desk, [{ planId, from: 0, to: 2 }]);
    await answerAccepted(
      desk,
      opened.map((message, i) => ({ ...message, carrierIds: [`c-${i}`] })),
    );
    await feed(some);
    expect(await words(some)).toEqual([0, 1, 2].map((index) => `sent ${messageId(planId, index)}`));
    expect(await feed(theirs)).toBe(0);
    expect(await round(theirs)).toBe(null);
  });

  test('of a large plan comes in requests of a hundred rows, none twice and none missing', async () => {
    const id = await create(['plan', 'target_valid']);
    const planId = await accept(desk, sender, 6_150);
    expect(await feed(id)).toBe(123);
    const told: string[] = [];
    for (const { pieces, rows } of (await deliveriesOf(id)).reverse()) {
      expect(rows).toBe(100);
      for (const piece of pieces) {
        if (!('runs' in piece)) throw new Error('not of messages');
        for (const [plan, from, to] of piece.runs) {
          for (let index = from; index <= to; index++) told.push(`${piece.kind} ${messageId(plan, index)}`);
        }
      }
    }
    const all = (kind: string) => Array.from({ length: 6_150 }, (_, index) => `${kind} ${messageId(planId, index)}`);
    expect(told).toEqual([...all('plan'), ...all('target_valid')]);
  });

  test('goes on where it stood after a crash in the middle', async () => {
    const id = await create(['plan', 'target_valid']);
    await accept(desk, sender, 6_000);
    await desk.do('feedWebhook', { id });
    expect((await find(id)).cursor.rows).toBe(5_000);
    desk.restart();
    await feed(id);
    const rows = (await deliveriesOf(id)).reduce((sum, delivery) => sum + delivery.rows, 0);
    expect(rows).toBe(12_000);
  });

  test('stays in the events while too much waits', async () => {
    const id = await create(['plan']);
    await desk.store.transact(async (tx) => {
      const ids = Array.from({ length: 10_000 }, (_, i) => ({
        id: i + 1,
        pieces: [],
        rows: 1,
        since: desk.clock.now(),
      }));
      await tx.webhooks.addDeliveries(id, ids, desk.clock.now());
    });
    await accept(desk, sender, 1);
    expect(await desk.do('feedWebhook', { id })).toEqual({ made: 0 });
    expect((await desk.ask('webhookWork', { at: desk.clock.now() }))[0]).toMatchObject({ news: false });
    await record(id, [1], []);
    expect(await desk.do('feedWebhook', { id })).toEqual({ made: 1 });
  });

  test('while a webhook is off is never told; what waited is told when it is on again', async () => {
    const id = await create(['plan']);
    const first = await accept(desk, sender, 1);
    await feed(id);
    const { actor } = sender;
    await desk.do('setWebhookState', { actor, id, state: 'disabled' });
    await accept(desk, sender, 1);
    expect([await feed(id), await round(id), await desk.ask('webhookWork', { at: desk.clock.now() })]).toEqual([
      0,
      null,
      [],
    ]);
    await desk.do('setWebhookState', { actor, id, state: 'active' });
    const third = await accept(desk, sender, 1);
    await feed(id);
    expect(await words(id)).toEqual([`plan ${messageId(first, 0)}`, `plan ${messageId(third, 0)}`]);
  });

  test.each([
    ['a template was reviewed', 'template_audit_result'],
    ['a signature was reviewed', 'sign_audit_result'],
    ['the balance fell', 'insufficient_balance'],
    ['a key was made', 'key_manage'],
  ] as const)('is told: %s', async (_what, callback) => {
    const id = await create([callback]);
    const { actor, businessId } = sender;
    const verdict = { state: 'rejected' as const, reason: 'no' };
    await desk.do('reviewTemplate', { actor: ADMIN, id: sender.templateId, verdict });
    await desk.do('reviewSignature', { actor: ADMIN, id: sender.signatureId, verdict });
    await desk.do('setLowBalance', { actor, business: { businessId }, credits: 15_000 });
    await desk.do('correctBalance', { actor: ADMIN, business: { businessId }, credits: -10_000, reason: 'test' });
    await desk.do('createCredential', {
      actor,
      businessId,
      key: 'sk_test',
      secretHash: new Uint8Array(32),
      description: '',
      permissions: ['read'],
      expiresAt: null,
      allowedAddresses: [],
    });
    await feed(id);
    expect(await words(id)).toEqual([callback]);
  });
});

describe('an inbound message', () => {
  test('is told to the business whose it is', async () => {
    const id = await create(['uplink_message']);
    const { businessId } = sender;
    await desk.do('addInboundNumber', { actor: ADMIN, number: SHORT_CODE, channelId: null, businessId });
    await receive(desk, { text: 'STOP' }, { text: 'to nobody', to: '1' });
    await feed(id);
    const [request] = (await round(id))!.requests;
    const { total, rows } = JSON.parse(request!.body);
    expect(total).toBe(1);
    expect(rows[0]).toMatchObject({
      message_id: '0',
      response: {
        event: 'uplink_message',
        response_data: { account_sid: String(businessId), from: `+${NUMBER}`, to: SHORT_CODE, body: 'STOP' },
      },
    });
  });

  test('of somebody who opts out leads to rows with the number of that', async () => {
    const marketing = await openSender(desk, { category: 'marketing' });
    const { businessId, actor } = marketing;
    const change = { actor, businessId, change: 'added', recipients: [NUMBER], note: '' } as const;
    await desk.do('editList', { ...change, list: 'opt-out' });
    const id = await create(['plan', 'target_valid', 'target_invalid', 'sent_failed'], marketing);
    await accept(desk, marketing, 1);
    await feed(id);
    const [request] = (await round(id))!.requests;
    const { rows } = JSON.parse(request!.body);
    expect(
      rows.map(({ status }: { status: Record<string, unknown> }) => [status.message_status, status.error_code]),
    ).toEqual([
      ['plan', 0],
      ['target_valid', 0],
      ['sent_failed', 5019],
    ]);
    expect(rows[2].to).toBe(`+${NUMBER}`);
  });
});

describe('a low balance', () => {
  const lows = async () =>
    (await desk.newEvents()).flatMap(({ body }) => (body.kind === 'balance.low' ? [body.available] : []));
  const threshold = (credits: number | null) =>
    desk.do('setLowBalance', { actor: sender.actor, business: { businessId: sender.businessId }, credits });
  const topUp = (credits: number) =>
    desk.do('topUp', { actor: ADMIN, business: { businessId: sender.businessId }, credits, reason: '' });

  beforeEach(async () => {
    sender = await openSender(desk, { credits: 10 });
    await desk.newEvents();
  });

  test('is told once when requests go below it, and again only after it was above', async () => {
    await threshold(8);
    await accept(desk, sender, 2);
    expect(await lows()).toEqual([]);
    await accept(desk, sender, 1);
    await accept(desk, sender, 1);
    expect(await lows()).toEqual([7]);
    await topUp(1);
    await accept(desk, sender, 1);
    expect(await lows()).toEqual([]);
    await topUp(2);
    await accept(desk, sender, 4);
    expect(await lows()).toEqual([4]);
  });

  test('is told once for requests that come together', async () => {
    await threshold(8);
    await desk.together(...[1, 2, 3].map((count): [string, unknown] => ['acceptPlan', toSend(sender, count)]));
    expect(await lows()).toEqual([4]);
  });

  test('is not told to those who do not ask, nor to others', async () => {
    const other = await openSender(desk, { credits: 10 });
    await threshold(8);
    await threshold(null);
    await accept(desk, sender, 10);
    await accept(desk, other, 10);
    expect(await lows()).toEqual([]);
  });

  test('is told when a large request brings it, and when a correction does', async () => {
    await threshold(5);
    const { request } = sender;
    const recipients = toSend(sender, 6).recipients;
    const staged = await desk.do('stagePlan', { request, idempotency: null });
    if (!('planId' in staged)) throw new Error('not staged');
    const { planId } = staged;
    const { credits } = await desk.do('stageMessages', {
      request,
      planId,
      from: 0,
      recipients,
      parameters: { shared: null },
    });
    await desk.do('acceptStaged', {
      request,
      planId,
      total: 6,
      accepted: 6,
      uncounted: recipients,
      invalid: 0,
      credits,
      idempotency: null,
    });
    expect(await lows()).toEqual([4]);
    await topUp(10);
    await desk.do('correctBalance', {
      actor: ADMIN,
      business: { businessId: sender.businessId },
      credits: -12,
      reason: 'test',
    });
    expect(await lows()).toEqual([2]);
  });

  test('is set by its business and by the administrator', async () => {
    const other = await openSender(desk);
    const business = { businessId: sender.businessId };
    expect(await refusalOf(desk.do('setLowBalance', { actor: other.actor, business, credits: 1 }))).toEqual({
      code: 'businessNotFound',
    });
    await desk.do('setLowBalance', { actor: ADMIN, business, credits: 1 });
    expect((await desk.ask('findBusiness', business))?.lowBalance).toBe(1);
  });
});

describe('a delivery', () => {
  let id: number;
  beforeEach(async () => {
    id = await create(['plan']);
  });
  /** So many deliveries, one a plan. */
  async function deliveries(count: number): Promise<number[]> {
    for (let i = 0; i < count; i++) {
      await accept(desk, sender, 1);
      await feed(id);
    }
    return (await deliveriesOf(id)).map((delivery) => delivery.id).reverse();
  }
  const roundIds = async (limit?: number) => ((await round(id, limit))?.requests ?? []).map((request) => request.id);
  const delivery = (deliveryId: number) =>
    desk.ask('findDelivery', { businessId: null, webhookId: id, id: deliveryId });

  test('that succeeded is never sent again, whatever is recorded later', async () => {
    const [a, b] = await deliveries(2);
    expect(await roundIds()).toEqual([a, b]);
    await record(id, [a!], [b!]);
    expect(await delivery(a!)).toMatchObject({ state: 'succeeded', tries: [{ status: 200, error: '' }] });
    await record(id, [], [a!]);
    expect(await delivery(a!)).toMatchObject({ state: 'succeeded', tries: [{ status: 200 }] });
    desk.clock.advance(DELIVERY_LIFE_MS);
    expect(await roundIds()).toEqual([b]);
  });

  test('that fails holds back those after it until the next try, and is dead after the last', async () => {
    const [a] = await deliveries(1);
    for (let tries = 1; tries < MAX_TRIES; tries++) {
      expect(await record(id, [], [a!])).toEqual({ dead: 0 });
      expect(await find(id)).toMatchObject({ failures: tries, retryAt: desk.clock.now() + retryAfterMs(tries) });
      expect(await roundIds()).toEqual([]);
      desk.clock.advance(retryAfterMs(tries) - 1);
      expect(await roundIds()).toEqual([]);
      desk.clock.advance(1);
      expect(await roundIds()).toEqual([a]);
    }
    expect(await record(id, [], [a!])).toEqual({ dead: 1 });
    const dead = await delivery(a!);
    expect([dead.state, dead.tries.length]).toEqual(['dead', MAX_TRIES]);
    const at = (i: number) => dead.tries[i]!.at - dead.tries[0]!.at;
    expect([at(1), at(2), at(3)]).toEqual([60_000, 660_000, 4_260_000]);
    expect(await find(id)).toMatchObject({ waiting: 0 });
  });

  test('is tried again with one that was tried less, and all follow when either gets through', async () => {
    const all = await deliveries(4);
    const [a, b, c, d] = all;
    await record(id, [], [a!, b!]);
    desk.clock.advance(retryAfterMs(1));
    // The receiver cannot digest the first; that it is not down is found out by another.
    expect(await roundIds()).toEqual([a, c]);
    await record(id, [c!], [a!]);
    expect(await find(id)).toMatchObject({ failures: 0, retryAt: null });
    expect(await roundIds()).toEqual([b, d]);
    await record(id, [b!, d!], []);
    expect(await roundIds()).toEqual([]);
    desk.clock.advance(retryAfterMs(2));
    expect(await roundIds()).toEqual([a]);
  });

  test('that waited as long as all tries take behind a failing webhook is dead, too', async () => {
    const [a, b] = await deliveries(2);
    await record(id, [], [a!]);
    desk.clock.advance(DELIVERY_LIFE_MS);
    const [young] = (await deliveries(1)).slice(2);
    desk.clock.advance(1);
    expect(await record(id, [], [a!])).toEqual({ dead: 2 });
    expect(await delivery(b!)).toMatchObject({ state: 'dead', tries: [] });
    expect(await delivery(young!)).toMatchObject({ state: 'waiting' });
  });

  test('goes at once, to the new address, when its webhook is edited', async () => {
    const [a] = await deliveries(1);
    await record(id, [], [a!]);
    expect(await roundIds()).toEqual([]);
    const url = 'https://example.com/new';
    await desk.do('editWebhook', { actor: sender.actor, id, fields: { url }, secrets: {} });
    expect(await round(id)).toMatchObject({ url, ...secrets, requests: [{ id: a }] });
  });

  test('is forgotten a week after it succeeded, three months after it was given up', async () => {
    const [a, b, c] = await deliveries(3);
    await record(id, [a!], [b!]);
    for (let tries = 1; tries < MAX_TRIES; tries++) await record(id, [], [b!]);
    const left = async () => (await deliveriesOf(id)).map((each) => each.id);
    const forget = () => desk.do('forgetDeliveries', { limit: 10 });
    await forget();
    expect(await left()).toEqual([c, b, a]);
    desk.clock.advance(7 * 86_400_000 + 1_000);
    await forget();
    expect(await left()).toEqual([c, b]);
    desk.clock.advance(83 * 86_400_000);
    await forget();
    expect(await left()).toEqual([c]);
  });

  test('is found under its own webhook only', async () => {
    const [a] = await deliveries(1);
    const other = await create();
    const asked = { businessId: null, webhookId: other, id: a! };
    expect(await refusalOf(desk.ask('findDelivery', asked))).toEqual({ code: 'deliveryNotFound' });
  });
});

describe('a request', () => {
  const AT = 1_767_225_600_999;
  const target = { url: '', username: 'acme', secret: newWebhookSecret(), authorization: 'Bearer x' };

  test('proves who sends it, and what', () => {
    const body = '{"total":0,"rows":[]}';
    const headers = callbackHeaders(target, '42', AT, body);
    const parts = Object.fromEntries(headers['x-callback-id']!.split(';').map((part) => part.split('=', 2)));
    expect(parts).toMatchObject({ timestamp: '1767225600', username: 'acme' });
    expect(parts.nonce).toMatch(/^[0-9a-f]{32}$/);
    const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text);
    expect(parts.signature).toBe(hmac(target.secret, `1767225600${parts.nonce}acme`).digest('hex'));
    expect(headers).toMatchObject({
      'webhook-id': '42',
      'webhook-timestamp': '1767225600',
      'content-type': 'application/json',
      authorization: 'Bearer x',
    });
    const key = Buffer.from(target.secret.slice('whsec_'.length), 'base64');
    expect(key).toHaveLength(32);
    expect(headers['webhook-signature']).toBe(`v1,${hmac(key, `42.1767225600.${body}`).digest('base64')}`);
  });

  test('is signed with a secret of any form, and carries no Authorization unless there is one', () => {
    const plain = { ...target, secret: 'a secret of sixteen', authorization: '' };
    const headers = callbackHeaders(plain, '42', AT, '{}');
    const code = createHmac('sha256', plain.secret).update('42.1767225600.{}').digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${code}`);
    expect(headers).not.toHaveProperty('authorization');
  });

  test('to find out whether anybody is there wants 200 and nothing else', async () => {
    const check = (posted: { status: number } | { failure: string }) => {
      let asked: unknown;
      const reason = checkWebhook(
        async (_url, request) => {
          asked = [request.body, request.timeoutMs];
          return { ...posted, durationMs: 1 };
        },
        target,
        AT,
      );
      expect(asked).toEqual(['{}', 3_000]);
      return reason;
    };
    expect(await check({ status: 200 })).toBe(null);
    expect(await check({ status: 204 })).toBe('it answered 204');
    expect(await check({ status: 302 })).toBe('it answered 302');
    expect(await check({ failure: 'its name is not known' })).toBe('its name is not known');
  });
});
