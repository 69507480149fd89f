import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Client, type Login, nativeClients, rootOf } from './client.ts';

let house: House;
let as: (login: Login) => Client;
let root: Client;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  as = await nativeClients(house);
  root = as(rootOf(house));
});
afterAll(() => house?.stop());

describe('the weight of a business', () => {
  it('is set by the administrator', async () => {
    await root.post('/businesses', { name: 'heavy', password: 'correct horse' });
    expect((await root.get('/businesses/heavy')).json.weight).toBe(1);
    const set = await root.post('/businesses/heavy/weight', { weight: 5 });
    expect([set.status, set.json.weight]).toEqual([200, 5]);
    for (const weight of [0, 101, 1.5, '2']) {
      expect((await root.post('/businesses/heavy/weight', { weight })).status).toBe(400);
    }
    const heavy = as({ user: 'heavy', password: 'correct horse' });
    expect((await heavy.post('/businesses/heavy/weight', { weight: 9 })).status).toBe(403);
    expect((await root.get('/businesses/heavy')).json.weight).toBe(5);
  });
});

describe('opening a business', () => {
  it('takes a name, a password, credits and a country', async () => {
    const body = { name: 'acme', password: 'correct horse', credits: 500, default_country: 'GB' };
    const created = await root.post('/businesses', body);
    expect(created.status).toBe(201);
    expect(created.json).toEqual({
      business_id: expect.any(Number),
      user: 'acme',
      state: 'active',
      admin: false,
      available: 500,
      reserved: 0,
      low_balance: null,
      default_country: 'GB',
      weight: 1,
      time_zone: 'UTC',
      pay_on_delivery: false,
      created_at: expect.any(String),
    });
    expect(created.headers.get('cache-control')).toBe('no-store');
    const acme = as({ user: 'acme', password: 'correct horse' });
    expect((await acme.get('/me')).json).toEqual({
      business_id: created.json.business_id,
      user: 'acme',
      admin: false,
      permissions: ['send', 'manage', 'read'],
    });
    expect((await acme.get('/balance')).json).toEqual({ available: 500, reserved: 0 });
  });

  it('makes up a password and an API key, and shows them only then', async () => {
    const created = (await root.post('/businesses', { name: 'generated', api_key: true })).json;
    expect((await as({ user: 'generated', password: created.password }).get('/me')).status).toBe(200);
    const byKey = as({ user: created.api_key, password: created.api_secret });
    expect((await byKey.get('/me')).json).toMatchObject({ user: 'generated', permissions: ['send', 'manage', 'read'] });
    const [{ text: shown }, { text: keys }] = await Promise.all([
      root.get('/businesses/generated'),
      byKey.get('/api-keys'),
    ]);
    expect(shown).not.toContain(created.password);
    expect(keys).toContain(created.api_key);
    expect(keys).not.toContain(created.api_secret);
  });

  it('takes a password of 200 characters that are long on the wire', async () => {
    const password = '🔑'.repeat(200);
    await root.post('/businesses', { name: 'long-password', password });
    expect((await as({ user: 'long-password', password }).get('/me')).status).toBe(200);
  });

  it('refuses a name that is taken, and nothing of it remains', async () => {
    await root.post('/businesses', { name: 'taken' });
    const again = await root.post('/businesses', { name: 'taken', credits: 5, api_key: true });
    expect(again.status).toBe(409);
    expect(again.json.code).toBe('businessNameTaken');
    expect((await root.get('/businesses/taken')).json.available).toBe(0);
    expect(
      (await root.get(`/api-keys?business_id=${(await root.get('/businesses/taken')).json.business_id}`)).json.items,
    ).toEqual([]);
  });
});

describe('looking at businesses', () => {
  it('lists all, page by page, each once', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) await root.post('/businesses', { name });
    const seen: number[] = [];
    let path = '/businesses?limit=2';
    for (;;) {
      const { items, next_cursor } = (await root.get(path)).json;
      expect(items.length).toBeLessThanOrEqual(2);
      seen.push(...items.map((item: { business_id: number }) => item.business_id));
      if (next_cursor === null) break;
      path = `/businesses?limit=2&cursor=${next_cursor}`;
    }
    const all = (await root.get('/businesses?limit=1000')).json.items;
    expect(seen).toEqual(all.map((item: { business_id: number }) => item.business_id));
    expect(new Set(seen).size).toBe(seen.length);
    expect(all.map((item: { user: string }) => item.user)).toContain('root');
  });

  it('finds one by id and by user name', async () => {
    const { businessId, user } = await house.createBusiness();
    expect((await root.get(`/businesses/${businessId}`)).json.user).toBe(user);
    expect((await root.get(`/businesses/${user}`)).json.business_id).toBe(businessId);
    expect((await root.get('/businesses/nobody')).json.code).toBe('businessNotFound');
  });

  it('a business sees itself; others look as if they did not exist', async () => {
    const [mine, other] = [await house.createBusiness(), await house.createBusiness({ credits: 3 })];
    const me = as(mine);
    expect((await me.get(`/businesses/${mine.user}`)).json.business_id).toBe(mine.businessId);
    const missing = await me.get('/businesses/999999');
    for (const path of [`/businesses/${other.businessId}`, `/businesses/${other.user}`]) {
      const answer = await me.get(path);
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual(missing.json);
    }
    expect((await me.get(`/businesses/${other.businessId}/statement`)).status).toBe(404);
    expect((await me.post(`/businesses/${other.businessId}/password`, { password: 'taken over' })).status).toBe(404);
    for (const list of ['plans', 'messages', 'signatures', 'templates', 'api-keys', 'events']) {
      expect((await me.get(`/${list}?business_id=${other.businessId}`)).status).toBe(404);
      expect((await me.get(`/${list}?business_id=${mine.businessId}`)).status).toBe(200);
      expect((await root.get(`/${list}?business_id=999999`)).status).toBe(404);
    }
  });
});

describe('suspending', () => {
  it('shuts the door at once, for password and key, and resuming opens it', async () => {
    const business = await house.createBusiness();
    const byPassword = as(business);
    const key = (await byPassword.post('/api-keys', {})).json;
    const byKey = as({ user: key.api_key, password: key.api_secret });
    // Both are remembered as verified before the change.
    expect((await byPassword.get('/me')).status).toBe(200);
    expect((await byKey.get('/me')).status).toBe(200);

    expect((await root.post(`/businesses/${business.user}/suspend`)).json.state).toBe('suspended');
    for (const client of [byPassword, byKey]) {
      const answer = await client.get('/me');
      expect(answer.status).toBe(403);
      expect(answer.json.code).toBe('businessSuspended');
    }
    expect((await root.post(`/businesses/${business.businessId}/resume`)).json.state).toBe('active');
    expect((await byPassword.get('/me')).status).toBe(200);
    expect((await byKey.get('/me')).status).toBe(200);
  });

  it('spares the administrator', async () => {
    expect((await root.post('/businesses/root/suspend')).status).toBe(400);
    expect((await root.get('/me')).status).toBe(200);
  });

  it('needs a business', async () => {
    expect((await root.post('/businesses/nobody/suspend')).status).toBe(404);
  });
});

describe('passwords', () => {
  it('the administrator gives a new one; the old one is worth nothing at once', async () => {
    const business = await house.createBusiness();
    expect((await as(business).get('/me')).status).toBe(200);
    const answer = await root.post(`/businesses/${business.user}/password`, { password: 'another password' });
    expect(answer.json).toEqual({ business_id: business.businessId, user: business.user });
    expect((await as(business).get('/me')).status).toBe(401);
    expect((await as({ ...business, password: 'another password' }).get('/me')).status).toBe(200);
  });

  it('a business changes its own, or has one made up', async () => {
    const business = await house.createBusiness();
    const { json } = await as(business).post(`/businesses/${business.businessId}/password`);
    expect((await as({ ...business, password: json.password }).get('/me')).status).toBe(200);
  });

  it('an API key that may not do everything must not set one', async () => {
    const business = await house.createBusiness();
    const key = (await as(business).post('/api-keys', { permissions: ['manage', 'read'] })).json;
    const byKey = as({ user: key.api_key, password: key.api_secret });
    const answer = await byKey.post(`/businesses/${business.businessId}/password`, { password: 'taken over' });
    expect(answer.status).toBe(403);
    expect(answer.json.code).toBe('permissionMissing');
    expect((await as(business).get('/me')).status).toBe(200);
  });
});

describe('credits', () => {
  let business: TestBusiness;
  beforeAll(async () => {
    business = await house.createBusiness({ credits: 100 });
  });

  it('are added, corrected, and stand in the statement, newest first', async () => {
    const path = `/businesses/${business.user}`;
    expect((await root.post(`${path}/top-up`, { credits: 50, reason: 'invoice 7' })).json.available).toBe(150);
    expect((await root.post(`${path}/correction`, { credits: -30, reason: 'typing mistake' })).json.available).toBe(
      120,
    );
    const own = (await as(business).get('/statement')).json;
    expect(own.items).toMatchObject([
      {
        kind: 'correction',
        credits: -30,
        available_after: 120,
        reserved_after: 0,
        reason: 'typing mistake',
        plan_id: null,
      },
      { kind: 'top-up', credits: 50, available_after: 150, reason: 'invoice 7' },
      { kind: 'top-up', credits: 100, available_after: 100 },
    ]);
    expect((await root.get(`${path}/statement`)).json).toEqual(own);
    const first = (await root.get(`${path}/statement?limit=2`)).json;
    const second = (await root.get(`${path}/statement?limit=2&cursor=${first.next_cursor}`)).json;
    expect([...first.items, ...second.items]).toEqual(own.items);
    expect(second.next_cursor).toBeNull();
  });

  it.each([
    ['top-up', { credits: 7, reason: 'invoice 8' }],
    ['correction', { credits: -7, reason: 'typed twice' }],
  ])('a %s that is asked for again with its key moves nothing more', async (verb, body) => {
    const path = `/businesses/${business.user}`;
    const asked = { ...rootOf(house), body, headers: { 'idempotency-key': `key of a ${verb}` } };
    const ask = (more = {}) => house.request('POST', `/api/v1${path}/${verb}`, { ...asked, ...more });
    const before = (await root.get(path)).json.available;
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await root.get(path)).json.available).toBe(before + body.credits);
    expect((await root.get(`${path}/statement?limit=2`)).json.items.map(({ reason }: typeof body) => reason)).toEqual([
      body.reason,
      expect.not.stringMatching(body.reason),
    ]);
    const { items } = (await root.get('/audit?limit=2')).json;
    expect(items.filter(({ after }: { after: typeof body }) => after?.reason === body.reason)).toHaveLength(1);
    const other = await ask({ body: { ...body, credits: 9 } });
    expect(other.json.code).toBe('idempotencyMismatch');
  });

  it.each([0, -1, 1.5, 1_000_000_000_001, '5', null])('a top-up of %s is refused', async (credits) => {
    const before = (await as(business).get('/balance')).json;
    const answer = await root.post(`/businesses/${business.user}/top-up`, { credits });
    expect(answer.status).toBe(400);
    expect(answer.json.field).toBe('credits');
    expect((await as(business).get('/balance')).json).toEqual(before);
  });

  it('a correction needs a reason, an amount, and enough credits', async () => {
    const path = `/businesses/${business.user}/correction`;
    expect((await root.post(path, { credits: 1 })).json.field).toBe('reason');
    expect((await root.post(path, { credits: 1, reason: '  ' })).json.field).toBe('reason');
    expect((await root.post(path, { credits: 0, reason: 'none' })).json.field).toBe('credits');
    const tooMuch = await root.post(path, { credits: -1_000_000, reason: 'too much' });
    expect(tooMuch.status).toBe(409);
    expect(tooMuch.json.code).toBe('balanceTooLow');
  });

  it('have no opening before a month has ended', async () => {
    const openings = await as(business).get(`/businesses/${business.user}/openings`);
    expect(openings.json).toEqual({ items: [], next_cursor: null });
  });

  it('agree with the ledger', async () => {
    expect((await root.get('/ledger/check')).json).toEqual({ ok: true, faults: [] });
  });
});
