import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { Account, idIn, newAccount, numbers, OK, rootOf, said, templateOf } from './dialect.ts';

const V1 = ['/v1/signature', '/v1/template', '/v1/message'] as const;
const ROOT_ONLY = ['/v2/signreview', '/v2/tempreview', '/v2/charge'] as const;

/** Every route that takes a body. */
const WITH_BODY: [method: string, path: string][] = [
  ['POST', '/v1/signature'],
  ['PUT', '/v1/signature'],
  ['DELETE', '/v1/signature'],
  ['POST', '/v1/template'],
  ['PUT', '/v1/template'],
  ['DELETE', '/v1/template'],
  ['POST', '/v1/message'],
  ...ROOT_ONLY.map((path): [string, string] => ['POST', path]),
];
const READING: [method: string, path: string][] = V1.map((path) => ['GET', path]);

let house: House;
let account: Account;
let root: Account;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house, 100);
  root = rootOf(house);
});
afterAll(() => house.stop());

describe('who is asking', () => {
  it.each([...WITH_BODY, ...READING])('%s %s: nobody, and nobody known', async (method, path) => {
    expect(said(await house.request(method, path))).toBe('ER:0001');
    const body = method === 'GET' ? {} : { raw: '{' };
    expect(said(await house.request(method, path, { user: 'nobody', password: 'x', ...body }))).toBe('ER:0001');
  });

  it('a wrong password, another case, a header that is no Basic', async () => {
    const { user, password } = account;
    for (const options of [
      { user, password: `${password}x` },
      { user, password: '' },
      { user: user.toUpperCase(), password },
      { user: '', password },
      { headers: { authorization: 'Basic' } },
      { headers: { authorization: 'Basic !!!' } },
      { headers: { authorization: `Bearer ${password}` } },
      { headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` } },
    ]) {
      expect(said(await house.request('GET', '/v1/signature', options))).toBe('ER:0001');
    }
  });

  it('a suspended account, until it is let back in', async () => {
    const owner = await newAccount(house);
    expect(said(await owner.get('/v1/signature'))).toMatch(/^200 /);
    await house.asRoot('POST', `/api/v1/businesses/${owner.user}/suspend`);
    for (const path of V1) expect(said(await owner.get(path))).toBe('ER:0001');
    expect(said(await owner.post('/v2/charge', {}))).toBe('ER:0001');
    await house.asRoot('POST', `/api/v1/businesses/${owner.user}/resume`);
    expect(said(await owner.get('/v1/signature'))).toMatch(/^200 /);
  });

  it('the scheme in any case', async () => {
    const secret = Buffer.from(`${account.user}:${account.password}`).toString('base64');
    for (const scheme of ['Basic', 'basic', 'BASIC']) {
      const headers = { authorization: `${scheme} ${secret}` };
      expect((await house.request('GET', '/v1/signature', { headers })).status).toBe(200);
    }
  });
});

describe('API keys', () => {
  async function keyOf(owner: Account, fields: Record<string, unknown>): Promise<Account & { keyId: number }> {
    const created = await owner.post('/api/v1/api-keys', fields);
    expect(created.status).toBe(201);
    const key = new Account(house, { user: created.json.api_key, password: created.json.api_secret });
    return Object.assign(key, { keyId: created.json.id as number });
  }

  it('work like user name and password', async () => {
    const owner = await newAccount(house, 10);
    const key = await keyOf(owner, {});
    const sender = await key.ready();
    expect((await key.send({ ...sender, mobiles: numbers(1) })).status).toBe(200);
    expect(await owner.items('/v1/signature')).toEqual(await key.items('/v1/signature'));
  });

  const permitted: [permission: string, method: string, path: string][] = [
    ['send', 'POST', '/v1/message'],
    ['read', 'GET', '/v1/message'],
    ['read', 'GET', '/v1/signature'],
    ['read', 'GET', '/v1/template'],
    ['manage', 'POST', '/v1/signature'],
    ['manage', 'PUT', '/v1/signature'],
    ['manage', 'DELETE', '/v1/signature'],
    ['manage', 'POST', '/v1/template'],
    ['manage', 'PUT', '/v1/template'],
    ['manage', 'DELETE', '/v1/template'],
  ];
  it('reach what their permissions name', async () => {
    for (const granted of ['send', 'read', 'manage']) {
      const key = await keyOf(account, { permissions: [granted] });
      for (const [permission, method, path] of permitted) {
        const answer = said(await key.call(method, path));
        expect([method, path, answer === 'ER:0001']).toEqual([method, path, permission !== granted]);
      }
    }
  });

  it("of root's reach the v2 routes, with the permission to manage", async () => {
    const manage = await keyOf(root, { permissions: ['manage'] });
    const send = await keyOf(root, { permissions: ['send', 'read'] });
    const before = await account.available();
    const charge = { user: account.user, charge: 5 };
    expect(said(await send.post('/v2/charge', charge))).toBe('ER:0001');
    expect(said(await manage.post('/v2/charge', charge))).toBe(OK);
    expect(await account.available()).toBe(before + 5);
  });

  it('that are disabled, deleted, expired or used from elsewhere', async () => {
    const owner = await newAccount(house);
    const working = await keyOf(owner, {});
    expect((await working.get('/v1/signature')).status).toBe(200);
    await owner.post(`/api/v1/api-keys/${working.keyId}/disable`, undefined);
    expect(said(await working.get('/v1/signature'))).toBe('ER:0001');
    await owner.post(`/api/v1/api-keys/${working.keyId}/enable`, undefined);
    expect((await working.get('/v1/signature')).status).toBe(200);
    await owner.call('DELETE', `/api/v1/api-keys/${working.keyId}`);
    expect(said(await working.get('/v1/signature'))).toBe('ER:0001');

    const soon = new Date(Date.now() + 2_000).toISOString();
    const expiring = await keyOf(owner, { expires_at: soon });
    const elsewhere = await keyOf(owner, { allowed_addresses: ['192.0.2.0/24'] });
    const here = await keyOf(owner, { allowed_addresses: ['192.0.2.1', '127.0.0.0/8'] });
    expect(said(await elsewhere.get('/v1/signature'))).toBe('ER:0001');
    expect((await here.get('/v1/signature')).status).toBe(200);
    while (Date.now() < Date.parse(soon)) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(said(await expiring.get('/v1/signature'))).toBe('ER:0001');
  });

  it('with a wrong secret', async () => {
    const key = await keyOf(account, {});
    const answer = await house.request('GET', '/v1/signature', { user: key.user, password: `${key.password}x` });
    expect(said(answer)).toBe('ER:0001');
  });
});

describe('root', () => {
  it.each(ROOT_ONLY)('alone may use %s, told before the body is read', async (path) => {
    for (const raw of ['', '{', '[]', '{}']) {
      expect(said(await account.call('POST', path, { raw }))).toBe('ER:0003');
    }
    expect(said(await root.call('POST', path, { raw: '{' }))).toBe('ER:0002');
  });

  it('is an ordinary account on v1, with objects and a balance of its own, from 0', async () => {
    const fresh = await startHouse();
    try {
      const admin = rootOf(fresh);
      expect(await admin.balance()).toEqual({ available: 0, reserved: 0 });
      expect(await admin.items('/v1/signature')).toEqual([]);
      const sender = await admin.ready();
      expect(said(await admin.send({ ...sender, mobiles: numbers(1) }))).toBe('ER:0035');
      await admin.post('/v2/charge', { user: 'root', charge: 1 });
      expect((await admin.send({ ...sender, mobiles: numbers(1) })).status).toBe(200);
      const other = await newAccount(fresh, 1);
      const foreign = await other.ready();
      expect(said(await admin.send({ ...foreign, mobiles: numbers(1) }))).toBe('ER:0023');
      expect(said(await admin.put('/v1/signature', { ...foreign, signature: 'x', source: 'x' }))).toBe('ER:0011');
      expect((await admin.items('/v1/signature')).length).toBe(1);
    } finally {
      await fresh.stop();
    }
  });
});

describe('bodies', () => {
  const noObject = (path: string, method: string) =>
    path === '/v1/template' && method !== 'DELETE' ? 'ER:0021' : 'ER:0004';

  it.each(WITH_BODY)('of %s %s that are missing or no JSON', async (method, path) => {
    expect(said(await root.call(method, path))).toBe('ER:0002');
    for (const raw of [
      '',
      ' ',
      '{',
      '{"a":1',
      '{"a":1}}',
      "{'a':1}",
      '{a:1}',
      'sign_id=1',
      '<a/>',
      'undefined',
      'NaN',
    ]) {
      expect([raw, said(await root.call(method, path, { raw }))]).toEqual([raw, 'ER:0002']);
    }
  });

  it.each(WITH_BODY)('of %s %s that are JSON and no object, or an empty one', async (method, path) => {
    for (const raw of ['null', 'true', '1', '"x"', '[]', '[{"sign_id":1}]', '{}']) {
      const answer = said(await root.call(method, path, { raw }));
      expect([raw, answer]).toEqual([raw, noObject(path, method)]);
    }
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/x-www-form-urlencoded',
    'text/plain',
    'text/html; charset=gbk',
    'application/octet-stream',
    'nonsense',
    ';',
  ])('are read as JSON under content type %j', async (type) => {
    const raw = JSON.stringify({ signature: '签名', source: 'x' });
    const headers = { 'content-type': type };
    idIn(await account.call('POST', '/v1/signature', { raw, headers }), 'sign_id');
    expect(said(await account.call('POST', '/v1/signature', { raw: 'signature=x', headers }))).toBe('ER:0002');
    for (const path of V1.slice(0, 2)) {
      expect((await account.call('GET', path, { headers })).status).toBe(200);
    }
  });

  it('without any content type', async () => {
    const raw = Buffer.from(JSON.stringify({ signature: '签名', source: 'x' }));
    idIn(await account.call('POST', '/v1/signature', { raw }), 'sign_id');
  });

  it('may hold fields nobody knows', async () => {
    const sign_id = await account.signature();
    const extra = { nonsense: { deep: [1, null] }, '': 0, toString: 1 };
    const temp_id = idIn(await account.post('/v1/template', templateOf(sign_id, extra)), 'temp_id');
    expect(said(await root.post('/v2/tempreview', { temp_id, audit_status: 'passed', ...extra }))).toBe(OK);
    const sent = await account.send({ sign_id, temp_id, mobiles: numbers(1), ...extra });
    expect(sent.status).toBe(200);
  });

  it('may repeat a key: the last counts', async () => {
    const raw = '{"signature":"","signature":"后","source":1,"source":"x"}';
    const id = idIn(await account.call('POST', '/v1/signature', { raw }), 'sign_id');
    expect(await account.item('/v1/signature', id)).toMatchObject({ signature: '后' });
    const worse = '{"signature":"前","source":"x","signature":null}';
    expect(said(await account.call('POST', '/v1/signature', { raw: worse }))).toBe('ER:0004');
  });
});

describe('reading', () => {
  it.each(READING)('%s %s ignores a body', async (method, path) => {
    const { uuid } = (await account.send({ ...(await account.ready()), mobiles: numbers(1, 50) })).json;
    const authorization = Buffer.from(`${account.user}:${account.password}`).toString('base64');
    const query = path === '/v1/message' ? `?uuid=${uuid}` : '';
    for (const body of ['{}', '{', 'x=1', '{"__proto__":1}', 'x'.repeat(2_000_000)]) {
      const status = await new Promise((resolve, reject) => {
        const request = httpRequest(`${house.url}${path}${query}`, {
          method,
          headers: { authorization: `Basic ${authorization}`, 'content-length': body.length },
        });
        request.on('error', reject);
        request.on('response', (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        request.end(body);
      });
      expect(status).toBe(200);
    }
  });
});

describe('paths that are not there', () => {
  it.each([
    ['GET', '/v1'],
    ['GET', '/v1/'],
    ['GET', '/v1/nothing'],
    ['POST', '/v1/charge'],
    ['POST', '/v2/message'],
    ['GET', '/v2'],
    ['PATCH', '/v1/signature'],
    ['PUT', '/v1/message'],
    ['DELETE', '/v1/message'],
    ['GET', '/v2/charge'],
    ['PUT', '/v2/signreview'],
    ['OPTIONS', '/v1/template'],
    ['GET', '/v1/signature/'],
    ['GET', '/v1/signature/1'],
    ['GET', '/v1/%zz'],
    ['GET', `/v1/${'x'.repeat(5_000)}`],
    ['GET', '/v1//signature'],
  ])('%s %s', async (method, path) => {
    expect(said(await house.request(method, path))).toBe('ER:0404');
    expect(said(await account.call(method, path))).toBe('ER:0404');
    if (method === 'GET') return;
    expect(said(await account.call(method, path, { raw: '{', headers: { 'content-type': 'application/json' } }))).toBe(
      'ER:0404',
    );
  });
});
