import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import type { Permission } from '../domain/credential.ts';
import { sha256 } from '../lib/random.ts';
import { MemoryFailures } from '../limits/failures.ts';
import { Authenticator } from './authentication.ts';
import type { Desk, VerbInput } from './desk.ts';
import { LoginGuards } from './login-guards.ts';
import { hashPassword, isPassword } from './password.ts';

/** Verifications as the tests want them: counted, and held back at gates. */
const argon = vi.hoisted(() => ({
  calls: [] as string[],
  running: 0,
  most: 0,
  /** Each verification that begins takes the first; the last stays for all. */
  gates: [] as Promise<void>[],
}));
vi.mock('@node-rs/argon2', async (original) => {
  const real = await original<typeof import('@node-rs/argon2')>();
  return {
    ...real,
    /** Real hashes are recognised and verified for real; the others are cheap. */
    async verify(hash: string, password: string) {
      argon.calls.push(hash);
      argon.most = Math.max(argon.most, ++argon.running);
      const gate = argon.gates.length > 1 ? argon.gates.shift() : argon.gates[0];
      try {
        if (gate !== undefined) await gate;
        return hash.startsWith('$argon2') ? await real.verify(hash, password) : hash === `cheap ${password}`;
      } finally {
        argon.running--;
      }
    },
  };
});

const HERE = '192.0.2.7';
const PASSWORD = 'correct horse';
const basic = (name: string, secret: string) => `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

let desk: TestDesk;
let authenticator: Authenticator;
let businessId: number;
beforeEach(async () => {
  Object.assign(argon, { calls: [], running: 0, most: 0, gates: [] });
  desk = await TestDesk.open();
  ({ id: businessId } = await desk.do('createBusiness', {
    actor: ADMIN,
    name: 'acme',
    passwordHash: `cheap ${PASSWORD}`,
    defaultCountry: 'GB',
    timeZone: null,
    credits: 0,
  }));
  authenticator = new Authenticator(desk, desk.clock, new LoginGuards(new MemoryFailures(desk.clock)));
});
afterEach(() => desk.close());

const login = (name = 'acme', secret = PASSWORD, address = HERE) =>
  authenticator.authenticate(basic(name, secret), address, 'native');
const refused = (...given: Parameters<typeof login>) => refusalOf(login(...given));
const wrong = (name = 'acme', address = HERE) => refused(name, 'wrong', address);
/** Makes a gate that verifications wait at; the function returned opens it. */
function close(): () => void {
  let open = () => {};
  argon.gates.push(
    new Promise((resolve) => {
      open = resolve;
    }),
  );
  return () => open();
}
/** Waits until as many verifications have begun. */
const begun = (count: number) => vi.waitFor(() => expect(argon.calls).toHaveLength(count), { timeout: 20_000 });

async function addKey(change: Partial<VerbInput<'createCredential'>> = {}): Promise<number> {
  const { id } = await desk.do('createCredential', {
    actor: ADMIN,
    businessId,
    key: 'sk_key',
    secretHash: sha256('key secret'),
    description: '',
    permissions: ['send'] satisfies Permission[],
    expiresAt: null,
    allowedAddresses: [],
    ...change,
  });
  return id;
}
const withKey = (address = HERE, secret = 'key secret') => login('sk_key', secret, address);

describe('passwords', () => {
  test('are kept as argon2id hashes of the recommended weight', async () => {
    const [one, two] = [await hashPassword('secret'), await hashPassword('secret')];
    expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(one).not.toBe(two);
    expect([await isPassword(one, 'secret'), await isPassword(one, 'Secret')]).toEqual([true, false]);
  });

  test('let their business in, with all permissions', async () => {
    expect(await login()).toEqual({
      businessId,
      businessName: 'acme',
      admin: false,
      credentialId: null,
      permissions: ['send', 'manage', 'read'],
      defaultCountry: 'GB',
      session: null,
      caller: { kind: 'business', id: businessId, name: 'acme', address: HERE, via: 'native' },
    });
  });

  test('may hold colons and any characters', async () => {
    await desk.do('setPassword', { actor: ADMIN, business: { businessId }, passwordHash: 'cheap pä:ss:😀' });
    expect((await login('acme', 'pä:ss:😀')).businessId).toBe(businessId);
  });

  test.each<[string, string | undefined]>([
    ['nothing', undefined],
    ['another scheme', 'Bearer abc'],
    ['no base64', 'Basic ***'],
    ['no colon', `Basic ${Buffer.from('acme').toString('base64')}`],
    ['no name', basic('', PASSWORD)],
    ['too much', basic('acme', 'x'.repeat(2_000))],
    ['a password longer than any', basic('acme', 'x'.repeat(201))],
  ])('are not looked at in a header with %s', async (_what, header) => {
    expect(await refusalOf(authenticator.authenticate(header, HERE, 'native'))).toEqual({ code: 'badCredentials' });
    expect(argon.calls).toEqual([]);
  });

  test('are read whatever the scheme looks like', async () => {
    const header = basic('acme', PASSWORD).replace('Basic ', 'bAsIc   ');
    expect((await authenticator.authenticate(header, HERE, 'native')).businessId).toBe(businessId);
  });

  test('of nobody are verified too, so that the answer takes as long', async () => {
    expect(await refused('nobody')).toEqual({ code: 'badCredentials' });
    expect(argon.calls).toEqual([expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)]);
    expect(await wrong()).toEqual({ code: 'badCredentials' });
    expect(argon.calls).toHaveLength(2);
  });

  test('of a suspended business are right, and that is said to nobody else', async () => {
    await desk.do('setBusinessState', { actor: ADMIN, business: { businessId }, state: 'suspended' });
    expect(await refused()).toEqual({ code: 'businessSuspended' });
    expect(await wrong()).toEqual({ code: 'badCredentials' });
  });
});

describe('API keys', () => {
  test('let their business in with their own permissions', async () => {
    const id = await addKey();
    expect(await withKey()).toMatchObject({ businessId, credentialId: id, permissions: ['send'] });
    expect(argon.calls).toEqual([]);
  });

  test.each([
    ['another secret', 'sk_key', 'key secre'],
    ['no secret', 'sk_key', ''],
    ['another key', 'sk_other', 'key secret'],
  ])('are refused with %s', async (_what, key, secret) => {
    await addKey();
    expect(await refused(key, secret)).toEqual({ code: 'badCredentials' });
  });

  test('are refused when disabled, expired or their business is suspended, and that is said to nobody else', async () => {
    const id = await addKey({ expiresAt: desk.clock.now() + 30_000 });
    await withKey();
    desk.clock.advance(29_999);
    await withKey();
    desk.clock.advance(1);
    expect(await refusalOf(withKey())).toEqual({ code: 'credentialExpired' });
    await desk.do('setCredentialState', { actor: ADMIN, id, state: 'disabled' });
    expect(await refusalOf(withKey())).toEqual({ code: 'credentialDisabled' });
    expect(await refusalOf(withKey(HERE, 'wrong'))).toEqual({ code: 'badCredentials' });
    await desk.do('setBusinessState', { actor: ADMIN, business: { businessId }, state: 'suspended' });
    expect(await refusalOf(withKey())).toEqual({ code: 'businessSuspended' });
  });

  test('are taken from the addresses they name, remembered or not', async () => {
    await addKey({ allowedAddresses: ['192.0.2.7', '198.51.100.0/24', '2001:db8::/32', '2001:db9::1'] });
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '198.51.100.255', '2001:db8:ffff::1', '2001:db9::1']) {
      expect((await withKey(address)).businessId).toBe(businessId);
    }
    for (const address of ['192.0.2.8', '::ffff:192.0.2.8', '198.51.101.0', '2001:dba::1', '2001:db9::2', '::1']) {
      expect(await refusalOf(withKey(address))).toEqual({ code: 'addressNotAllowed' });
    }
  });
});

describe('what was verified', () => {
  test('is remembered for a minute, by the whole header', async () => {
    await login();
    await login();
    await login('acme', PASSWORD, '198.51.100.1');
    expect(argon.calls).toHaveLength(1);
    await wrong();
    expect(argon.calls).toHaveLength(2);
    desk.clock.advance(60_000);
    await login();
    expect(argon.calls).toHaveLength(2);
    desk.clock.advance(1);
    await login();
    expect(argon.calls).toHaveLength(3);
  });

  test('is forgotten with a new password, a suspension, a disabled or deleted key', async () => {
    const id = await addKey();
    await login();
    await withKey();
    await desk.do('setPassword', { actor: ADMIN, business: { businessId }, passwordHash: 'cheap new password' });
    expect(await refused()).toEqual({ code: 'badCredentials' });
    await login('acme', 'new password');
    await desk.do('setCredentialState', { actor: ADMIN, id, state: 'disabled' });
    expect(await refusalOf(withKey())).toEqual({ code: 'credentialDisabled' });
    await desk.do('setCredentialState', { actor: ADMIN, id, state: 'active' });
    await withKey();
    await desk.do('setBusinessState', { actor: ADMIN, business: { businessId }, state: 'suspended' });
    expect(await refused('acme', 'new password')).toEqual({ code: 'businessSuspended' });
    expect(await refusalOf(withKey())).toEqual({ code: 'businessSuspended' });
    await desk.do('setBusinessState', { actor: ADMIN, business: { businessId }, state: 'active' });
    await withKey();
    await desk.do('deleteCredential', { actor: ADMIN, id });
    expect(await refusalOf(withKey())).toEqual({ code: 'badCredentials' });
  });

  test('is what the header says now, whoever keeps it', async () => {
    const keeper = {};
    const kept = (secret: string) => authenticator.authenticate(basic('acme', secret), HERE, 'tsms', keeper);
    for (let i = 0; i < 3; i++) expect(await kept(PASSWORD)).toMatchObject({ businessName: 'acme' });
    expect(argon.calls).toHaveLength(1);
    expect(await refusalOf(kept('wrong'))).toEqual({ code: 'badCredentials' });
    await kept(PASSWORD);
    await desk.do('setPassword', { actor: ADMIN, business: { businessId }, passwordHash: 'cheap new password' });
    expect(await refusalOf(kept(PASSWORD))).toEqual({ code: 'badCredentials' });
    await kept('new password');
  });

  test('is not remembered when something changed while it was verified', async () => {
    const open = close();
    const first = login();
    await begun(1);
    await desk.do('setPassword', { actor: ADMIN, business: { businessId }, passwordHash: 'cheap new password' });
    open();
    await first;
    expect(await refused()).toEqual({ code: 'badCredentials' });
    expect(argon.calls).toEqual([`cheap ${PASSWORD}`, 'cheap new password']);
  });
});

describe('verifications', () => {
  test('run two at once, the others in turn', async () => {
    const open = close();
    const all = Array.from({ length: 10 }, (_, i) => login('acme', PASSWORD, `198.51.100.${i}`));
    await begun(2);
    open();
    expect((await Promise.all(all)).map((actor) => actor.businessId)).toEqual(new Array(10).fill(businessId));
    expect(argon.calls).toHaveLength(10);
    expect(argon.most).toBe(2);
  });

  test.each(Array.from({ length: 16 }, (_, i) => i))(
    'stay two at once when one comes just as another ends (%i)',
    async (hops) => {
      const [openFirst, openRest] = [close(), close()];
      // The first verification waits at its own gate, the others at the second.
      let ended = () => {};
      const end = new Promise<void>((resolve) => {
        ended = resolve;
      });
      const known = { business: await desk.ask('findBusiness', { businessId }), passwordHash: `cheap ${PASSWORD}` };
      const late = {
        async ask(_query: string, { name }: { name: string }) {
          if (name !== 'late') return known;
          await end;
          // Somewhere between the end of one and the beginning of the next in turn.
          for (let i = 0; i < hops; i++) await null;
          return known;
        },
        onNotice() {},
      } as unknown as Desk;
      authenticator = new Authenticator(late, desk.clock, new LoginGuards(new MemoryFailures(desk.clock)));
      const all = ['first', 'second', 'third', 'late'].map((name) => login(name));
      await begun(2);
      ended();
      openFirst();
      await begun(3);
      openRest();
      await Promise.all(all);
      expect([argon.calls.length, argon.most]).toEqual([4, 2]);
    },
  );

  test('that would wait too long are told to come back', async () => {
    const open = close();
    const settled = Array.from({ length: 70 }, (_, i) =>
      login('acme', PASSWORD, `198.51.100.${i}`).then(
        () => 'in',
        (error) => error.refusal,
      ),
    );
    await begun(2);
    open();
    const outcomes = await Promise.all(settled);
    expect(outcomes.filter((outcome) => outcome === 'in')).toHaveLength(66);
    expect(outcomes.filter((outcome) => outcome !== 'in')).toEqual(
      new Array(4).fill({ code: 'tooManyLogins', retryAfterS: 1 }),
    );
  });

  test('go on after one that broke', async () => {
    await desk.do('setPassword', { actor: ADMIN, business: { businessId }, passwordHash: '$argon2 no hash' });
    for (let i = 0; i < 3; i++) await expect(login()).rejects.toThrow();
    await desk.do('setPassword', { actor: ADMIN, business: { businessId }, passwordHash: `cheap ${PASSWORD}` });
    expect((await login()).businessId).toBe(businessId);
  });
});

describe('failed logins', () => {
  test('make the next ones of that name from that address wait, right or wrong, for a minute', async () => {
    for (let i = 0; i < 20; i++) expect(await wrong()).toEqual({ code: 'badCredentials' });
    desk.clock.advance(20_000);
    expect(await refused()).toEqual({ code: 'tooManyLogins', retryAfterS: 40 });
    expect((await login('acme', PASSWORD, '198.51.100.1')).businessId).toBe(businessId);
    expect(await wrong('other')).toEqual({ code: 'badCredentials' });
    desk.clock.advance(39_999);
    expect(await wrong()).toEqual({ code: 'tooManyLogins', retryAfterS: 1 });
    desk.clock.advance(1);
    expect(await wrong()).toEqual({ code: 'badCredentials' });
  });

  test('do not disturb those who are in already', async () => {
    await login();
    for (let i = 0; i < 25; i++) await wrong();
    expect((await login()).businessId).toBe(businessId);
  });

  test('make every name from that address wait when there are many', async () => {
    await addKey();
    for (let i = 0; i < 200; i++) {
      expect(await refused(`sk_${i}`)).toEqual({ code: 'badCredentials' });
    }
    expect(await refused('acme')).toMatchObject({ code: 'tooManyLogins' });
    expect(await refusalOf(withKey())).toMatchObject({ code: 'tooManyLogins' });
    expect((await withKey('198.51.100.1')).businessId).toBe(businessId);
  });

  test('are those with wrong credentials only', async () => {
    const id = await addKey();
    await desk.do('setCredentialState', { actor: ADMIN, id, state: 'disabled' });
    for (let i = 0; i < 25; i++) expect(await refusalOf(withKey())).toEqual({ code: 'credentialDisabled' });
    await desk.do('setBusinessState', { actor: ADMIN, business: { businessId }, state: 'suspended' });
    for (let i = 0; i < 25; i++) expect(await refused()).toEqual({ code: 'businessSuspended' });
  });
});
