import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type House, startHouse, type TestBusiness } from '../house.ts';
import { type Client, nativeClients, readContract, resolved, rootOf } from './client.ts';

/** Every route of the native API, and who may call it. */
const ROUTES = {
  everyone: [
    'GET /me',
    'GET /balance',
    'GET /statement',
    'GET /businesses/{business}',
    'POST /businesses/{business}/password',
    'POST /businesses/{business}/time-zone',
    'GET /businesses/{business}/statement',
    'GET /api-keys',
    'POST /api-keys',
    'POST /api-keys/{id}/disable',
    'POST /api-keys/{id}/enable',
    'PATCH /api-keys/{id}',
    'DELETE /api-keys/{id}',
    'GET /plans',
    'GET /plans/{id}',
    'GET /plans/{id}/messages',
    'GET /plans/{id}/messages.csv',
    'POST /plans',
    'POST /plans/price',
    'GET /plans/{id}/draft',
    'GET /plans/{id}/rejected',
    'POST /plans/{id}/confirm',
    'DELETE /plans/{id}',
    'POST /plans/{id}/pause',
    'POST /plans/{id}/resume',
    'POST /plans/{id}/cancel',
    'GET /messages',
    'GET /messages/{id}',
    'GET /inbound',
    'GET /inbound/{id}',
    'POST /inbound/{id}/assign',
    'GET /inbound-numbers',
    'GET /keywords',
    'POST /keywords',
    'DELETE /keywords/{id}',
    'GET /opt-outs',
    'GET /opt-outs.csv',
    'POST /opt-outs',
    'POST /opt-outs/remove',
    'GET /opt-outs/{to}',
    'DELETE /opt-outs/{to}',
    'GET /blacklist',
    'GET /blacklist.csv',
    'POST /blacklist',
    'POST /blacklist/remove',
    'GET /blacklist/{to}',
    'DELETE /blacklist/{to}',
    'GET /opt-words',
    'POST /opt-words',
    'GET /signatures',
    'GET /signatures/{id}',
    'POST /signatures',
    'PATCH /signatures/{id}',
    'DELETE /signatures/{id}',
    'POST /pictures',
    'GET /pictures/{id}',
    'GET /templates',
    'GET /templates/{id}',
    'POST /templates',
    'PATCH /templates/{id}',
    'DELETE /templates/{id}',
    'POST /businesses/{business}/low-balance',
    'GET /events',
    'GET /live',
    'GET /webhooks',
    'POST /webhooks',
    'GET /webhooks/{id}',
    'PATCH /webhooks/{id}',
    'DELETE /webhooks/{id}',
    'POST /webhooks/{id}/disable',
    'POST /webhooks/{id}/enable',
    'GET /webhooks/{id}/deliveries',
    'GET /webhooks/{id}/deliveries/{delivery}',
    'GET /statement.csv',
    'GET /businesses/{business}/statement.csv',
    'GET /businesses/{business}/openings',
    'GET /figures',
    'GET /overview',
    'GET /figures.csv',
    'GET /prices',
    'GET /prices/quote',
    'GET /system',
    'GET /roles',
    'GET /audit',
    'GET /members',
    'POST /members',
    'GET /members/{id}',
    'PATCH /members/{id}',
    'DELETE /members/{id}',
    'POST /members/{id}/reset-password',
    'GET /invites',
    'POST /invites',
    'DELETE /invites/{id}',
  ],
  session: [
    'GET /session',
    'DELETE /session',
    'POST /session/password',
    'POST /session/totp',
    'POST /session/totp/confirm',
    'DELETE /session/totp',
    'GET /sessions',
    'DELETE /sessions/{id}',
  ],
  admin: [
    'GET /businesses',
    'POST /businesses',
    'POST /businesses/{business}/suspend',
    'POST /businesses/{business}/resume',
    'POST /businesses/{business}/top-up',
    'POST /businesses/{business}/correction',
    'POST /businesses/{business}/weight',
    'GET /channels',
    'GET /channels/{id}/facts',
    'GET /channels/{id}/log',
    'POST /channels',
    'GET /channels/{id}',
    'PATCH /channels/{id}',
    'DELETE /channels/{id}',
    'POST /channels/{id}/enable',
    'POST /channels/{id}/callback/renew',
    'POST /channels/{id}/preview',
    'POST /channels/{id}/test',
    'POST /channels/{id}/disable',
    'GET /routes',
    'POST /routes',
    'GET /routes/explain',
    'GET /routes/figures',
    'GET /routes/{id}',
    'PATCH /routes/{id}',
    'DELETE /routes/{id}',
    'GET /channels/{id}/costs',
    'POST /channels/{id}/costs',
    'DELETE /channel-costs/{id}',
    'POST /businesses/{business}/pay-on-delivery',
    'POST /figures/rebuild',
    'POST /channels/{id}/cdr',
    'GET /cdr-comparisons/{id}/differences',
    'GET /cdr-comparisons/{id}/differences.csv',
    'GET /price-rows',
    'POST /price-rows',
    'DELETE /price-rows/{id}',
    'POST /inbound-numbers',
    'DELETE /inbound-numbers/{id}',
    'GET /reports',
    'GET /orphan-reports',
    'GET /review-queue',
    'POST /signatures/{id}/review',
    'POST /templates/{id}/review',
    'GET /ledger/check',
    'GET /settings',
    'GET /tasks',
    'GET /tasks/{id}',
    'POST /tasks/{id}/retry',
    'POST /tasks/{id}/requeue',
    'POST /tasks/{id}/revoke',
    'GET /workers',
    'GET /queues',
    'GET /queues/{name}/history',
    'POST /queues/{name}/pause',
    'POST /queues/{name}/resume',
  ],
  nobody: ['GET /openapi.json', 'POST /session', 'POST /invites/accept'],
};

let house: House;
let root: Client;
let business: TestBusiness;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  root = (await nativeClients(house))(rootOf(house));
  business = await house.createBusiness();
});
afterAll(() => house?.stop());

const asPath = (route: string) => `/api/v1${route.split(' ')[1]!.replace(/\{[a-z]+\}/g, '1')}`;

function expectProblem(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, body: answer.json }).toEqual({
    status,
    body: {
      type: `urn:signet:problem:${code}`,
      title: expect.any(String),
      status,
      detail: expect.any(String),
      code,
      ...(code === 'invalidField' && { field: expect.any(String) }),
    },
  });
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
}

describe('the OpenAPI document', () => {
  it('needs no login and lists every route, and no other', async () => {
    const answer = await house.request('GET', '/api/v1/openapi.json');
    expect(answer.status).toBe(200);
    const { openapi, servers, paths } = answer.json;
    expect(openapi).toBe('3.1.0');
    expect(servers).toEqual([{ url: '/api/v1' }]);
    const listed = Object.entries<object>(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(listed.sort()).toEqual(Object.values(ROUTES).flat().sort());
  });

  it('is whole: ids are unique, parameters declared, references lead somewhere', async () => {
    const { document } = await readContract(house);
    const ids = new Set<string>();
    for (const [path, item] of Object.entries<Record<string, never>>(document.paths)) {
      for (const operation of Object.values<Record<string, never>>(item)) {
        const { operationId, summary, tags, parameters = [], responses } = resolved(document, operation);
        expect(ids.has(operationId)).toBe(false);
        ids.add(operationId);
        expect(summary).toMatch(/^[A-Z`]/);
        expect(tags).toHaveLength(1);
        expect(Object.keys(responses).filter((status) => status.startsWith('2'))).toHaveLength(1);
        const declared = parameters.filter((parameter: { in: string }) => parameter.in === 'path');
        expect(declared.map((parameter: { name: string }) => `{${parameter.name}}`)).toEqual(
          path.match(/\{[a-z]+\}/g) ?? [],
        );
      }
    }
    expect(document.components.schemas).toHaveProperty('Problem');
  });
});

describe('who may ask', () => {
  it.each([...ROUTES.everyone, ...ROUTES.admin])('%s wants a login', async (route) => {
    const answer = await house.request(route.split(' ')[0]!, asPath(route));
    expectProblem(answer, 401, 'badCredentials');
    expect(answer.headers.get('www-authenticate')).toBe('Basic realm="signet"');
  });

  it.each(ROUTES.session)('%s wants a session', async (route) => {
    const [method, path] = [route.split(' ')[0]!, asPath(route)];
    expectProblem(await house.request(method, path), 401, 'sessionOver');
    expectProblem(await house.request(method, path, business), 401, 'sessionOver');
  });

  it.each(ROUTES.admin)('%s is for the administrator only', async (route) => {
    expectProblem(await house.request(route.split(' ')[0]!, asPath(route), business), 403, 'adminOnly');
  });

  it('refuses a wrong password, and a login it cannot read', async () => {
    expectProblem(await house.request('GET', '/api/v1/me', { ...business, password: 'wrong' }), 401, 'badCredentials');
    const headers = { authorization: 'Bearer abc' };
    expectProblem(await house.request('GET', '/api/v1/me', { headers }), 401, 'badCredentials');
  });
});

describe('saying no', () => {
  const asRoot = (method: string, path: string, raw?: string, type = 'application/json') =>
    house.request(method, path, {
      ...rootOf(house),
      ...(raw !== undefined && { raw, headers: { 'content-type': type } }),
    });

  it('an unknown route', async () => {
    expectProblem(await asRoot('GET', '/api/v1/nothing'), 404, 'pathNotFound');
    expectProblem(await house.request('GET', '/nothing'), 404, 'pathNotFound');
  });

  it('a route asked in another way', async () => {
    const answer = await asRoot('PUT', '/api/v1/businesses');
    expectProblem(answer, 405, 'methodNotAllowed');
    expect(answer.headers.get('allow')).toBe('GET, POST');
  });

  it('a body that is not JSON', async () => {
    expectProblem(await asRoot('POST', '/api/v1/businesses', '{"name":'), 400, 'bodyNotJson');
    expectProblem(await asRoot('POST', '/api/v1/businesses', 'name=a', 'text/plain'), 415, 'unsupportedMediaType');
  });

  it('a body over 1 MB', async () => {
    const body = JSON.stringify({ name: 'a'.repeat(1 << 20) });
    expectProblem(await asRoot('POST', '/api/v1/businesses', body), 413, 'bodyTooLarge');
  });

  it.each([
    ['a misspelt field', '{"nmae":"acme"}', 'nmae'],
    ['a missing field', '{}', 'name'],
    ['no body', '', 'name'],
    ['null', 'null', 'body'],
    ['a list', '[]', 'body'],
    ['a string for a number', '{"name":"acme","credits":"1"}', 'credits'],
    ['a fraction', '{"name":"acme","credits":1.5}', 'credits'],
    ['a number without end', '{"name":"acme","credits":1e400}', 'credits'],
    ['a negative number', '{"name":"acme","credits":-1}', 'credits'],
    ['null for a text', '{"name":null}', 'name'],
    ['an object for a text', '{"name":{"a":1}}', 'name'],
    ['a number for a truth', '{"name":"acme","api_key":1}', 'api_key'],
    ['__proto__', '{"name":"acme","__proto__":{"admin":true}}', '__proto__'],
    ['constructor', '{"name":"acme","constructor":{"prototype":{}}}', 'constructor'],
    ['NUL', '{"name":"acme","password":"\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"}', 'password'],
    ['half a surrogate pair', '{"name":"acme","password":"password\\ud83d"}', 'password'],
    ['a short password', '{"name":"acme","password":"1234567"}', 'password'],
    ['a long password', `{"name":"acme","password":"${'p'.repeat(201)}"}`, 'password'],
    ['a country that is none', '{"name":"acme","default_country":"ZZ"}', 'default_country'],
    ['deep nesting', `{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'name'],
    [
      'many unknown fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, i]))),
      'f0',
    ],
  ])('a business from %s', async (_what, body, field) => {
    const answer = await asRoot('POST', '/api/v1/businesses', body);
    expectProblem(answer, 400, 'invalidField');
    expect(answer.json.field).toBe(field);
    expect((await root.get('/businesses/acme')).status).toBe(404);
  });

  it('the last of two fields of one name counts', async () => {
    const answer = await asRoot('POST', '/api/v1/businesses', '{"name":"twice-a","name":"twice-b"}');
    expect(answer.status).toBe(201);
    expect(answer.json.user).toBe('twice-b');
  });

  it.each([
    '/businesses?limit=0',
    '/businesses?limit=1001',
    '/businesses?limit=ten',
    '/businesses?limit=1&limit=2',
    '/businesses?cursor=@',
    '/businesses?cursor=bm9wZQ',
    '/businesses?page=2',
    '/plans?state=staged',
    '/plans?business_id=0',
    '/plans/zero',
    '/messages?to=hello',
    '/messages?state=lost',
    '/events?after=-1',
    '/businesses/%00',
  ])('a query or path that does not fit: %s', async (path) => {
    expectProblem(await asRoot('GET', `/api/v1${path}`), 400, 'invalidField');
  });

  it.each([
    ['/api/v1/businesses/%ZZ', 400, 'badUrl'],
    ['/%ZZ', 400, 'badUrl'],
    ['/v1/sign-configs/%ZZ', 400, 400],
    ['/v1/%ZZ', 404, 'ER:0404'],
  ])('a path that cannot be read: %s', async (path, status, code) => {
    const { status: answered, body } = await askByHand(path);
    expect(answered).toBe(status);
    expect(body.code ?? body.error).toBe(code);
  });

  /** Sends a path as it is; fetch would mend it. */
  function askByHand(path: string): Promise<{ status: number; body: { code?: string; error?: string } }> {
    return new Promise((resolve, reject) => {
      const asking = request({ host: '127.0.0.1', port: house.port, path }, async (answer) => {
        let text = '';
        for await (const chunk of answer) text += chunk;
        resolve({ status: answer.statusCode!, body: JSON.parse(text) });
      });
      asking.on('error', reject).end();
    });
  }
});

describe('routes for operators', () => {
  it('/ tells where things are', async () => {
    const answer = await house.request('GET', '/');
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ name: 'signet', native_api: '/api/v1', openapi: '/api/v1/openapi.json' });
  });

  it('/healthz and /readyz, also by HEAD', async () => {
    expect((await house.request('GET', '/healthz')).json).toEqual({ status: 'ok' });
    const { status, parts } = (await house.request('GET', '/readyz')).json;
    expect(status).toBe('ready');
    expect(Object.keys(parts)).toEqual(['store', 'queue', 'redis']);
    expect(parts.store).toEqual({ kind: expect.stringMatching(/^(sqlite|mysql)$/), state: 'reachable' });
    expect(parts.redis).toEqual({ kind: 'none', state: 'none' });
    expect((await house.request('HEAD', '/readyz')).status).toBe(200);
  });

  it('/metrics counts requests by route and status, and names nobody', async () => {
    await root.get(`/businesses/${business.user}`);
    const answer = await house.request('GET', '/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.text).toMatch(
      /^signet_http_requests_total\{dialect="native",method="GET",route="\/api\/v1\/businesses\/:business",status="200"\} [1-9]/m,
    );
    expect(answer.text).toMatch(/^signet_http_request_duration_seconds_bucket\{.*le="\+Inf"\} [1-9]/m);
    expect(answer.text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m);
    expect(answer.text).not.toContain(business.user);
  });

  it('/api/v1/system tells version, start and readiness to any account', async () => {
    const { json } = await house.request('GET', '/api/v1/system', business);
    expect(json).toMatchObject({ simulator: true, ready: true, version: expect.any(String) });
  });
});
