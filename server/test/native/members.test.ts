import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BUSINESS_ROLES, ROLES, STAFF_ROLES } from '../../src/domain/role.ts';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Browser, browsers } from './browser.ts';
import { type Client, nativeClients, rootOf } from './client.ts';

let house: House;
let newBrowser: () => Browser;
let root: Client;
let acme: TestBusiness;
let other: TestBusiness;
let asAcme: Client;
let asOther: Client;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  newBrowser = await browsers(house);
  const clients = await nativeClients(house);
  root = clients(rootOf(house));
  [acme, other] = [await house.createBusiness(), await house.createBusiness()];
  [asAcme, asOther] = [clients(acme), clients(other)];
});
afterAll(() => house?.stop());

let browser: Browser;
beforeEach(() => {
  browser = newBrowser();
});

let names = 0;
const PASSWORD = 'a password of my own';

/** Invites somebody and accepts for them; they are signed in. */
async function join(inviter: Client, role: string, businessId?: number): Promise<{ browser: Browser; name: string }> {
  const name = `person-${++names}`;
  const invite = await inviter.post('/invites', {
    name,
    role,
    ...(businessId !== undefined && { business_id: businessId }),
  });
  expect(invite.status).toBe(201);
  const joined = newBrowser();
  const token = new URL(invite.json.url).hash.slice(1);
  expect((await joined.ask('POST', '/invites/accept', { token, password: PASSWORD })).status).toBe(200);
  return { browser: joined, name };
}

const said = async (answer: ReturnType<Browser['ask']>) => {
  const { status, json } = await answer;
  return [status, json?.code ?? null];
};
const idOf = async (client: Client, name: string, query = '') =>
  (await client.get(`/members${query}`)).json.items.find((item: { name: string }) => item.name === name)?.id;

describe('invites', () => {
  it('make somebody a member of the business that invites, once', async () => {
    const invite = (await asAcme.post('/invites', { name: 'ada@example.com', role: 'marketer' })).json;
    expect(invite).toMatchObject({ business_id: acme.businessId, role: 'marketer', name: 'ada@example.com' });
    expect(invite.url).toMatch(new RegExp(`^${house.url}/invite#[\\w-]{43}$`));
    expect((await asAcme.get('/invites')).json.items).toEqual([expect.objectContaining({ id: invite.id })]);
    const token = new URL(invite.url).hash.slice(1);
    const accepted = await browser.ask('POST', '/invites/accept', { token, password: PASSWORD });
    expect(accepted.json.member).toMatchObject({
      name: 'ada@example.com',
      role: 'marketer',
      business_id: acme.businessId,
      must_change_password: false,
    });
    expect((await browser.ask('GET', '/plans')).status).toBe(200);
    expect((await asAcme.get('/invites')).json.items).toEqual([]);
    const again = newBrowser().ask('POST', '/invites/accept', { token, password: PASSWORD });
    expect(await said(again)).toEqual([404, 'inviteNotFound']);
    await newBrowser().signIn('ada@example.com', PASSWORD);
  });

  it('that are taken back, or wrong, make nobody a member', async () => {
    const invite = (await asAcme.post('/invites', { name: 'taken-back', role: 'viewer' })).json;
    const token = new URL(invite.url).hash.slice(1);
    expect((await asOther.delete(`/invites/${invite.id}`)).json.code).toBe('inviteNotFound');
    expect((await asAcme.delete(`/invites/${invite.id}`)).status).toBe(204);
    for (const tried of [token, '', 'x', token.slice(1)]) {
      expect(await said(browser.ask('POST', '/invites/accept', { token: tried, password: PASSWORD }))).toEqual([
        404,
        'inviteNotFound',
      ]);
    }
    expect(await idOf(asAcme, 'taken-back')).toBe(undefined);
  });

  it('want a password of some length', async () => {
    const { url } = (await asAcme.post('/invites', { name: 'short', role: 'viewer' })).json;
    const token = new URL(url).hash.slice(1);
    expect(await said(browser.ask('POST', '/invites/accept', { token, password: '1234567' }))).toEqual([
      400,
      'invalidField',
    ]);
    expect((await browser.ask('POST', '/invites/accept', { token, password: PASSWORD })).status).toBe(200);
  });

  it('keep names apart: of members, of other invites, of businesses, both ways', async () => {
    await asAcme.post('/invites', { name: 'once', role: 'viewer' });
    for (const name of ['once', 'root', other.user]) {
      expect((await asAcme.post('/invites', { name, role: 'viewer' })).json.code).toBe('memberNameTaken');
    }
    expect((await root.post('/businesses', { name: 'once' })).json.code).toBe('memberNameTaken');
    for (const name of ['', 'sk_x', 'a b', '-a', 'a'.repeat(65), 'ä']) {
      expect((await asAcme.post('/invites', { name, role: 'viewer' })).json).toMatchObject({
        code: 'invalidField',
        field: 'name',
      });
    }
  });
});

describe('roles', () => {
  it('are of the staff or of a business, and nobody gives one of the other kind', async () => {
    for (const role of STAFF_ROLES) {
      expect((await asAcme.post('/invites', { name: 'staff-of-acme', role })).json.field).toBe('role');
      const body = { name: 'staff-of-acme', role, business_id: acme.businessId };
      expect((await root.post('/members', body)).json.field).toBe('role');
    }
    for (const role of BUSINESS_ROLES) {
      expect((await root.post('/invites', { name: 'nobodys', role })).json.field).toBe('role');
    }
    expect(
      (await asAcme.post('/invites', { name: 'x', role: 'viewer', business_id: other.businessId })).json.code,
    ).toBe('businessNotFound');
  });

  it('are listed with what they may do; those of the staff to the staff', async () => {
    const rolesOf = async (client: Client) =>
      (await client.get('/roles')).json.items.map(({ role }: { role: string }) => role);
    expect(await rolesOf(root)).toEqual(ROLES);
    expect(await rolesOf(asAcme)).toEqual(BUSINESS_ROLES);
  });

  // Method, path, and the roles whose members get past the door. What is asked is nonsense, so nothing happens.
  const OPEN: [string, string, string[]][] = [
    ['GET', '/messages', ['admin', 'reviewer', 'finance', 'operator', 'owner', 'developer', 'marketer', 'viewer']],
    ['POST', '/plans', ['admin', 'owner', 'developer', 'marketer']],
    ['POST', '/plans/999/pause', ['admin', 'operator', 'owner', 'developer', 'marketer']],
    ['POST', '/signatures/999/review', ['admin', 'reviewer']],
    ['GET', '/review-queue', ['admin', 'reviewer']],
    ['GET', '/statement', ['admin', 'finance', 'owner', 'developer', 'marketer', 'viewer']],
    ['POST', '/businesses/999/top-up', ['admin', 'finance']],
    ['POST', '/businesses/999/password', ['admin', 'owner']],
    ['POST', '/price-rows', ['admin', 'finance']],
    ['GET', '/api-keys', ['admin', 'owner', 'developer']],
    ['POST', '/api-keys', ['admin', 'owner', 'developer']],
    ['GET', '/channels', ['admin', 'finance', 'operator']],
    ['POST', '/channels', ['admin', 'operator']],
    ['DELETE', '/routes/999', ['admin', 'operator']],
    ['GET', '/members', ['admin', 'owner']],
    ['POST', '/members/999/reset-password', ['admin', 'owner']],
    ['POST', '/webhooks', ['admin', 'owner', 'developer']],
    ['GET', '/me', [...ROLES]],
  ];

  it('open the doors their permissions name, and no others', async () => {
    const found = OPEN.map(([method, path]) => [method, path, [] as string[]] as [string, string, string[]]);
    for (const role of ROLES) {
      const staff = (STAFF_ROLES as readonly string[]).includes(role);
      const joined = await join(staff ? root : asAcme, role);
      for (const row of found) {
        const [method, path] = row;
        const answer = await joined.browser.ask(method, path, method === 'GET' ? undefined : { no_such_field: 1 });
        const closed = ['permissionMissing', 'adminOnly'].includes(answer.json?.code);
        expect([path, role, answer.status]).not.toEqual([path, role, 500]);
        if (!closed) row[2].push(role);
      }
    }
    expect(found).toEqual(OPEN);
  });

  it('change at once what a session may do', async () => {
    const { browser, name } = await join(asAcme, 'viewer');
    const id = await idOf(asAcme, name);
    expect(await said(browser.ask('POST', '/plans', {}))).toEqual([403, 'permissionMissing']);
    expect((await asAcme.patch(`/members/${id}`, { role: 'marketer' })).json.role).toBe('marketer');
    expect(await said(browser.ask('POST', '/plans', {}))).toEqual([400, 'invalidField']);
    expect((await browser.ask('GET', '/session')).json.member.role).toBe('marketer');
  });
});

describe('members of another business', () => {
  it('and of the staff are not seen, nor changed', async () => {
    const mine = await join(asAcme, 'viewer');
    const staff = await join(root, 'operator');
    const id = await idOf(asAcme, mine.name);
    const staffId = await idOf(root, staff.name);
    const owner = (await join(asOther, 'owner')).browser;
    for (const hidden of [id, staffId]) {
      expect(await said(owner.ask('GET', `/members/${hidden}`))).toEqual([404, 'memberNotFound']);
      expect(await said(owner.ask('PATCH', `/members/${hidden}`, { state: 'disabled' }))).toEqual([
        404,
        'memberNotFound',
      ]);
      expect(await said(owner.ask('POST', `/members/${hidden}/reset-password`))).toEqual([404, 'memberNotFound']);
      expect(await said(owner.ask('DELETE', `/members/${hidden}`))).toEqual([404, 'memberNotFound']);
      expect((await asOther.delete(`/members/${hidden}`)).json.code).toBe('memberNotFound');
    }
    expect(await said(owner.ask('GET', `/members?business_id=${acme.businessId}`))).toEqual([404, 'businessNotFound']);
    const seen: { business_id: number }[] = (await owner.ask('GET', '/members')).json.items;
    expect(new Set(seen.map(({ business_id }) => business_id))).toEqual(new Set([other.businessId]));
    expect(await idOf(root, mine.name, `?business_id=${acme.businessId}`)).toBe(id);
  });

  it('see only their own things of everything else, whichever role they have', async () => {
    const { browser } = await join(asOther, 'owner');
    for (const path of ['/plans', '/messages', '/signatures', '/api-keys', '/webhooks', '/statement']) {
      const query = path === '/statement' ? '' : `?business_id=${acme.businessId}`;
      if (query !== '') expect(await said(browser.ask('GET', `${path}${query}`))).toEqual([404, 'businessNotFound']);
      else expect((await browser.ask('GET', path)).status).toBe(200);
    }
    expect(await said(browser.ask('GET', `/businesses/${acme.businessId}`))).toEqual([404, 'businessNotFound']);
  });
});

describe('managing members', () => {
  it('disables one at once, lets it in again, and takes it away', async () => {
    const { browser, name } = await join(asAcme, 'viewer');
    const id = await idOf(asAcme, name);
    expect((await asAcme.patch(`/members/${id}`, { state: 'disabled' })).json.state).toBe('disabled');
    expect(await said(browser.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
    const login = { name, password: PASSWORD };
    expect(await said(newBrowser().ask('POST', '/session', login))).toEqual([403, 'memberDisabled']);
    expect(await said(newBrowser().ask('POST', '/session', { name, password: 'wrong' }))).toEqual([
      401,
      'badCredentials',
    ]);
    await asAcme.patch(`/members/${id}`, { state: 'active' });
    await browser.signIn(name, PASSWORD);
    expect((await asAcme.delete(`/members/${id}`)).status).toBe(204);
    expect(await said(browser.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
    expect(await said(newBrowser().ask('POST', '/session', login))).toEqual([401, 'badCredentials']);
  });

  it('resets a password: the old one and all sessions are gone', async () => {
    const { browser, name } = await join(asAcme, 'viewer');
    const id = await idOf(asAcme, name);
    const { password } = (await asAcme.post(`/members/${id}/reset-password`)).json;
    expect(await said(browser.ask('GET', '/session'))).toEqual([401, 'sessionOver']);
    expect(await said(browser.ask('POST', '/session', { name, password: PASSWORD }))).toEqual([401, 'badCredentials']);
    expect((await browser.signIn(name, password)).json.member.must_change_password).toBe(true);
  });

  it('is not for oneself', async () => {
    const { browser, name } = await join(asAcme, 'owner');
    const id = await idOf(asAcme, name);
    for (const edit of [{ role: 'viewer' }, { state: 'disabled' }, { totp: false }]) {
      expect(await said(browser.ask('PATCH', `/members/${id}`, edit))).toEqual([409, 'ownMember']);
    }
    expect(await said(browser.ask('DELETE', `/members/${id}`))).toEqual([409, 'ownMember']);
  });

  it('takes a key that may do everything', async () => {
    const clients = await nativeClients(house);
    const keyOf = async (permissions: string[]) => {
      const { api_key, api_secret } = (await asAcme.post('/api-keys', { permissions })).json;
      return clients({ user: api_key, password: api_secret });
    };
    const narrow = await keyOf(['manage', 'read']);
    expect((await narrow.post('/members', { name: 'by-key', role: 'viewer' })).json.code).toBe('permissionMissing');
    const wide = await keyOf(['manage', 'read', 'send']);
    expect((await wide.post('/members', { name: 'by-key', role: 'viewer' })).status).toBe(201);
  });

  it('a developer hands out no key that manages, nor the password of the business', async () => {
    const { browser } = await join(asAcme, 'developer');
    expect(await said(browser.ask('POST', '/api-keys', {}))).toEqual([403, 'permissionMissing']);
    expect(await said(browser.ask('POST', '/api-keys', { permissions: ['send', 'read'] }))).toEqual([201, null]);
    expect(await said(browser.ask('POST', `/businesses/${acme.businessId}/password`))).toEqual([
      403,
      'permissionMissing',
    ]);
  });

  it('of a suspended business is over for all of its people', async () => {
    const business = await house.createBusiness();
    const { browser, name } = await join(root, 'owner', business.businessId);
    await root.post(`/businesses/${business.businessId}/suspend`);
    expect(await said(browser.ask('GET', '/me'))).toEqual([403, 'businessSuspended']);
    expect(await said(newBrowser().ask('POST', '/session', { name, password: PASSWORD }))).toEqual([
      403,
      'businessSuspended',
    ]);
    await root.post(`/businesses/${business.businessId}/resume`);
    expect((await browser.ask('GET', '/me')).status).toBe(200);
  });
});
