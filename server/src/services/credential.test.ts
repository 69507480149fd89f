import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { openSender, type Sender } from '../../test/traffic.ts';
import { sha256 } from '../lib/random.ts';
import type { ActorRef } from './verb.ts';

let desk: TestDesk;
let sender: Sender;
let other: Sender;
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk);
  other = await openSender(desk);
  await desk.newEvents();
  desk.notices.length = 0;
});
afterEach(() => desk.close());

const fields = (key: string) => ({
  key,
  secretHash: sha256(key),
  description: 'ci',
  permissions: ['send' as const],
  expiresAt: 5,
  allowedAddresses: ['192.0.2.0/24'],
});
const create = (key: string, actor: ActorRef = sender.actor, businessId = sender.businessId) =>
  desk.do('createCredential', { actor, businessId, ...fields(key) });
const login = (key: string) => desk.ask('loginByKey', { key });
const keys = async () =>
  (await desk.ask('listCredentials', { businessId: sender.businessId })).map(({ key, state }) => [key, state]);

describe('an API key', () => {
  test('is made by its business, kept without its secret, switched and taken away, each told at once', async () => {
    const made = await create('sk_one');
    const { secretHash: _, ...shown } = fields('sk_one');
    expect(made).toEqual({
      id: made.id,
      businessId: sender.businessId,
      ...shown,
      state: 'active',
      createdAt: desk.clock.now(),
      lastUsedAt: null,
    });
    const found = await login('sk_one');
    expect(found).toMatchObject({ business: { id: sender.businessId }, credential: made });
    expect([...found!.secretHash]).toEqual([...sha256('sk_one')]);
    expect(found!.credential).not.toHaveProperty('secretHash');

    const set = (state: 'active' | 'disabled') =>
      desk.do('setCredentialState', { actor: sender.actor, id: made.id, state });
    expect(await set('disabled')).toMatchObject({ id: made.id, state: 'disabled' });
    expect((await login('sk_one'))?.credential.state).toBe('disabled');
    expect(await set('active')).toMatchObject({ state: 'active' });
    const edit = { description: 'other', permissions: ['read' as const], expiresAt: null };
    const edited = await desk.do('editCredential', { actor: sender.actor, id: made.id, edit });
    expect(edited).toEqual({ ...made, ...edit });
    expect((await login('sk_one'))?.credential).toEqual(edited);
    await desk.do('deleteCredential', { actor: sender.actor, id: made.id });
    expect(await login('sk_one')).toBe(null);
    expect(await keys()).toEqual([]);
    expect((await desk.newEvents()).map(({ businessId, body }) => [businessId, body])).toEqual(
      ['created', 'disabled', 'enabled', 'edited', 'deleted'].map((change) => [
        sender.businessId,
        { kind: 'credential.changed', credentialId: made.id, change },
      ]),
    );
    expect(desk.notices).toEqual(new Array(4).fill({ kind: 'credentialChanged', key: 'sk_one' }));
  });

  test('is made by the administrator for anybody there is', async () => {
    await create('sk_one', ADMIN);
    expect(await keys()).toEqual([['sk_one', 'active']]);
    expect(await refusalOf(create('sk_two', ADMIN, 999))).toEqual({ code: 'businessNotFound' });
  });

  test('of another business is not there', async () => {
    const { id } = await create('sk_one');
    expect(await refusalOf(create('sk_two', other.actor))).toEqual({ code: 'adminOnly' });
    const missing = { code: 'credentialNotFound' };
    const disable = (actor: ActorRef, id: number) => desk.do('setCredentialState', { actor, id, state: 'disabled' });
    const remove = (actor: ActorRef, id: number) => desk.do('deleteCredential', { actor, id });
    for (const attempt of [
      () => disable(other.actor, id),
      () => disable(ADMIN, 999),
      () => desk.do('editCredential', { actor: other.actor, id, edit: { description: 'mine' } }),
      () => remove(other.actor, id),
      () => remove(ADMIN, 999),
    ]) {
      expect(await refusalOf(attempt())).toEqual(missing);
    }
    expect(await keys()).toEqual([['sk_one', 'active']]);
    await disable(ADMIN, id);
    expect(await keys()).toEqual([['sk_one', 'disabled']]);
    await remove(ADMIN, id);
    expect(await keys()).toEqual([]);
  });
});
