import { describe, expect, test } from 'vitest';
import type { Credential } from '../../domain/credential.ts';
import { AT, addBusiness, type TheStore } from './seed.ts';

export function accountsContract(theStore: TheStore): void {
  describe('installation', () => {
    test('keeps the last value of each name', async () => {
      await theStore().transact(async (tx) => {
        expect(await tx.installation.get('had-channel')).toBe(null);
        await tx.installation.set('had-channel', 'yes');
        await tx.installation.set('other', '');
        await tx.installation.set('had-channel', 'no');
        expect([await tx.installation.get('had-channel'), await tx.installation.get('other')]).toEqual(['no', '']);
      });
    });
  });

  describe('businesses', () => {
    test('begin active and without credits, and are found by id and by name', async () => {
      await theStore().transact(async (tx) => {
        const id = await tx.businesses.insert({
          name: 'Acme',
          admin: true,
          passwordHash: 'a hash',
          defaultCountry: 'GB',
          timeZone: 'Europe/London',
          at: AT,
        });
        const expected = {
          id,
          name: 'Acme',
          state: 'active',
          admin: true,
          defaultCountry: 'GB',
          timeZone: 'Europe/London',
          weight: 1,
          available: 0,
          reserved: 0,
          lowBalance: null,
          payOnDelivery: false,
          createdAt: AT,
        };
        expect(await tx.businesses.byId(id)).toEqual(expected);
        expect(await tx.businesses.byName('Acme')).toEqual(expected);
        expect(await tx.businesses.passwordHash(id)).toBe('a hash');
        await tx.businesses.setWeight(id, 7);
        await tx.businesses.setTimeZone(id, 'Asia/Shanghai');
        expect(await tx.businesses.byId(id)).toEqual({ ...expected, weight: 7, timeZone: 'Asia/Shanghai' });
        expect(await tx.businesses.byName('acme')).toBe(null);
        expect(await tx.businesses.byId(id + 1)).toBe(null);
        expect(await tx.businesses.passwordHash(id + 1)).toBe(null);
      });
    });

    test('have names of their own', async () => {
      await theStore().transact(async (tx) => {
        const business = { name: 'one', admin: false, passwordHash: '', defaultCountry: 'CN', timeZone: 'UTC', at: AT };
        await tx.businesses.insert(business);
        await expect(tx.businesses.insert(business)).rejects.toThrow();
      });
    });

    test('change state and password alone', async () => {
      await theStore().transact(async (tx) => {
        const [id, other] = [await addBusiness(tx), await addBusiness(tx)];
        await tx.businesses.setState(id, 'suspended');
        await tx.businesses.setPasswordHash(id, 'new');
        expect((await tx.businesses.byId(id))?.state).toBe('suspended');
        expect(await tx.businesses.passwordHash(id)).toBe('new');
        expect((await tx.businesses.byId(other))?.state).toBe('active');
        expect(await tx.businesses.passwordHash(other)).toBe('hash');
        await tx.businesses.setState(id, 'active');
        expect((await tx.businesses.byId(id))?.state).toBe('active');
      });
    });

    test('keep a threshold of their balance, or none', async () => {
      await theStore().transact(async (tx) => {
        const [id, other] = [await addBusiness(tx), await addBusiness(tx)];
        await tx.businesses.setPayOnDelivery(id, true);
        expect(await tx.businesses.byId(id)).toMatchObject({ payOnDelivery: true });
        await tx.businesses.setLowBalance(id, 100);
        expect((await tx.businesses.byId(id))?.lowBalance).toBe(100);
        expect((await tx.businesses.byId(other))?.lowBalance).toBe(null);
        await tx.businesses.setLowBalance(id, null);
        expect((await tx.businesses.byId(id))?.lowBalance).toBe(null);
      });
    });

    test('whose balance is below their threshold are found', async () => {
      await theStore().transact(async (tx) => {
        const [low, enough, none, over] = [
          await addBusiness(tx),
          await addBusiness(tx),
          await addBusiness(tx),
          await addBusiness(tx),
        ];
        for (const id of [low, enough, over]) await tx.businesses.setLowBalance(id, 10);
        await tx.businesses.moveCredits(low, 9, 0);
        await tx.businesses.moveCredits(enough, 10, 0);
        await tx.businesses.setState(over, 'suspended');
        expect((await tx.businesses.lowBalances(10)).map(({ id }) => id)).toEqual([low]);
        await tx.businesses.setState(over, 'active');
        expect((await tx.businesses.lowBalances(10)).map(({ id }) => id)).toEqual([low, over]);
        expect((await tx.businesses.lowBalances(1)).map(({ id }) => id)).toEqual([low]);
        expect((await tx.businesses.byId(none))?.lowBalance).toBe(null);
      });
    });

    test('are listed in the order of their ids, a part at a time', async () => {
      await theStore().transact(async (tx) => {
        const ids = [await addBusiness(tx), await addBusiness(tx), await addBusiness(tx)];
        const listed = async (cursor: number, limit: number) =>
          (await tx.businesses.list(cursor, limit)).map(({ id }) => id);
        expect(await listed(0, 2)).toEqual(ids.slice(0, 2));
        expect(await listed(ids[1]!, 2)).toEqual(ids.slice(2));
        expect(await listed(ids[2]!, 2)).toEqual([]);
      });
    });

    test('move credits both ways, tell the balances after it, and never go below zero', async () => {
      await theStore().transact(async (tx) => {
        const [id, other] = [await addBusiness(tx), await addBusiness(tx)];
        expect(await tx.businesses.moveCredits(id, 9_007_199_254_740_991, 0)).toEqual({
          available: Number.MAX_SAFE_INTEGER,
          reserved: 0,
        });
        expect(await tx.businesses.moveCredits(id, -10, 10)).toEqual({
          available: Number.MAX_SAFE_INTEGER - 10,
          reserved: 10,
        });
        expect(await tx.businesses.moveCredits(id, 4, -7)).toEqual({
          available: Number.MAX_SAFE_INTEGER - 6,
          reserved: 3,
        });
        expect(await tx.businesses.byId(id)).toMatchObject({ available: Number.MAX_SAFE_INTEGER - 6, reserved: 3 });
        expect(await tx.businesses.byId(other)).toMatchObject({ available: 0, reserved: 0 });
        await expect(tx.businesses.moveCredits(id, 0, -4)).rejects.toThrow();
        await expect(tx.businesses.moveCredits(other, -1, 0)).rejects.toThrow();
        await expect(tx.businesses.moveCredits(other + 1, 0, 0)).rejects.toThrow();
      });
    });
  });

  describe('credentials', () => {
    const aCredential = (businessId: number, key: string): Omit<Credential, 'id' | 'lastUsedAt'> => ({
      businessId,
      key,
      description: 'for tests',
      permissions: ['send', 'read'],
      state: 'active',
      expiresAt: AT + 1,
      allowedAddresses: ['192.0.2.1', '2001:db8::/32'],
      createdAt: AT,
    });
    const HASH = Uint8Array.from({ length: 32 }, (_, i) => 255 - i);

    test('come back as they were put in, the hash only by key', async () => {
      await theStore().transact(async (tx) => {
        const credential = aCredential(await addBusiness(tx), 'sk_one');
        const id = await tx.credentials.insert(credential, HASH);
        expect(await tx.credentials.byId(id)).toEqual({ id, ...credential, lastUsedAt: null });
        const { secretHash, ...found } = (await tx.credentials.byKey('sk_one'))!;
        expect(found).toEqual({ id, ...credential, lastUsedAt: null });
        expect([...secretHash]).toEqual([...HASH]);
        expect(await tx.credentials.byKey('sk_two')).toBe(null);
        expect(await tx.credentials.byId(id + 1)).toBe(null);
      });
    });

    test('are listed by business, oldest first, and have keys of their own', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [await addBusiness(tx), await addBusiness(tx)];
        await tx.credentials.insert({ ...aCredential(mine, 'sk_b'), expiresAt: null, allowedAddresses: [] }, HASH);
        await tx.credentials.insert(aCredential(other, 'sk_c'), HASH);
        await tx.credentials.insert({ ...aCredential(mine, 'sk_a'), state: 'disabled' }, HASH);
        expect((await tx.credentials.ofBusiness(mine)).map(({ key, state }) => [key, state])).toEqual([
          ['sk_b', 'active'],
          ['sk_a', 'disabled'],
        ]);
        await expect(tx.credentials.insert(aCredential(other, 'sk_a'), HASH)).rejects.toThrow();
      });
    });

    test('are changed one by one, and know when they were last used', async () => {
      await theStore().transact(async (tx) => {
        const credential = aCredential(await addBusiness(tx), 'sk_one');
        const one = await tx.credentials.insert(credential, HASH);
        const two = await tx.credentials.insert({ ...credential, key: 'sk_two' }, HASH);
        const edit = { description: 'other', permissions: ['manage' as const], expiresAt: null, allowedAddresses: [] };
        await tx.credentials.edit(one, edit);
        await tx.credentials.used([
          { id: one, at: AT + 5 },
          { id: one, at: AT + 4 },
          { id: two + 1, at: AT },
        ]);
        expect(await tx.credentials.byId(one)).toEqual({ id: one, ...credential, ...edit, lastUsedAt: AT + 5 });
        expect(await tx.credentials.byId(two)).toEqual({ id: two, ...credential, key: 'sk_two', lastUsedAt: null });
      });
    });

    test('are switched and taken away one by one', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const one = await tx.credentials.insert(aCredential(businessId, 'sk_one'), HASH);
        const two = await tx.credentials.insert(aCredential(businessId, 'sk_two'), HASH);
        await tx.credentials.setState(one, 'disabled');
        expect((await tx.credentials.byId(one))?.state).toBe('disabled');
        expect((await tx.credentials.byId(two))?.state).toBe('active');
        await tx.credentials.setState(one, 'active');
        expect((await tx.credentials.byKey('sk_one'))?.state).toBe('active');
        await tx.credentials.delete(one);
        expect(await tx.credentials.byKey('sk_one')).toBe(null);
        expect((await tx.credentials.ofBusiness(businessId)).map(({ id }) => id)).toEqual([two]);
      });
    });
  });
}
