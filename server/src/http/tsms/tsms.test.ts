import { METHODS } from 'node:http';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PERMISSIONS, type Permission } from '../../domain/credential.ts';
import { type Refusal, Refused } from '../../domain/refusals.ts';
import { createLogger } from '../../lib/log.ts';
import type { HttpDeps } from '../deps.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import { tsms } from './tsms.ts';

/** What the doubles standing in for the house do in a test. */
interface Scene {
  /** Thrown by the desk. */
  fails: unknown;
  refusesLogin: Refusal | null;
  refusesSending: Refusal | null;
  admin: boolean;
  permissions: readonly Permission[];
  /** What lists hold. */
  items: unknown[];
  /** What was handed in, in order. */
  done: { verb: string; input: unknown }[];
}

let scene: Scene;
let app: FastifyInstance;

const SEND = { sign_id: 1, temp_id: 2, mobiles: ['13800138000'] };
const TEMPLATE = { name: 'n', template: 't', type: 1, description: 'd', sign_id: 1 };

beforeEach(async () => {
  scene = {
    fails: null,
    refusesLogin: null,
    refusesSending: null,
    admin: true,
    permissions: PERMISSIONS,
    items: [],
    done: [],
  };
  const deps = {
    desk: {
      async do(verb: string, input: unknown) {
        if (scene.fails !== null) throw scene.fails;
        scene.done.push({ verb, input });
        return { id: 5, planId: 6, uuid: 'a-uuid', accepted: 1 };
      },
      async ask() {
        if (scene.fails !== null) throw scene.fails;
        return { items: scene.items, total: scene.items.length };
      },
    },
    authenticator: {
      async authenticate() {
        if (scene.refusesLogin !== null) throw new Refused(scene.refusesLogin);
        return {
          businessId: 9,
          businessName: 'b',
          admin: scene.admin,
          credentialId: null,
          permissions: scene.permissions,
          defaultCountry: 'CN',
        };
      },
    },
    log: createLogger('silent'),
    trustedProxies: [],
    limits: { sendBodyBytes: 4_000, bodyBytes: 2_000, maxRecipients: 10 },
    stopping: () => false,
    admitSending() {
      if (scene.refusesSending !== null) throw new Refused(scene.refusesSending);
    },
  } as unknown as HttpDeps;
  app = Fastify({ exposeHeadRoutes: false });
  app.register(tsms, deps);
  await app.ready();
});
afterEach(() => app.close());

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

async function call(method: Method, url: string, body?: unknown, headers: Record<string, string> = {}) {
  const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const response = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return response;
}

async function said(method: Method, url: string, body?: unknown, headers?: Record<string, string>): Promise<string> {
  const response = await call(method, url, body, headers);
  if (response.statusCode === 200) return 'ok';
  const { error, message, ...rest } = response.json<{ error: ErrorCode; message: string }>();
  expect(rest).toEqual({});
  expect(message).toBe(ERRORS[error].message);
  return response.statusCode === ERRORS[error].status ? error : `${response.statusCode} ${error}`;
}

describe('refusals in the words of each route', () => {
  const cases: [Method, string, unknown, Refusal, ErrorCode][] = [
    ['PUT', '/v1/signature', { sign_id: 1, signature: 's', source: 's' }, { code: 'signatureNotFound' }, 'ER:0011'],
    ['PUT', '/v1/signature', { sign_id: 1, signature: 's', source: 's' }, { code: 'signatureInReview' }, 'ER:0011'],
    ['PUT', '/v1/signature', { sign_id: 1, signature: 's', source: 's' }, { code: 'signatureInUse' }, 'ER:0011'],
    ['DELETE', '/v1/signature', { sign_id: 1 }, { code: 'signatureNotFound' }, 'ER:0012'],
    ['DELETE', '/v1/signature', { sign_id: 1 }, { code: 'signatureInUse' }, 'ER:0012'],
    ['DELETE', '/v1/signature', { sign_id: 1 }, { code: 'signatureNamedByTemplate' }, 'ER:0012'],
    ['POST', '/v2/signreview', { sign_id: 1, audit_status: 'passed' }, { code: 'signatureNotFound' }, 'ER:0004'],
    ['POST', '/v2/signreview', { sign_id: 1, audit_status: 'passed' }, { code: 'signatureInUse' }, 'ER:0013'],
    ['POST', '/v1/template', TEMPLATE, { code: 'signatureNotFound' }, 'ER:0023'],
    ['POST', '/v1/template', TEMPLATE, { code: 'signatureNotApproved' }, 'ER:0031'],
    ['PUT', '/v1/template', { ...TEMPLATE, temp_id: 1 }, { code: 'signatureNotFound' }, 'ER:0023'],
    ['PUT', '/v1/template', { ...TEMPLATE, temp_id: 1 }, { code: 'templateNotFound' }, 'ER:0024'],
    ['PUT', '/v1/template', { ...TEMPLATE, temp_id: 1 }, { code: 'templateInReview' }, 'ER:0025'],
    ['PUT', '/v1/template', { ...TEMPLATE, temp_id: 1 }, { code: 'templateInUse' }, 'ER:0025'],
    ['PUT', '/v1/template', { ...TEMPLATE, temp_id: 1 }, { code: 'signatureNotApproved' }, 'ER:0031'],
    ['DELETE', '/v1/template', { sign_id: 1, temp_id: 1 }, { code: 'signatureNotFound' }, 'ER:0023'],
    ['DELETE', '/v1/template', { sign_id: 1, temp_id: 1 }, { code: 'templateNotFound' }, 'ER:0024'],
    ['DELETE', '/v1/template', { sign_id: 1, temp_id: 1 }, { code: 'templateNotOfSignature' }, 'ER:0024'],
    ['DELETE', '/v1/template', { sign_id: 1, temp_id: 1 }, { code: 'templateInUse' }, 'ER:0025'],
    ['POST', '/v2/tempreview', { temp_id: 1, audit_status: 'rejected' }, { code: 'templateNotFound' }, 'ER:0004'],
    ['POST', '/v2/tempreview', { temp_id: 1, audit_status: 'rejected' }, { code: 'templateInUse' }, 'ER:0025'],
    ['POST', '/v1/message', SEND, { code: 'signatureNotFound' }, 'ER:0023'],
    ['POST', '/v1/message', SEND, { code: 'templateNotFound' }, 'ER:0024'],
    ['POST', '/v1/message', SEND, { code: 'templateNotOfSignature' }, 'ER:0024'],
    ['POST', '/v1/message', SEND, { code: 'signatureNotApproved' }, 'ER:0031'],
    ['POST', '/v1/message', SEND, { code: 'templateNotApproved' }, 'ER:0032'],
    ['POST', '/v1/message', SEND, { code: 'variableMissing', name: 'x' }, 'ER:0004'],
    ['POST', '/v1/message', SEND, { code: 'textTooLong', segments: 256 }, 'ER:0004'],
    ['POST', '/v1/message', SEND, { code: 'frequencyExceeded', recipient: 8_613_800_138_000 }, 'ER:0036'],
    ['POST', '/v1/message', SEND, { code: 'balanceTooLow', needed: 1, available: 0 }, 'ER:0035'],
    ['POST', '/v1/message', SEND, { code: 'idempotencyMismatch' }, 'ER:0004'],
    ['POST', '/v1/message', SEND, { code: 'businessSuspended' }, 'ER:0001'],
    ['POST', '/v2/charge', { user: 'u', charge: 1 }, { code: 'businessNotFound' }, 'ER:0004'],
    ['POST', '/v2/charge', { user: 'u', charge: 1 }, { code: 'balanceLimit' }, 'ER:0004'],
  ];

  it.each(cases)('%s %s %j: %j is %s', async (method, url, body, refusal, expected) => {
    scene.fails = new Refused(refusal);
    expect(await said(method, url, body)).toBe(expected);
  });
});

describe('logins', () => {
  it.each<Refusal>([
    { code: 'badCredentials' },
    { code: 'businessSuspended' },
    { code: 'credentialDisabled' },
    { code: 'credentialExpired' },
    { code: 'addressNotAllowed' },
  ])('%j is ER:0001', async (refusal) => {
    scene.refusesLogin = refusal;
    expect(await said('GET', '/v1/signature')).toBe('ER:0001');
  });

  it('too often failed come back later', async () => {
    scene.refusesLogin = { code: 'tooManyLogins', retryAfterS: 17 };
    const response = await call('POST', '/v1/message', SEND);
    expect(response.statusCode).toBe(429);
    expect(response.headers['retry-after']).toBe('17');
    expect(response.json()).toEqual({ error: 'ER:0429', message: 'too many requests' });
  });

  const needed: [Method, string, Permission][] = [
    ['POST', '/v1/message', 'send'],
    ['GET', '/v1/message', 'read'],
    ['GET', '/v1/signature', 'read'],
    ['GET', '/v1/template', 'read'],
    ['POST', '/v1/signature', 'manage'],
    ['PUT', '/v1/signature', 'manage'],
    ['DELETE', '/v1/signature', 'manage'],
    ['POST', '/v1/template', 'manage'],
    ['PUT', '/v1/template', 'manage'],
    ['DELETE', '/v1/template', 'manage'],
    ['POST', '/v2/signreview', 'manage'],
    ['POST', '/v2/tempreview', 'manage'],
    ['POST', '/v2/charge', 'manage'],
  ];
  it.each(needed)('%s %s needs %s', async (method, url, permission) => {
    scene.permissions = PERMISSIONS.filter((each) => each !== permission);
    expect(await said(method, url)).toBe('ER:0001');
    scene.permissions = [permission];
    expect(await said(method, url)).not.toBe('ER:0001');
  });

  it.each(['/v2/signreview', '/v2/tempreview', '/v2/charge'])(
    '%s is for root, before its body is looked at',
    async (url) => {
      scene.admin = false;
      expect(await said('POST', url, 'no json')).toBe('ER:0003');
      scene.permissions = ['send'];
      expect(await said('POST', url, 'no json')).toBe('ER:0001');
    },
  );
});

describe('when the house is in trouble', () => {
  it.each<[Refusal, string]>([
    [{ code: 'overloaded', retryAfterS: 2 }, 'ER:0429'],
    [{ code: 'diskFull', retryAfterS: 30 }, 'ER:0503'],
    [{ code: 'storeAway', retryAfterS: 5 }, 'ER:0503'],
    [{ code: 'outcomeUnknown', retryAfterS: 5 }, 'ER:0503'],
  ])('%j says when to come back', async (refusal, expected) => {
    scene.refusesSending = refusal;
    const response = await call('POST', '/v1/message', SEND);
    expect(response.json()).toEqual({ error: expected, message: ERRORS[expected as ErrorCode].message });
    expect(response.headers['retry-after']).toBe(String('retryAfterS' in refusal && refusal.retryAfterS));
    expect(scene.done).toEqual([]);
    scene.fails = new Refused(refusal);
    expect(await said('GET', '/v1/signature')).toBe(expected);
  });

  it('a defect says nothing about itself', async () => {
    scene.fails = new Error('SQLITE_IOERR at /secret/path');
    const response = await call('POST', '/v1/message', SEND);
    expect(response.statusCode).toBe(500);
    expect(response.body).toBe('{"error":"ER:0500","message":"internal error"}');
  });
});

describe('paths', () => {
  it.each([
    '/v1',
    '/v2',
    '/v1/',
    '/v1/nothing',
    '/v2/signature',
    '/v1/charge',
    '/v1/signature/',
    '/v1/signature/1',
    '/V1x',
  ])('%s is not there for any method', async (url) => {
    if (!/^\/v[12](\/|$)/.test(url)) return;
    for (const method of METHODS) {
      if (method === 'CONNECT') continue;
      const response = await app.inject({
        method: method as 'GET',
        url,
        headers: { 'content-type': 'a/b' },
        payload: '{',
      });
      expect([method, response.statusCode]).toEqual([method, 404]);
      if (method !== 'HEAD') expect(response.body).toBe('{"error":"ER:0404","message":"not found"}');
    }
  });

  it.each([
    ['/v1/signature', ['GET', 'POST', 'PUT', 'DELETE']],
    ['/v1/template', ['GET', 'POST', 'PUT', 'DELETE']],
    ['/v1/message', ['GET', 'POST']],
    ['/v2/signreview', ['POST']],
    ['/v2/tempreview', ['POST']],
    ['/v2/charge', ['POST']],
  ])('%s takes only %j', async (url, methods) => {
    for (const method of METHODS) {
      if (method === 'CONNECT') continue;
      const response = await app.inject({ method: method as 'GET', url });
      expect([method, response.statusCode === 404]).toEqual([method, !methods.includes(method)]);
    }
  });
});

describe('bodies', () => {
  it.each<[Method, string, ErrorCode]>([
    ['POST', '/v1/signature', 'ER:0004'],
    ['PUT', '/v1/signature', 'ER:0004'],
    ['DELETE', '/v1/signature', 'ER:0004'],
    ['POST', '/v1/template', 'ER:0021'],
    ['PUT', '/v1/template', 'ER:0021'],
    ['DELETE', '/v1/template', 'ER:0004'],
    ['POST', '/v2/signreview', 'ER:0004'],
    ['POST', '/v2/tempreview', 'ER:0004'],
    ['POST', '/v1/message', 'ER:0004'],
    ['POST', '/v2/charge', 'ER:0004'],
  ])('of %s %s: missing, no JSON, no object, hostile', async (method, url, noObject) => {
    expect(await said(method, url)).toBe('ER:0002');
    for (const text of ['', '{', 'null,', '\ufeff{}'])
      expect([text, await said(method, url, text)]).toEqual([text, 'ER:0002']);
    for (const text of ['null', '[]', '1', '"x"', 'true', '{}', '[{}]']) {
      expect([text, await said(method, url, text)]).toEqual([text, noObject]);
    }
    for (const text of ['{"__proto__":1}', '{"a":"\\u0000"}', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`]) {
      expect([text, await said(method, url, text)]).toEqual([text, 'ER:0004']);
    }
    expect(scene.done).toEqual([]);
  });

  it('over the limit are refused, on the route that sends later than elsewhere', async () => {
    const filled = (length: number) => JSON.stringify(SEND).padEnd(length);
    expect(await said('POST', '/v1/message', filled(4_000))).toBe('ok');
    expect(await said('POST', '/v1/message', filled(4_001))).toBe('413 ER:0004');
    expect(await said('POST', '/v1/template', JSON.stringify(TEMPLATE).padEnd(2_000))).toBe('ok');
    expect(await said('POST', '/v1/template', JSON.stringify(TEMPLATE).padEnd(2_001))).toBe('413 ER:0004');
  });
});

describe('objects made through the other dialect', () => {
  const template = {
    id: 4,
    businessId: 9,
    placement: 'none',
    name: 'n',
    text: 't',
    description: '',
    countryCodes: 'CN',
    review: 'approved',
    rejectReason: '',
    version: 1,
    createdAt: 1_999,
    updatedAt: 2_000,
  };

  it('a template without signature shows an empty sign_id', async () => {
    scene.items = [{ ...template, signatureId: null, category: 'notification' }];
    expect((await call('GET', '/v1/template')).json().items).toEqual([
      {
        id: '4',
        name: 'n',
        audit_status: 'passed',
        reject_reason: '',
        type: 2,
        sign_id: '',
        template: 't',
        created_at: '1',
        updated_at: '2',
      },
    ]);
  });

  it.each([
    ['verification', 1],
    ['notification', 2],
    ['marketing', 3],
  ])('%s shows as type %d', async (category, type) => {
    scene.items = [{ ...template, signatureId: 1, category }];
    expect((await call('GET', '/v1/template')).json().items).toMatchObject([{ type, sign_id: '1' }]);
  });

  it('an edit leaves placement, country codes and pics to whoever knows them', async () => {
    await call('PUT', '/v1/template', { ...TEMPLATE, temp_id: 4 });
    expect(scene.done.pop()?.input).toMatchObject({ fields: { placement: null, countryCodes: null } });
    await call('PUT', '/v1/signature', { sign_id: 1, signature: 's', source: 's' });
    expect(scene.done.pop()?.input).toMatchObject({ pics: null });
  });
});
