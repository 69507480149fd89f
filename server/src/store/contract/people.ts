import { describe, expect, test } from 'vitest';
import type { Login, Session } from '../../domain/session.ts';
import { AT, addBusiness, type TheStore } from './seed.ts';

const hashOf = (octet: number) => new Uint8Array(32).fill(octet);

const aMember = (name: string, businessId: number | null) => ({
  businessId,
  name,
  role: businessId === null ? ('operator' as const) : ('viewer' as const),
  passwordHash: `hash of ${name}`,
  mustChangePassword: true,
  createdAt: AT,
});

export function peopleContract(theStore: TheStore): void {
  describe('members', () => {
    test('come back as they were put in, their secrets apart', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const { passwordHash, ...member } = aMember('ada@example.com', businessId);
        const id = await tx.members.insert({ ...member, passwordHash });
        const expected = { id, ...member, state: 'active', secondFactor: false, signedInAt: null };
        expect(await tx.members.byId(id)).toEqual(expected);
        expect(await tx.members.byName('ada@example.com')).toEqual(expected);
        expect(await tx.members.byName('Ada@example.com')).toBe(null);
        expect(await tx.members.byId(id + 1)).toBe(null);
        expect(await tx.members.secrets(id)).toEqual({
          passwordHash,
          totpSecret: null,
          totpPending: null,
          totpStep: 0,
        });
        expect(await tx.members.secrets(id + 1)).toBe(null);
        await expect(tx.members.insert(aMember('ada@example.com', null))).rejects.toThrow();
      });
    });

    test('are changed one by one', async () => {
      await theStore().transact(async (tx) => {
        const one = await tx.members.insert(aMember('one', null));
        const two = await tx.members.insert(aMember('two', null));
        const before = await tx.members.byId(two);
        await tx.members.update(one, { role: 'finance', state: 'disabled' });
        await tx.members.setPassword(one, 'new', false);
        await tx.members.setTotp(one, { totpSecret: hashOf(1), totpPending: hashOf(2), totpStep: 57_000_000 });
        await tx.members.signedIn(one, AT + 5);
        expect(await tx.members.byId(one)).toMatchObject({
          role: 'finance',
          state: 'disabled',
          mustChangePassword: false,
          secondFactor: true,
          signedInAt: AT + 5,
        });
        const secrets = (await tx.members.secrets(one))!;
        expect([[...secrets.totpSecret!], [...secrets.totpPending!]]).toEqual([[...hashOf(1)], [...hashOf(2)]]);
        expect([secrets.passwordHash, secrets.totpStep]).toEqual(['new', 57_000_000]);
        expect(await tx.members.byId(two)).toEqual(before);
        await tx.members.delete(one);
        expect(await tx.members.byId(one)).toBe(null);
        expect(await tx.members.byId(two)).toEqual(before);
      });
    });

    test('are listed and counted for each business, and for the staff', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const staff = [await tx.members.insert(aMember('b', null)), await tx.members.insert(aMember('a', null))];
        const own = await tx.members.insert(aMember('c', businessId));
        const listed = async (of: number | null, cursor: number, limit: number) =>
          (await tx.members.list(of, cursor, limit)).map(({ id }) => id);
        expect(await listed(null, 0, 10)).toEqual(staff);
        expect(await listed(null, 0, 1)).toEqual(staff.slice(0, 1));
        expect(await listed(null, staff[0]!, 10)).toEqual(staff.slice(1));
        expect(await listed(businessId, 0, 10)).toEqual([own]);
        expect([await tx.members.count(null), await tx.members.count(businessId)]).toEqual([2, 1]);
        expect(await tx.members.count(businessId + 1)).toBe(0);
      });
    });
  });

  describe('sessions', () => {
    const aSession = (login: Login): Omit<Session, 'id' | 'seenAt'> => ({
      login,
      createdAt: AT,
      expiresAt: AT + 1_000,
      address: '2001:db8::1',
      agent: 'Browser/1 (测试)',
    });

    test('are found by the hash of their token, and belong to a member or to a business', async () => {
      await theStore().transact(async (tx) => {
        const logins: Login[] = [{ memberId: 7 }, { businessId: 7 }];
        for (const [i, login] of logins.entries()) {
          const id = await tx.sessions.insert(aSession(login), hashOf(i));
          expect(await tx.sessions.byToken(hashOf(i))).toEqual({ id, seenAt: AT, ...aSession(login) });
          expect((await tx.sessions.ofLogin(login)).map((session) => session.id)).toEqual([id]);
        }
        expect(await tx.sessions.byToken(hashOf(9))).toBe(null);
        await expect(tx.sessions.insert(aSession({ memberId: 8 }), hashOf(0))).rejects.toThrow();
      });
    });

    test('are listed newest first, and know when they were seen', async () => {
      await theStore().transact(async (tx) => {
        const login = { memberId: 1 };
        const one = await tx.sessions.insert(aSession(login), hashOf(1));
        const two = await tx.sessions.insert(aSession(login), hashOf(2));
        await tx.sessions.seen(one, AT + 50);
        await tx.sessions.seen(one, AT + 40);
        expect((await tx.sessions.ofLogin(login)).map(({ id, seenAt }) => [id, seenAt])).toEqual([
          [two, AT],
          [one, AT + 50],
        ]);
      });
    });

    test('end one by one, all of a login, and when their time is over', async () => {
      await theStore().transact(async (tx) => {
        const [mine, other] = [{ memberId: 1 }, { businessId: 1 }];
        const ids: number[] = [];
        for (let i = 0; i < 4; i++) ids.push(await tx.sessions.insert(aSession(mine), hashOf(i)));
        const others = await tx.sessions.insert(aSession(other), hashOf(9));
        const left = async () => (await tx.sessions.ofLogin(mine)).map(({ id }) => id);
        await tx.sessions.delete(ids[0]!);
        expect(await left()).toEqual([ids[3], ids[2], ids[1]]);
        await tx.sessions.deleteOf(mine, ids[2]!);
        expect(await left()).toEqual([ids[2]]);
        await tx.sessions.deleteOver(AT + 999, AT);
        expect(await left()).toEqual([ids[2]]);
        await tx.sessions.seen(ids[2]!, AT + 10);
        await tx.sessions.deleteOver(AT + 999, AT + 10);
        expect([await left(), await tx.sessions.ofLogin(other)]).toEqual([[ids[2]], []]);
        await tx.sessions.deleteOver(AT + 1_000, AT);
        expect(await left()).toEqual([]);
        await tx.sessions.insert(aSession(mine), hashOf(1));
        await tx.sessions.deleteOf(mine, null);
        expect([await left(), await tx.sessions.byToken(hashOf(1)), others > 0]).toEqual([[], null, true]);
      });
    });
  });

  describe('invites', () => {
    test('are found by token, id and name, and go one by one or when their time is over', async () => {
      await theStore().transact(async (tx) => {
        const businessId = await addBusiness(tx);
        const invite = { businessId, role: 'owner' as const, name: 'ada', createdAt: AT, expiresAt: AT + 10 };
        const id = await tx.invites.insert(invite, hashOf(1));
        for (const found of [
          await tx.invites.byToken(hashOf(1)),
          await tx.invites.byId(id),
          await tx.invites.byName('ada'),
          ...(await tx.invites.list(businessId)),
        ]) {
          expect(found).toEqual({ id, ...invite });
        }
        const staff = { ...invite, businessId: null, role: 'admin' as const };
        await expect(tx.invites.insert(staff, hashOf(2))).rejects.toThrow();
        const second = await tx.invites.insert({ ...staff, name: 'bob', expiresAt: AT + 20 }, hashOf(2));
        expect((await tx.invites.list(null)).map((each) => each.id)).toEqual([second]);
        await tx.invites.deleteOver(AT + 10);
        expect([await tx.invites.byId(id), (await tx.invites.byId(second))?.name]).toEqual([null, 'bob']);
        await tx.invites.delete(second);
        expect(await tx.invites.byToken(hashOf(2))).toBe(null);
      });
    });
  });
}
