import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../domain/credential.ts';
import { type Refusal, Refused } from '../../domain/refusals.ts';
import { createLogger } from '../../lib/log.ts';
import type { HttpDeps } from '../deps.ts';
import { engagelab } from './engagelab.ts';

/** What the doubles standing in for the house do in a test. */
interface Scene {
  fails: unknown;
  refusesSending: Refusal | null;
  done: string[];
}

let scene: Scene;
let app: FastifyInstance;

beforeEach(async () => {
  scene = { fails: null, refusesSending: null, done: [] };
  const act = async (name: string) => {
    if (scene.fails !== null) throw scene.fails;
    scene.done.push(name);
    return { id: 5, planId: 6, total: 1, accepted: 1 };
  };
  const deps = {
    desk: { do: act, ask: act },
    authenticator: {
      authenticate: async () => ({ businessId: 9, admin: false, permissions: PERMISSIONS, defaultCountry: 'CN' }),
    },
    log: createLogger('silent'),
    limits: { sendBodyBytes: 4_000, bodyBytes: 2_000, maxRecipients: 10, banTestAsWord: false },
    stopping: () => false,
    admitSending() {
      if (scene.refusesSending !== null) throw new Refused(scene.refusesSending);
    },
  } as unknown as HttpDeps;
  app = Fastify({ exposeHeadRoutes: false });
  app.register(engagelab, deps);
  await app.ready();
});
afterEach(() => app.close());

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

const CONFIG: [Method, string, object?][] = [
  ['POST', '/v1/sign-configs', { sign_name: 'name' }],
  ['DELETE', '/v1/template-configs/1'],
];
const SENDING: [Method, string, object?][] = [
  ['POST', '/v1/messages', { to: ['+8613800138000'], template: { id: '1' } }],
  ['POST', '/v1/plans/1/pause'],
];

function call([method, url, body]: [Method, string, object?]) {
  return app.inject({ method, url, ...(body !== undefined && { payload: JSON.stringify(body) }) });
}

/** Status, code and message of each answer, which must be the same for all the routes. */
async function said(routes: [Method, string, object?][]): Promise<unknown[]> {
  const answers = await Promise.all(routes.map(call));
  const short = answers.map((answer) => [answer.statusCode, ...Object.values(answer.json())]);
  for (const each of short) expect(each).toEqual(short[0]);
  return short[0]!;
}

describe('a refusal is said with the codes of its routes', () => {
  it.each<[Refusal, unknown[], unknown[]]>([
    [{ code: 'signatureNotFound' }, [400, 400], [400, 4001]],
    [{ code: 'templateInUse' }, [400, 400], [400, 3003]],
    [{ code: 'invalidField', field: 'start_at', rule: 'soon' }, [400, 400], [400, 3002]],
    [{ code: 'frequencyExceeded', recipient: 8613800138000 }, [400, 400], [400, 3004]],
    [{ code: 'idempotencyMismatch' }, [422, 422], [422, 3003]],
    [{ code: 'businessSuspended' }, [401, 2002], [401, 2002]],
    [{ code: 'permissionMissing', permission: 'send' }, [403, 2004], [403, 2004]],
  ])('%j', async (refusal, config, sending) => {
    scene.fails = new Refused(refusal);
    const ofConfig = await said(CONFIG);
    const ofSending = await said(SENDING);
    expect([ofConfig.slice(0, 2), ofSending.slice(0, 2)]).toEqual([config, sending]);
    expect(ofConfig[2]).toEqual(expect.stringMatching(/\w/));
    expect(ofConfig[2]).toBe(ofSending[2]);
  });

  it('with the dialect’s name for the field', async () => {
    scene.fails = new Refused({ code: 'invalidField', field: 'start_at', rule: 'soon' });
    expect(await said(SENDING)).toEqual([400, 3002, 'schedule_time: soon']);
  });
});

describe('when the house is in trouble', () => {
  it.each<[Refusal, number]>([
    [{ code: 'overloaded', retryAfterS: 2 }, 429],
    [{ code: 'diskFull', retryAfterS: 30 }, 503],
    [{ code: 'storeAway', retryAfterS: 5 }, 503],
    [{ code: 'outcomeUnknown', retryAfterS: 5 }, 503],
  ])('%j says when to come back', async (refusal, status) => {
    scene.refusesSending = refusal;
    const answer = await call(SENDING[0]!);
    expect([answer.statusCode, answer.json().code]).toEqual([status, status]);
    expect(answer.headers['retry-after']).toBe(String('retryAfterS' in refusal && refusal.retryAfterS));
    expect(scene.done).toEqual([]);
    scene.fails = new Refused(refusal);
    expect((await said(CONFIG)).slice(0, 2)).toEqual([status, status]);
    expect((await said(SENDING)).slice(0, 2)).toEqual([status, status]);
  });

  it('a defect says nothing about itself', async () => {
    scene.fails = new Error('SQLITE_IOERR at /secret/path');
    expect((await call(CONFIG[0]!)).body).toBe('{"code":500,"message":"Internal server error"}');
    expect(await said(CONFIG)).toEqual([500, 500, 'Internal server error']);
    expect(await said(SENDING)).toEqual([500, 1000, 'Internal server error']);
  });
});
