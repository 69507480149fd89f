import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type House, startHouse } from '../house.ts';
import { Account, idIn, newAccount, numbers, rootOf, SIGNS, said, signedBy, TEMPLATES, templateOf } from './dialect.ts';

type Needed = 'read' | 'manage' | 'send';

/** Every route, with what an API key needs for it. Ids are those of nothing. */
const ROUTES: [method: string, path: string, permission: Needed][] = [
  ['GET', '/v1/template-configs', 'read'],
  ['GET', '/v1/template-configs/0', 'read'],
  ['POST', '/v1/template-configs', 'manage'],
  ['PUT', '/v1/template-configs/0', 'manage'],
  ['DELETE', '/v1/template-configs/0', 'manage'],
  ['GET', '/v1/sign-configs', 'read'],
  ['GET', '/v1/sign-configs/0', 'read'],
  ['POST', '/v1/sign-configs', 'manage'],
  ['PUT', '/v1/sign-configs/0', 'manage'],
  ['DELETE', '/v1/sign-configs/0', 'manage'],
  ['POST', '/v1/messages', 'send'],
  ['GET', '/v1/messages/0', 'read'],
  ['GET', '/v1/plans', 'read'],
  ['GET', '/v1/plans/0', 'read'],
  ['GET', '/v1/plans/0/messages', 'read'],
  ['POST', '/v1/plans/0/pause', 'send'],
  ['POST', '/v1/plans/0/resume', 'send'],
  ['POST', '/v1/plans/0/cancel', 'send'],
  ['GET', '/v1/balance', 'read'],
];

/** Routes that read a body, with what each says of one that is none. */
const WITH_BODY: [method: string, path: string, code: number][] = [
  ['POST', '/v1/template-configs', 400],
  ['PUT', '/v1/template-configs/0', 400],
  ['POST', '/v1/sign-configs', 400],
  ['PUT', '/v1/sign-configs/0', 400],
  ['POST', '/v1/messages', 3001],
];

let house: House;
let account: Account;
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house, 100);
});
afterAll(() => house.stop());

async function keyOf(owner: Account, fields: Record<string, unknown>): Promise<Account & { keyId: number }> {
  const created = await owner.post('/api/v1/api-keys', fields);
  expect(created.status).toBe(201);
  const key = new Account(house, { user: created.json.api_key, password: created.json.api_secret });
  return Object.assign(key, { keyId: created.json.id as number });
}

const UNKNOWN = '2001 invalid apikey or apisecret';

describe('who is asking', () => {
  it.each(ROUTES)('%s %s: nobody, and nobody known', async (method, path) => {
    expect(said(await house.request(method, path))).toBe(UNKNOWN);
    const body = method === 'GET' ? {} : { raw: '{' };
    const answer = await house.request(method, path, { user: 'nobody', password: 'x', ...body });
    expect(said(answer)).toBe(UNKNOWN);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
  });

  it('a wrong secret, another case, a header that is no Basic', async () => {
    const { user, password } = account;
    const key = await keyOf(account, {});
    for (const options of [
      { user, password: `${password}x` },
      { user: user.toUpperCase(), password },
      { user: key.user, password: 'x' },
      { user: key.user, password: '' },
      { headers: { authorization: 'Basic' } },
      { headers: { authorization: `Bearer ${password}` } },
    ]) {
      expect(said(await house.request('GET', SIGNS, options))).toBe(UNKNOWN);
    }
  });

  it('an API key, a user name with its password, and root, each with objects of its own', async () => {
    const sign = await account.sign();
    const key = await keyOf(account, {});
    expect(await key.list(SIGNS)).toEqual(await account.list(SIGNS));
    expect(await key.one(SIGNS, sign)).toMatchObject({ sign_id: sign });
    expect(await rootOf(house).list(SIGNS)).toEqual([]);
  });

  it('a key that is disabled, expired or deleted, and a suspended account', async () => {
    const owner = await newAccount(house);
    const key = await keyOf(owner, {});
    await owner.post(`/api/v1/api-keys/${key.keyId}/disable`);
    expect(said(await key.get(SIGNS))).toBe('2002 apikey is disabled');
    await owner.post(`/api/v1/api-keys/${key.keyId}/enable`);
    expect((await key.get(SIGNS)).status).toBe(200);
    const soon = new Date(Date.now() + 1_000).toISOString();
    const expiring = await keyOf(owner, { expires_at: soon });
    while (Date.now() < Date.parse(soon)) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(said(await expiring.get(SIGNS))).toBe('2002 apikey is expired');
    await owner.delete(`/api/v1/api-keys/${key.keyId}`);
    expect(said(await key.get(SIGNS))).toBe(UNKNOWN);
    await house.asRoot('POST', `/api/v1/businesses/${owner.user}/suspend`);
    for (const [method, path] of ROUTES) {
      expect(said(await owner.call(method, path))).toBe('2002 account is suspended');
    }
  });

  it('a key without the permission, or from another address', async () => {
    for (const granted of ['send', 'read', 'manage']) {
      const key = await keyOf(account, { permissions: [granted] });
      for (const [method, path, permission] of ROUTES) {
        const answer = said(await key.call(method, path));
        const refused = `2004 apikey has no permission to ${permission}`;
        expect([method, path, answer === refused]).toEqual([method, path, permission !== granted]);
      }
    }
    const elsewhere = await keyOf(account, { allowed_addresses: ['192.0.2.0/24'] });
    expect(said(await elsewhere.get(SIGNS))).toBe('2004 apikey can not be used from this address');
  });

  it('somebody who fails too often, who is told when to come back', async () => {
    let answer = await house.request('GET', SIGNS, { user: 'guesser', password: 'x' });
    for (let i = 0; i < 25; i++) answer = await house.request('GET', SIGNS, { user: 'guesser', password: `${i}` });
    expect(said(answer)).toBe('429 too many failed logins');
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});

describe('bodies', () => {
  const noObject = 'request body must be a JSON object';

  it.each(WITH_BODY)('of %s %s that are missing, no JSON or no object', async (method, path, code) => {
    expect(said(await account.call(method, path))).toBe(`${code} ${noObject}`);
    for (const raw of [
      '',
      ' ',
      '{',
      '{"a":1',
      "{'a':1}",
      'sign_name=x',
      'undefined',
      'null',
      'true',
      '1',
      '"x"',
      '[]',
    ]) {
      expect([raw, said(await account.call(method, path, { raw }))]).toEqual([raw, `${code} ${noObject}`]);
    }
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'text/plain',
    'application/x-www-form-urlencoded',
    ';',
  ])('are read as JSON under content type %j', async (type) => {
    const raw = JSON.stringify({ sign_name: `under ${type}`.replace(/[[\]]/g, '') });
    idIn(await account.call('POST', SIGNS, { raw, headers: { 'content-type': type } }), 'sign_id');
    for (const path of [SIGNS, TEMPLATES, '/v1/plans', '/v1/balance']) {
      expect((await account.call('GET', path, { headers: { 'content-type': type } })).status).toBe(200);
    }
  });

  it('may repeat a key: the last counts', async () => {
    const raw = '{"sign_name":5,"sign_name":"the last"}';
    const id = idIn(await account.call('POST', SIGNS, { raw }), 'sign_id');
    expect(await account.one(SIGNS, id)).toMatchObject({ sign_name: 'the last' });
  });

  it('are ignored where there is nothing to say, announced or not', async () => {
    const sender = await newAccount(house, 10);
    for (const body of [undefined, '', '{', '{"__proto__":1}', 'x'.repeat(100_000)]) {
      const id = await sender.template();
      const { plan_id } = await sender.sent({
        to: numbers(1, 500),
        template: { id },
        schedule_time: Math.floor(Date.now() / 1000) + 600,
      });
      for (const [method, path] of [
        ['GET', TEMPLATES],
        ['GET', `${TEMPLATES}/${id}`],
        ['GET', '/v1/balance'],
        ['POST', `/v1/plans/${plan_id}/pause`],
        ['POST', `/v1/plans/${plan_id}/resume`],
        ['POST', `/v1/plans/${plan_id}/cancel`],
        ['DELETE', `${TEMPLATES}/${id}`],
      ] as const) {
        expect([method, path, await statusOf(sender, method, path, body)]).toEqual([method, path, 200]);
      }
    }
  });
});

/** The status of a call with exactly this body, under a JSON content type; undefined: no body is announced. */
function statusOf({ user, password }: Account, method: string, path: string, body: string | undefined) {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = {
      authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
      ...(body !== undefined && { 'content-length': body.length }),
    };
    const request = httpRequest(house.url + path, { method, headers });
    request.on('error', reject);
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.end(body ?? '');
  });
}

describe('paths that are not there', () => {
  it.each([
    ['GET', '/v1/template-configs/1/2'],
    ['PATCH', '/v1/template-configs/1'],
    ['PUT', '/v1/template-configs'],
    ['DELETE', '/v1/sign-configs'],
    ['POST', '/v1/sign-configs/1'],
    ['OPTIONS', '/v1/sign-configs'],
    ['GET', '/v1/messages'],
    ['DELETE', '/v1/messages/1'],
    ['POST', '/v1/plans'],
    ['POST', '/v1/plans/1'],
    ['POST', '/v1/plans/1/stop'],
    ['GET', '/v1/plans/1/pause'],
    ['POST', '/v1/balance'],
    ['GET', '/v1/balance/1'],
  ])('%s %s', async (method, path) => {
    expect(said(await house.request(method, path))).toBe('404 not found');
    expect(said(await account.call(method, path))).toBe('404 not found');
    if (method !== 'GET') expect(said(await account.call(method, path, { raw: '{' }))).toBe('404 not found');
  });

  it.each(['/v1/template-config', '/v1/messagesx', '/v1/nothing', '/v1'])('%s is the other dialect’s', async (path) => {
    expect((await account.get(path)).text).toBe('{"error":"ER:0404","message":"not found"}');
  });
});

describe('the other dialect', () => {
  const items = async (path: string): Promise<Record<string, unknown>[]> => (await account.get(path)).json.items;
  const item = async (path: string, id: string) => (await items(path)).find((each) => each.id === id);

  it('shows what was made here, and the other way round, with the same ids', async () => {
    const sign = await account.sign('passed', 'made here');
    const template = await account.template({ template_content: '好', template_type: 'otp', ...signedBy(sign, 2) });
    const bare = await account.template({ template_type: 'marketing' });
    expect(await item('/v1/signature', sign)).toMatchObject({
      signature: 'made here',
      source: '',
      audit_status: 'passed',
    });
    expect(await item('/v1/template', template)).toMatchObject({ type: 1, sign_id: sign, audit_status: 'passed' });
    expect(await item('/v1/template', bare)).toMatchObject({ type: 3, sign_id: '', template: '您好，欢迎。' });

    const made = await account.post('/v1/signature', { signature: 'made there', source: 'official' });
    const there = String(made.json.sign_id);
    expect(await account.one(SIGNS, there)).toMatchObject({ sign_name: 'made there', status: 1 });
    await house.asRoot('POST', '/v2/signreview', {
      sign_id: made.json.sign_id,
      audit_status: 'passed',
      reject_reason: 'fine',
    });
    const other = { name: 'n', template: '测试', type: 2, description: 'd', sign_id: made.json.sign_id };
    const temp = String((await account.post('/v1/template', other)).json.temp_id);
    expect(await account.one(SIGNS, there)).toMatchObject({
      status: 2,
      audit_remark: 'fine',
      related_template_count: 1,
    });
    expect(await account.one(TEMPLATES, temp)).toMatchObject({
      template_name: 'n',
      template_type: 'utility',
      template_content: '测试',
      country_codes: 'CN',
      sign_id: there,
      sign_position: 1,
    });
  });

  it('may repeat a name, which is then taken here', async () => {
    const text = 'twice';
    for (let i = 0; i < 2; i++) await account.post('/v1/signature', { signature: text, source: 's' });
    expect(said(await account.post(SIGNS, { sign_name: text }))).toBe('400 sign_name already exist');
    const own = await account.sign('passed', 'once');
    const edited = await account.call('PUT', '/v1/signature', {
      body: { sign_id: Number(own), signature: text, source: 's' },
    });
    expect(edited.status).toBe(200);
  });

  it('finds again what only it knows after a change here, and the other way round', async () => {
    const { sign_id } = (await account.post('/v1/signature', { signature: 'proof', source: 'licence' })).json;
    const id = String(sign_id);
    await house.asRoot('POST', '/v2/signreview', { sign_id, audit_status: 'passed' });
    const fields = { name: 'n', template: 't', type: 2, description: 'why', sign_id };
    const { temp_id } = (await account.post('/v1/template', fields)).json;
    await house.asRoot('POST', '/v2/tempreview', { temp_id, audit_status: 'passed' });
    await account.put(`${TEMPLATES}/${temp_id}`, templateOf({ country_codes: 'GB', ...signedBy(id, 2) }));
    await account.put(`${SIGNS}/${id}`, { sign_name: 'new proof' });
    expect(await item('/v1/signature', id)).toMatchObject({ signature: 'new proof', source: 'licence' });
    await house.asRoot('POST', '/v2/signreview', { sign_id, audit_status: 'passed' });
    await house.asRoot('POST', '/v2/tempreview', { temp_id, audit_status: 'passed' });
    await account.call('PUT', '/v1/template', { body: { ...fields, temp_id } });
    expect(await account.one(TEMPLATES, String(temp_id))).toMatchObject({ country_codes: 'GB', sign_position: 2 });
  });

  it('cannot send a template without signature', async () => {
    const sign = await account.sign();
    const bare = await account.template();
    const body = { sign_id: Number(sign), temp_id: Number(bare), mobiles: numbers(1, 600) };
    const answer: Answer = await account.call('POST', '/v1/message', { body });
    expect(answer.json.error).toBe('ER:0024');
  });
});
