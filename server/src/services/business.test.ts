import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { openSender, type Sender } from '../../test/traffic.ts';
import { sha256 } from '../lib/random.ts';
import type { VerbInput } from './desk.ts';
import type { ActorRef } from './verb.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 10 });
  await desk.newEvents();
  desk.notices.length = 0;
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const create = (change: Partial<VerbInput<'createBusiness'>> = {}) =>
  desk.do('createBusiness', {
    actor: ADMIN,
    name: 'acme',
    passwordHash: 'hash',
    defaultCountry: null,
    timeZone: null,
    credits: 0,
    ...change,
  });
const byName = (businessName: string) => desk.ask('findBusiness', { businessName });
const bodies = async () => (await desk.newEvents()).map(({ businessId, body }) => [businessId, body]);

describe('a business', () => {
  test('is opened plainly', async () => {
    const { id } = await create();
    expect(await byName('acme')).toEqual({
      id,
      name: 'acme',
      state: 'active',
      admin: false,
      defaultCountry: 'CN',
      timeZone: 'UTC',
      weight: 1,
      available: 0,
      reserved: 0,
      lowBalance: null,
      payOnDelivery: false,
      createdAt: desk.clock.now(),
    });
    expect(await desk.ask('loginByName', { name: 'acme' })).toMatchObject({ business: { id }, passwordHash: 'hash' });
    expect(await bodies()).toEqual([[id, { kind: 'business.changed', change: 'created' }]]);
  });

  test('is opened with credits and a key', async () => {
    const secretHash = sha256('secret');
    const { id } = await create({ credits: 7, defaultCountry: 'GB', firstKey: { key: 'sk_first', secretHash } });
    expect(await byName('acme')).toMatchObject({ available: 7, defaultCountry: 'GB' });
    expect(await desk.ask('loginByKey', { key: 'sk_first' })).toMatchObject({
      business: { id },
      credential: { permissions: ['send', 'manage', 'read'], state: 'active', expiresAt: null, allowedAddresses: [] },
    });
    expect((await bodies()).map(([, body]) => (body as { kind: string }).kind)).toEqual([
      'business.changed',
      'balance.topped-up',
      'credential.changed',
    ]);
  });

  test.each<[string, Partial<VerbInput<'createBusiness'>>, object]>([
    ['by nobody but the administrator', { actor: { businessId: 2, admin: false } }, { code: 'adminOnly' }],
    ['twice under one name', { name: 'root' }, { code: 'businessNameTaken' }],
    ['with a fraction of a credit', { credits: 0.5 }, { code: 'invalidField', field: 'credits' }],
    ['with a debt', { credits: -1 }, { code: 'invalidField', field: 'credits' }],
    ['with too much', { credits: 1_000_000_000_001 }, { code: 'invalidField', field: 'credits' }],
  ])('is not opened %s', async (_how, change, refusal) => {
    expect(await refusalOf(create(change))).toMatchObject(refusal);
    expect(await byName('acme')).toBe(null);
    expect(await bodies()).toEqual([]);
  });

  test.each(['', 'a b', 'ä', 'a:b', '-a', '.a', 'x'.repeat(65), 'a\n', 'sk_a'])('is not called %j', async (name) => {
    expect(await refusalOf(create({ name }))).toMatchObject({ code: 'invalidField', field: 'name' });
  });

  test.each(['a', 'A.b-c_d', '0', 'x'.repeat(64), 'sk', 'SK_a'])('may be called %j', async (name) => {
    expect((await create({ name })).id).toBeGreaterThan(0);
  });

  test('is suspended and resumed, which is told at once', async () => {
    const { businessId } = sender;
    const set = (state: 'active' | 'suspended', actor = ADMIN) =>
      desk.do('setBusinessState', { actor, business: { businessId }, state });
    await set('suspended');
    expect((await desk.ask('findBusiness', { businessId }))?.state).toBe('suspended');
    await set('active');
    expect((await desk.ask('findBusiness', { businessId }))?.state).toBe('active');
    expect(await bodies()).toEqual([
      [businessId, { kind: 'business.changed', change: 'suspended' }],
      [businessId, { kind: 'business.changed', change: 'resumed' }],
    ]);
    expect(desk.notices).toEqual(new Array(2).fill({ kind: 'businessChanged', businessId }));
    expect(await refusalOf(set('suspended', sender.actor))).toEqual({ code: 'adminOnly' });
    const nobody = desk.do('setBusinessState', { actor: ADMIN, business: { businessName: 'nobody' }, state: 'active' });
    expect(await refusalOf(nobody)).toEqual({ code: 'businessNotFound' });
  });

  test('of the administrator is never suspended', async () => {
    const suspend = desk.do('setBusinessState', {
      actor: ADMIN,
      business: { businessName: 'root' },
      state: 'suspended',
    });
    expect(await refusalOf(suspend)).toMatchObject({ code: 'invalidField', field: 'state' });
  });

  test('gets another password from itself or the administrator', async () => {
    const { businessId, actor } = sender;
    const other = await openSender(desk);
    desk.notices.length = 0;
    await desk.newEvents();
    const set = (by: typeof ADMIN, passwordHash: string) =>
      desk.do('setPassword', { actor: by, business: { businessId }, passwordHash });
    const hash = async () =>
      (await desk.ask('loginByName', { name: (await desk.ask('findBusiness', { businessId }))!.name }))?.passwordHash;
    await set(actor, 'own');
    expect(await hash()).toBe('own');
    await set(ADMIN, 'theirs');
    expect(await hash()).toBe('theirs');
    expect(await refusalOf(set(other.actor, 'stolen'))).toEqual({ code: 'adminOnly' });
    expect(await hash()).toBe('theirs');
    expect(await bodies()).toEqual(new Array(2).fill([businessId, { kind: 'business.changed', change: 'password' }]));
    expect(desk.notices).toEqual(new Array(2).fill({ kind: 'businessChanged', businessId }));
    const nobody = desk.do('setPassword', { actor: ADMIN, business: { businessId: 999 }, passwordHash: '' });
    expect(await refusalOf(nobody)).toEqual({ code: 'businessNotFound' });
  });

  test('has a time zone, which it or the administrator may change to another that exists', async () => {
    const { id: businessId } = await create({ timeZone: 'Asia/Shanghai' });
    const zone = async () => (await byName('acme'))?.timeZone;
    expect(await zone()).toBe('Asia/Shanghai');
    const set = (actor: ActorRef, timeZone: string) =>
      desk.do('setTimeZone', { actor, business: { businessId }, timeZone });
    await set({ businessId, admin: false }, 'Europe/Paris');
    expect(await zone()).toBe('Europe/Paris');
    await set(ADMIN, 'UTC');
    expect(await zone()).toBe('UTC');
    const rule = expect.stringContaining('IANA');
    expect(await refusalOf(set(ADMIN, '+08:00'))).toEqual({ code: 'invalidField', field: 'time_zone', rule });
    expect(await refusalOf(set({ businessId: 999, admin: false }, 'UTC'))).toEqual({ code: 'adminOnly' });
    expect(await refusalOf(create({ name: 'b', timeZone: 'Mars/Base' }))).toMatchObject({ field: 'time_zone' });
  });

  test('of the administrator is made once, and gets another password after that', async () => {
    expect(await desk.do('setAdminPassword', { passwordHash: 'new' })).toEqual({ created: false });
    expect(await desk.ask('loginByName', { name: 'root' })).toMatchObject({
      passwordHash: 'new',
      business: { id: 1, admin: true },
    });
    expect(desk.notices).toEqual([{ kind: 'businessChanged', businessId: 1 }]);
  });

  test('is found by id and name, and listed in order', async () => {
    const { id } = await create();
    expect((await desk.ask('findBusiness', { businessId: id }))?.name).toBe('acme');
    expect(await byName('Acme')).toBe(null);
    const ids = async (cursor: number, limit: number) =>
      (await desk.ask('listBusinesses', { cursor, limit })).map((each) => each.id);
    expect(await ids(0, 10)).toEqual([1, sender.businessId, id]);
    expect(await ids(1, 1)).toEqual([sender.businessId]);
    expect(await desk.ask('loginByName', { name: 'nobody' })).toBe(null);
  });
});
