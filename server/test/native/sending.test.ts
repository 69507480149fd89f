import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { type Client, type Login, nativeClients, rootOf } from './client.ts';
import { type Approved, approved, mobiles, type Plan, planOf, send } from './seed.ts';

let house: House;
let as: (login: Login) => Client;
let root: Client;
let business: TestBusiness;
let own: Client;
let stranger: Client;
let ready: Approved;
let plan: Plan;

const NUMBERS = mobiles(5);

beforeAll(async () => {
  house = await startHouse();
  as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness({ credits: 1_000 });
  own = as(business);
  stranger = as(await house.createBusiness());
  ready = await approved(house, root, business);
  const uuid = await send(house, business, ready, NUMBERS);
  plan = await planOf(own, uuid, ({ state, counts }) => state === 'done' && counts.delivered === NUMBERS.length);
});
afterAll(() => house?.stop());

describe('plans', () => {
  it('show how far they are', async () => {
    expect((await own.get(`/plans/${plan.plan_id}`)).json).toEqual({
      plan_id: plan.plan_id,
      uuid: plan.uuid,
      business_id: business.businessId,
      dialect: 'tsms',
      name: expect.any(String),
      category: 'notification',
      state: 'done',
      total: 5,
      accepted: 5,
      invalid: 0,
      stopped: 0,
      left: 0,
      template_id: ready.templateId,
      signature_id: ready.signatureId,
      test_channel_id: null,
      custom_args: null,
      created_at: expect.any(String),
      start_at: null,
      start_at_local: null,
      started_at: null,
      expires_at: expect.any(String),
      done_at: expect.any(String),
      counts: { delivered: 5 },
    });
  });

  it('are listed newest first, by state and page by page', async () => {
    for (let i = 0; i < 2; i++) {
      await planOf(own, await send(house, business, ready, mobiles(1, 10 + i)), ({ counts }) => counts.delivered === 1);
    }
    const all = (await own.get('/plans')).json.items.map((item: Plan) => item.plan_id);
    expect(all).toEqual([...all].sort((a, b) => b - a));
    expect(all).toHaveLength(3);
    const first = (await own.get('/plans?limit=2&state=done')).json;
    const second = (await own.get(`/plans?limit=2&state=done&cursor=${first.next_cursor}`)).json;
    expect([...first.items, ...second.items].map((item: Plan) => item.plan_id)).toEqual(all);
    expect((await own.get('/plans?state=running')).json.items).toEqual([]);
    expect((await root.get(`/plans?business_id=${business.businessId}`)).json.items).toHaveLength(3);
    expect((await root.get('/plans')).json.items).toHaveLength(3);
  });
});

describe('messages', () => {
  it('of a plan come in the order of the request, page by page', async () => {
    const path = `/plans/${plan.plan_id}/messages`;
    const all = (await own.get(path)).json.items;
    expect(all.map((message: { to: string }) => message.to)).toEqual(NUMBERS);
    const first = (await own.get(`${path}?limit=3`)).json;
    const second = (await own.get(`${path}?limit=3&cursor=${first.next_cursor}`)).json;
    expect([...first.items, ...second.items]).toEqual(all);
    expect([first.items.length, second.items.length, second.next_cursor]).toEqual([3, 2, null]);
  });

  it('are found by plan, state and recipient', async () => {
    const [{ id: channelId }] = (await root.get('/channels')).json.items;
    const of = async (query: string) => (await own.get(`/messages?${query}`)).json.items;
    expect(await of(`plan_id=${plan.plan_id}`)).toHaveLength(5);
    expect(await of(`plan_id=${plan.plan_id}&state=delivered`)).toHaveLength(5);
    expect(await of(`plan_id=${plan.plan_id}&state=failed`)).toEqual([]);
    for (const to of [NUMBERS[2]!, NUMBERS[2]!.slice(1), encodeURIComponent(NUMBERS[2]!)]) {
      expect(await of(`to=${to}`)).toMatchObject([
        {
          plan_id: plan.plan_id,
          business_id: business.businessId,
          to: NUMBERS[2],
          state: 'delivered',
          segments: 1,
          reserved: 1,
          settled: 1,
          released: 0,
          refunded: 0,
          attempts: 1,
          repeats: 0,
          simulated: false,
          channel_id: channelId,
          error: '',
        },
      ]);
    }
  });

  it('go page by page over plans, each once', async () => {
    const all = (await own.get('/messages?limit=1000')).json.items.map(
      (item: { message_id: string }) => item.message_id,
    );
    const seen: string[] = [];
    let path = '/messages?limit=2';
    for (;;) {
      const { items, next_cursor } = (await own.get(path)).json;
      seen.push(...items.map((item: { message_id: string }) => item.message_id));
      if (next_cursor === null) break;
      path = `/messages?limit=2&cursor=${next_cursor}`;
    }
    expect(seen).toEqual(all);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('tell their story', async () => {
    const [{ message_id }] = (await own.get(`/plans/${plan.plan_id}/messages`)).json.items;
    const { timeline, ledger, ...message } = (await own.get(`/messages/${message_id}`)).json;
    expect(message).toMatchObject({ message_id, state: 'delivered', to: NUMBERS[0] });
    expect(timeline).toEqual([
      { state: 'accepted', at: expect.any(String) },
      { state: 'dispatching', attempt: 1, channel_id: expect.any(Number), at: expect.any(String) },
      { state: 'submitted', at: expect.any(String) },
      { state: 'delivered', at: expect.any(String) },
    ]);
    const times = timeline.map((step: { at: string }) => step.at);
    expect(times).toEqual([...times].sort());
    const moved = (kind: string) =>
      ledger
        .filter((entry: { kind: string }) => entry.kind === kind)
        .reduce((sum: number, entry: { credits: number }) => sum + entry.credits, 0);
    expect([moved('reserve'), moved('settle'), moved('release')]).toEqual([5, 5, 0]);
    expect(ledger.every((entry: { plan_id: number }) => entry.plan_id === plan.plan_id)).toBe(true);
  });

  it('that are no ids are not found', async () => {
    for (const id of ['1', '99999999999999900000000', '000000000000']) {
      expect((await own.get(`/messages/${id}`)).json.code).toBe('messageNotFound');
    }
    expect((await own.get('/messages/abc')).status).toBe(400);
  });
});

describe("another's", () => {
  it('plans and messages look as if they did not exist; the administrator sees them', async () => {
    const [{ message_id }] = (await own.get(`/plans/${plan.plan_id}/messages`)).json.items;
    for (const path of [`/plans/${plan.plan_id}`, `/plans/${plan.plan_id}/messages`, `/messages/${message_id}`]) {
      expect((await stranger.get(path)).status).toBe(404);
      expect((await root.get(path)).status).toBe(200);
    }
    for (const path of ['/plans', '/messages', `/messages?plan_id=${plan.plan_id}`, `/messages?to=${NUMBERS[0]}`]) {
      expect((await stranger.get(path)).json.items).toEqual([]);
    }
  });

  it('events are not shown; the administrator may ask for all or for one business', async () => {
    const kinds = async (client: Client, query = '') =>
      new Set((await client.get(`/events?limit=1000${query}`)).json.items.map((event: { kind: string }) => event.kind));
    expect([...(await kinds(own))].sort()).toEqual([
      'balance.topped-up',
      'business.changed',
      'message.state',
      'plan.state',
      'signature.changed',
      'signature.review',
      'template.changed',
      'template.review',
    ]);
    expect([...(await kinds(stranger))]).toEqual(['business.changed']);
    expect([...(await kinds(root))]).toContain('channel.changed');
    expect(await kinds(root, `&business_id=${business.businessId}`)).toEqual(await kinds(own));
  });
});

describe('events', () => {
  it('come in order, page by page, and can be followed from an id', async () => {
    const all = (await own.get('/events?limit=1000')).json.items;
    const ids = all.map((event: { id: number }) => event.id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    const first = (await own.get('/events?limit=3')).json;
    const second = (await own.get(`/events?limit=3&cursor=${first.next_cursor}`)).json;
    expect([...first.items, ...second.items]).toEqual(all.slice(0, 6));

    const last = ids.at(-1);
    expect((await own.get(`/events?after=${last}`)).json).toEqual({ items: [], next_cursor: null });
    await own.post('/api-keys', {});
    await until(async () => (await own.get(`/events?after=${last}`)).json.items.length > 0, 'the next event');
    expect((await own.get(`/events?after=${last}`)).json.items).toMatchObject([
      { kind: 'credential.changed', change: 'created' },
    ]);
  });

  it('tell which messages changed', async () => {
    const delivered = (await own.get('/events?limit=1000')).json.items
      .filter(
        (event: { kind: string; state?: string }) => event.kind === 'message.state' && event.state === 'delivered',
      )
      .flatMap((event: { runs: { plan_id: number; from: number; to: number }[] }) => event.runs)
      .filter((run: { plan_id: number }) => run.plan_id === plan.plan_id)
      .reduce((count: number, run: { from: number; to: number }) => count + run.to - run.from + 1, 0);
    expect(delivered).toBe(5);
  });
});

it('the ledger agrees with itself', async () => {
  expect((await root.get('/ledger/check')).json).toEqual({ ok: true, faults: [] });
  expect((await own.get('/balance')).json.reserved).toBe(0);
});
