import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Client, type Login, nativeClients, rootOf } from './client.ts';

let house: House;
let as: (login: Login) => Client;
let root: Client;
let business: TestBusiness;
let own: Client;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness();
  own = as(business);
});
afterAll(() => house?.stop());

const loginOf = (key: { api_key: string; api_secret: string }): Client =>
  as({ user: key.api_key, password: key.api_secret });

describe('creating API keys', () => {
  it('shows the secret once and never again', async () => {
    const created = await own.post('/api-keys', { description: 'billing', permissions: ['read'] });
    expect(created.status).toBe(201);
    expect(created.json).toEqual({
      id: expect.any(Number),
      business_id: business.businessId,
      api_key: expect.stringMatching(/^sk_[A-Za-z0-9_-]{22}$/),
      api_secret: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      description: 'billing',
      permissions: ['read'],
      state: 'active',
      expires_at: null,
      allowed_addresses: [],
      created_at: expect.any(String),
      last_used_at: null,
    });
    const { api_secret, ...shown } = created.json;
    const list = await own.get('/api-keys');
    expect(list.json.items).toContainEqual(shown);
    expect(list.text).not.toContain(api_secret);
    expect((await loginOf(created.json).get('/me')).json.permissions).toEqual(['read']);
  });

  it('the administrator creates them for others', async () => {
    const key = (await root.post('/api-keys', { business_id: business.businessId })).json;
    expect((await loginOf(key).get('/me')).json).toMatchObject({ user: business.user, admin: false });
    const listed = (await root.get(`/api-keys?business_id=${business.businessId}`)).json.items;
    expect(listed.map((item: { id: number }) => item.id)).toContain(key.id);
  });

  it('a business creates none for others', async () => {
    const other = await house.createBusiness();
    expect((await own.post('/api-keys', { business_id: other.businessId })).status).toBe(404);
    expect((await as(other).get('/api-keys')).json.items).toEqual([]);
  });

  it.each([
    [{ permissions: [] }, 'permissions'],
    [{ permissions: ['read', 'read'] }, 'permissions'],
    [{ permissions: ['everything'] }, 'permissions.0'],
    [{ expires_at: 'tomorrow' }, 'expires_at'],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ expires_at: '2030-13-01T00:00:00Z' }, 'expires_at'],
    [{ allowed_addresses: ['192.0.2.1', '192.0.2.0/33'] }, 'allowed_addresses.1'],
    [{ allowed_addresses: ['example.com'] }, 'allowed_addresses.0'],
    [{ allowed_addresses: ['2001:db8::/129'] }, 'allowed_addresses.0'],
    [{ description: 'x'.repeat(201) }, 'description'],
    [{ secret: 'mine' }, 'secret'],
  ])('refuses %j', async (body, field) => {
    const answer = await own.post('/api-keys', body);
    expect(answer.status).toBe(400);
    expect(answer.json.field).toBe(field);
  });
});

describe('what a key may do', () => {
  it('read looks, manage changes, send does neither', async () => {
    const keys = new Map<string, Client>();
    for (const permission of ['read', 'manage', 'send']) {
      keys.set(permission, loginOf((await own.post('/api-keys', { permissions: [permission] })).json));
    }
    const statuses = async (path: string, change: boolean) => {
      const answers: number[] = [];
      for (const client of keys.values()) {
        answers.push((await (change ? client.post(path, { permissions: ['everything'] }) : client.get(path))).status);
      }
      return answers;
    };
    expect(await statuses('/balance', false)).toEqual([200, 403, 403]);
    expect(await statuses('/me', false)).toEqual([200, 200, 200]);
    // 400 is from the body: who asks has been let in.
    expect(await statuses('/api-keys', true)).toEqual([403, 400, 403]);
  });

  it('nobody hands out more than they hold', async () => {
    const manager = loginOf((await own.post('/api-keys', { permissions: ['manage'] })).json);
    const answer = await manager.post('/api-keys', { permissions: ['manage', 'send'] });
    expect(answer.status).toBe(403);
    expect(answer.json.code).toBe('permissionMissing');
    expect((await manager.post('/api-keys', { permissions: ['manage'] })).status).toBe(201);
  });

  it('only from its addresses', async () => {
    const here = (await own.post('/api-keys', { allowed_addresses: ['127.0.0.0/8', '::1'] })).json;
    const elsewhere = (await own.post('/api-keys', { allowed_addresses: ['192.0.2.0/24'] })).json;
    expect((await loginOf(here).get('/me')).status).toBe(200);
    const answer = await loginOf(elsewhere).get('/me');
    expect(answer.status).toBe(403);
    expect(answer.json.code).toBe('addressNotAllowed');
  });

  it('shows when it expires', async () => {
    const key = (await own.post('/api-keys', { expires_at: '2099-01-31T12:00:00+08:00' })).json;
    expect(key.expires_at).toBe('2099-01-31T04:00:00.000Z');
    expect((await loginOf(key).get('/me')).status).toBe(200);
  });
});

describe('changing a key', () => {
  it('changes what is given, at once, and nothing else', async () => {
    const made = (await own.post('/api-keys', { description: 'old', permissions: ['read'] })).json;
    const { api_secret: _, ...shown } = made;
    const client = loginOf(made);
    expect((await client.get('/balance')).status).toBe(200);
    const path = `/api-keys/${made.id}`;
    expect((await own.patch(path, {})).json).toMatchObject({ ...shown, last_used_at: null });
    expect((await own.patch(path, { description: 'new' })).json).toMatchObject({ ...shown, description: 'new' });
    const moved = { permissions: ['manage', 'send'], allowed_addresses: ['192.0.2.1', '2001:db8::/32'] };
    expect((await own.patch(path, moved)).json).toMatchObject({
      description: 'new',
      permissions: ['send', 'manage'],
      allowed_addresses: moved.allowed_addresses,
    });
    expect((await client.get('/me')).json.code).toBe('addressNotAllowed');
    await own.patch(path, { allowed_addresses: [] });
    expect((await client.get('/balance')).json.code).toBe('permissionMissing');
    expect((await client.get('/me')).json.permissions).toEqual(['send', 'manage']);
    const limited = await own.patch(path, { expires_at: '2099-01-31T12:00:00Z' });
    expect(limited.json.expires_at).toBe('2099-01-31T12:00:00.000Z');
    expect((await own.patch(path, { expires_at: null })).json.expires_at).toBeNull();
    expect(JSON.stringify(limited.json)).not.toContain(made.api_secret);
    expect((await client.get('/me')).status).toBe(200);
  });

  it('refuses what creating refuses', async () => {
    const { id } = (await own.post('/api-keys', {})).json;
    for (const [body, field] of [
      [{ permissions: [] }, 'permissions'],
      [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
      [{ allowed_addresses: ['example.com'] }, 'allowed_addresses.0'],
      [{ description: null }, 'description'],
      [{ state: 'disabled' }, 'state'],
    ] as const) {
      const answer = await own.patch(`/api-keys/${id}`, body);
      expect([answer.status, answer.json.field]).toEqual([400, field]);
    }
  });

  it('is for its business, and for those who hold what they give', async () => {
    const { id } = (await own.post('/api-keys', { permissions: ['read'] })).json;
    const stranger = as(await house.createBusiness());
    expect((await stranger.patch(`/api-keys/${id}`, { description: 'mine' })).json.code).toBe('credentialNotFound');
    const manager = loginOf((await own.post('/api-keys', { permissions: ['manage'] })).json);
    expect((await manager.patch(`/api-keys/${id}`, { permissions: ['send'] })).json.code).toBe('permissionMissing');
    expect((await manager.patch(`/api-keys/${id}`, { permissions: ['manage'] })).status).toBe(200);
  });
});

describe('a key that was used', () => {
  it('says when, after a stop too', async () => {
    const used = (await own.post('/api-keys', {})).json;
    const unused = (await own.post('/api-keys', {})).json;
    const before = Date.now();
    expect((await loginOf(used).get('/me')).status).toBe(200);
    await house.terminate();
    await house.start();
    const items: { id: number; last_used_at: string | null }[] = (await own.get('/api-keys?limit=1000')).json.items;
    const lastUse = (id: number) => items.find((item) => item.id === id)!.last_used_at;
    expect(Date.parse(lastUse(used.id)!)).toBeGreaterThanOrEqual(before);
    expect(lastUse(unused.id)).toBeNull();
  });
});

describe('behind a proxy', () => {
  const from = async (at: House, forwarded: string | null, key: { api_key: string; api_secret: string }) => {
    const headers: Record<string, string> = forwarded === null ? {} : { 'x-forwarded-for': forwarded };
    const asked = { user: key.api_key, password: key.api_secret, headers };
    return (await at.request('GET', '/api/v1/me', asked)).json.code ?? 'let in';
  };

  it('the header counts only when the proxy is trusted, and then its last address that is no proxy', async () => {
    const key = (await own.post('/api-keys', { allowed_addresses: ['192.0.2.0/24', '2001:db8::/32'] })).json;
    expect(await from(house, '192.0.2.7', key)).toBe('addressNotAllowed');

    const env = { SIGNET_TRUSTED_PROXIES: '127.0.0.1,198.51.100.0/24' };
    const trusting = await startHouse({ simulator: false, env });
    try {
      const body = { allowed_addresses: ['192.0.2.0/24', '2001:db8::/32'] };
      const { json } = await trusting.asRoot('POST', '/api/v1/api-keys', body);
      for (const [forwarded, answer] of [
        ['192.0.2.7', 'let in'],
        ['::ffff:192.0.2.7', 'let in'],
        ['2001:db8::7', 'let in'],
        ['203.0.113.9, 192.0.2.7, 198.51.100.3', 'let in'],
        // What the caller wrote itself stands before what the proxy saw.
        ['192.0.2.7, 203.0.113.9', 'addressNotAllowed'],
        ['203.0.113.9', 'addressNotAllowed'],
        ['unknown', 'addressNotAllowed'],
        ['', 'addressNotAllowed'],
        [null, 'addressNotAllowed'],
      ] as const) {
        expect([forwarded, await from(trusting, forwarded, json)]).toEqual([forwarded, answer]);
      }
    } finally {
      await trusting.stop();
    }
  });
});

describe('taking keys back', () => {
  it('a disabled key is worth nothing at once, an enabled one works again', async () => {
    const key = (await own.post('/api-keys', {})).json;
    const client = loginOf(key);
    expect((await client.get('/me')).status).toBe(200);
    expect((await own.post(`/api-keys/${key.id}/disable`)).json.state).toBe('disabled');
    const refused = await client.get('/me');
    expect(refused.status).toBe(401);
    expect(refused.json.code).toBe('credentialDisabled');
    expect((await own.post(`/api-keys/${key.id}/enable`)).json.state).toBe('active');
    expect((await client.get('/me')).status).toBe(200);
  });

  it('a deleted key is gone', async () => {
    const key = (await own.post('/api-keys', {})).json;
    const client = loginOf(key);
    expect((await client.get('/me')).status).toBe(200);
    expect((await own.delete(`/api-keys/${key.id}`)).status).toBe(204);
    expect((await client.get('/me')).status).toBe(401);
    expect((await own.delete(`/api-keys/${key.id}`)).status).toBe(404);
  });

  it("another's key looks as if it did not exist", async () => {
    const key = (await own.post('/api-keys', {})).json;
    const stranger = as(await house.createBusiness());
    for (const answer of [
      await stranger.post(`/api-keys/${key.id}/disable`),
      await stranger.post(`/api-keys/${key.id}/enable`),
      await stranger.delete(`/api-keys/${key.id}`),
    ]) {
      expect(answer.status).toBe(404);
      expect(answer.json.code).toBe('credentialNotFound');
    }
    expect((await loginOf(key).get('/me')).status).toBe(200);
    expect((await root.post(`/api-keys/${key.id}/disable`)).status).toBe(200);
  });

  it('lists them page by page', async () => {
    const keyed = as(await house.createBusiness());
    for (let i = 0; i < 3; i++) await keyed.post('/api-keys', { description: `key ${i}` });
    const first = (await keyed.get('/api-keys?limit=2')).json;
    const second = (await keyed.get(`/api-keys?limit=2&cursor=${first.next_cursor}`)).json;
    const descriptions = [...first.items, ...second.items].map((item) => item.description);
    expect(descriptions).toEqual(['key 0', 'key 1', 'key 2']);
    expect(second.next_cursor).toBeNull();
  });
});
