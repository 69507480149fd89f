import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type House, startHouse } from '../house.ts';

// What an API key may do, on every route of every dialect. The keys are root's, so that no other rule comes first; what
// is asked names nothing there is, so that nothing is changed.

const PERMISSIONS = ['send', 'manage', 'read'] as const;
type Permission = (typeof PERMISSIONS)[number];

/** Routes of the two published dialects. */
const ROUTES: [Permission, string, string][] = [
  ['manage', 'POST', '/v1/signature'],
  ['read', 'GET', '/v1/signature'],
  ['manage', 'PUT', '/v1/signature'],
  ['manage', 'DELETE', '/v1/signature'],
  ['manage', 'POST', '/v2/signreview'],
  ['manage', 'POST', '/v1/template'],
  ['read', 'GET', '/v1/template'],
  ['manage', 'PUT', '/v1/template'],
  ['manage', 'DELETE', '/v1/template'],
  ['manage', 'POST', '/v2/tempreview'],
  ['send', 'POST', '/v1/message'],
  ['read', 'GET', '/v1/message'],
  ['manage', 'POST', '/v2/charge'],
  ['read', 'GET', '/v1/sign-configs'],
  ['read', 'GET', '/v1/sign-configs/999999'],
  ['manage', 'POST', '/v1/sign-configs'],
  ['manage', 'PUT', '/v1/sign-configs/999999'],
  ['manage', 'DELETE', '/v1/sign-configs/999999'],
  ['read', 'GET', '/v1/template-configs'],
  ['read', 'GET', '/v1/template-configs/999999'],
  ['manage', 'POST', '/v1/template-configs'],
  ['manage', 'PUT', '/v1/template-configs/999999'],
  ['manage', 'DELETE', '/v1/template-configs/999999'],
  ['send', 'POST', '/v1/messages'],
  ['read', 'GET', '/v1/messages/999999'],
  ['read', 'GET', '/v1/plans'],
  ['read', 'GET', '/v1/plans/999999'],
  ['read', 'GET', '/v1/plans/999999/messages'],
  ['send', 'POST', '/v1/plans/999999/pause'],
  ['send', 'POST', '/v1/plans/999999/resume'],
  ['send', 'POST', '/v1/plans/999999/cancel'],
  ['read', 'GET', '/v1/balance'],
];

/** Native routes whose permission is not that of their method. */
const OTHERWISE: Record<string, Permission | null> = {
  'GET /plans/{id}/draft': 'send',
  'GET /plans/{id}/rejected': 'send',
  'GET /me': null,
  'GET /roles': null,
  'GET /audit': 'manage',
  'POST /invites/accept': null,
  'POST /session': null,
  'GET /session': null,
  'DELETE /session': null,
  'POST /session/password': null,
  'POST /session/totp': null,
  'POST /session/totp/confirm': null,
  'DELETE /session/totp': null,
  'GET /sessions': null,
  'DELETE /sessions/{id}': null,
  'GET /system': null,
  'POST /plans': 'send',
  'POST /plans/price': 'send',
  'DELETE /plans/{id}': 'send',
  'POST /plans/{id}/confirm': 'send',
  'POST /plans/{id}/pause': 'send',
  'POST /plans/{id}/resume': 'send',
  'POST /plans/{id}/cancel': 'send',
};

interface Key {
  id: number;
  user: string;
  password: string;
}

let house: House;
const keys = new Map<Permission, Key>();

async function newKey(fields: Record<string, unknown>): Promise<Key> {
  const { status, json } = await house.asRoot('POST', '/api/v1/api-keys', fields);
  expect(status).toBe(201);
  return { id: json.id, user: json.api_key, password: json.api_secret };
}

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  for (const permission of PERMISSIONS) keys.set(permission, await newKey({ permissions: [permission] }));
});
afterAll(() => house?.stop());

/** Whether an answer says that the key lacks the permission, in the dialect's own words. */
const isForbidden = ({ status, json }: Answer): boolean =>
  json?.code === 'permissionMissing' || json?.error === 'ER:0001' || (status === 403 && json?.code === 2004);

async function allowed(method: string, path: string): Promise<Permission[]> {
  const may: Permission[] = [];
  for (const [permission, key] of keys) {
    const answer = await house.request(method, path, {
      ...key,
      ...(method !== 'GET' && { body: { no_such_field: 1 } }),
    });
    if (!isForbidden(answer)) may.push(permission);
    expect([method, path, answer.status]).not.toEqual([method, path, 500]);
  }
  return may;
}

describe('a key with one permission', () => {
  it.each(ROUTES)('%s: %s %s', async (permission, method, path) => {
    expect(await allowed(method, path)).toEqual([permission]);
  });

  it('reaches those native routes that ask for it', async () => {
    const { json: document } = await house.request('GET', '/api/v1/openapi.json');
    const found: [string, Permission[]][] = [];
    const expected: [string, Permission[]][] = [];
    for (const [path, operations] of Object.entries(document.paths as Record<string, object>)) {
      for (const method of Object.keys(operations).filter((name) => name !== 'parameters')) {
        const route = `${method.toUpperCase()} ${path}`;
        if (route === 'GET /openapi.json') continue;
        const byMethod = method === 'get' ? 'read' : 'manage';
        const permission = route in OTHERWISE ? OTHERWISE[route] : byMethod;
        expected.push([route, permission == null ? [...PERMISSIONS] : [permission]]);
        found.push([route, await allowed(method.toUpperCase(), `/api/v1${path.replace(/\{[a-z_]+\}/g, '999999')}`)]);
      }
    }
    expect(found).toEqual(expected);
    expect(found.length).toBeGreaterThan(35);
  });
});

describe('a key that is refused', () => {
  /** What each dialect says to the key: tsms, EngageLab, native. */
  const said = async (key: Key) => [
    (await house.request('GET', '/v1/signature', key)).json.error,
    (await house.request('GET', '/v1/sign-configs', key)).json.code,
    (await house.request('GET', '/v1/balance', key)).json.code,
    (await house.request('GET', '/api/v1/me', key)).json.code,
  ];
  const words = async (key: Key) => (await house.request('GET', '/v1/sign-configs', key)).json.message as string;

  it('is told why, as far as each dialect tells', async () => {
    const disabled = await newKey({});
    await house.asRoot('POST', `/api/v1/api-keys/${disabled.id}/disable`);
    const elsewhere = await newKey({ allowed_addresses: ['192.0.2.0/24', '2001:db8::/32'] });
    const wrong = { ...(await newKey({})), password: 'wrong' };
    const business = await house.createBusiness();
    const suspended = await house.asRoot('POST', '/api/v1/api-keys', { business_id: business.businessId });
    const ofSuspended = { id: 0, user: suspended.json.api_key, password: suspended.json.api_secret };
    await house.asRoot('POST', `/api/v1/businesses/${business.businessId}/suspend`);

    expect(await said(disabled)).toEqual(['ER:0001', 2002, 2002, 'credentialDisabled']);
    expect(await said(elsewhere)).toEqual(['ER:0001', 2004, 2004, 'addressNotAllowed']);
    expect(await said(wrong)).toEqual(['ER:0001', 2001, 2001, 'badCredentials']);
    expect(await said(ofSuspended)).toEqual(['ER:0001', 2002, 2002, 'businessSuspended']);
    const all = await Promise.all([disabled, elsewhere, wrong, ofSuspended, keys.get('send')!].map(words));
    expect(new Set(all).size).toBe(5);
  });

  it('expires while it is in use', async () => {
    const key = await newKey({ expires_at: new Date(Date.now() + 1_500).toISOString() });
    let answer = await said(key);
    for (const end = Date.now() + 60_000; answer[3] === undefined && Date.now() < end; ) answer = await said(key);
    expect(answer.slice(-1)).toEqual(['credentialExpired']);
    expect(await said(key)).toEqual(['ER:0001', 2002, 2002, 'credentialExpired']);
  });
});
