import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { type Browser, browsers } from './browser.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { newSignature } from './seed.ts';

let house: House;
let root: Client;
let acme: TestBusiness;
let other: TestBusiness;
let asAcme: Client;
let browser: Browser;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  const clients = await nativeClients(house);
  root = clients(rootOf(house));
  [acme, other] = [await house.createBusiness({ credits: 100 }), await house.createBusiness()];
  asAcme = clients(acme);
  browser = (await browsers(house))();
});
afterAll(() => house?.stop());

// biome-ignore lint/suspicious/noExplicitAny: entries as they come over the wire
type Entry = any;
const entries = async (client: Pick<Client, 'get'>, query = ''): Promise<Entry[]> =>
  (await client.get(`/audit${query}`)).json.items;

describe('the audit log', () => {
  it('tells of changes through every way in, with who and from where', async () => {
    const key = (await asAcme.post('/api-keys', {})).json;
    const login = { user: key.api_key, password: key.api_secret };
    await house.request('POST', '/v1/signature', { ...login, body: { signature: 'Acme', source: 'register' } });
    const engagelab = { sign_name: 'Acme Two', sign_desc: 'tells of a parcel' };
    await house.request('POST', '/v1/sign-configs', { ...login, body: engagelab });
    await browser.signIn(acme.user, acme.password);
    await browser.ask('POST', `/businesses/${acme.businessId}/low-balance`, { credits: 3 });
    await house.asRoot('POST', '/v2/charge', { name: acme.user, charge: 5 });

    const found = await entries(asAcme);
    const brief = found.map(({ via, action, by }) => [via, action, by.kind, by.name]);
    expect(brief).toContainEqual(['native', 'key.create', 'business', acme.user]);
    expect(brief).toContainEqual(['tsms', 'signature.create', 'key', key.api_key]);
    expect(brief).toContainEqual(['console', 'session.open', 'business', acme.user]);
    expect(brief).toContainEqual(['console', 'business.low-balance', 'business', acme.user]);
    const own = found.filter(({ by }) => by.kind !== 'staff');
    expect(new Set(own.map(({ address }) => address))).toEqual(new Set(['127.0.0.1']));
    const lowered = found.find(({ action }) => action === 'business.low-balance');
    expect(lowered).toMatchObject({
      object: 'business',
      object_id: String(acme.businessId),
      before: { lowBalance: null },
      after: { lowBalance: 3 },
    });
    expect(JSON.stringify(found)).not.toContain(key.api_secret);
  });

  it('tells a business that the staff did something to its things, not who and from where', async () => {
    const signatureId = await newSignature(house, acme, 'Reviewed');
    await root.post(`/signatures/${signatureId}/review`, { state: 'approved' });
    const query = `?object=signature&object_id=${signatureId}&action=signature.review`;
    expect(await entries(asAcme, query)).toMatchObject([
      { by: { kind: 'staff', id: null, name: '' }, address: '', after: { review: 'approved' } },
    ]);
    expect(await entries(root, query)).toMatchObject([
      { by: { kind: 'business', name: 'root' }, address: '127.0.0.1' },
    ]);
  });

  it('is of one business for its own, and of all for the staff', async () => {
    await root.post(`/businesses/${other.businessId}/weight`, { weight: 5 });
    await root.post('/channels', {
      name: 'audited',
      smpp: { host: '127.0.0.1', port: 1, system_id: 'a', password: 'hushhush' },
    });
    const seen = new Set((await entries(asAcme, '?limit=1000')).map(({ business_id }) => business_id));
    expect(seen).toEqual(new Set([acme.businessId]));
    expect((await asAcme.get(`/audit?business_id=${other.businessId}`)).json.code).toBe('businessNotFound');
    const all = await entries(root, '?limit=1000');
    expect(new Set(all.map(({ business_id }) => business_id))).toEqual(
      new Set([null, 1, acme.businessId, other.businessId]),
    );
    const channel = all.find(({ action }) => action === 'channel.create');
    expect(channel.after.smpp).toMatchObject({ host: '127.0.0.1', password: '(hidden)' });
    expect(await entries(root, `?business_id=${other.businessId}&action=business.weight`)).toHaveLength(1);
  });

  it('is read page by page, by whom and by when', async () => {
    const made = await root.post('/members', { name: 'auditor', role: 'admin' });
    const auditor = (await browsers(house))();
    await auditor.signIn('auditor', made.json.password);
    await auditor.ask('POST', '/session/password', { current: made.json.password, next: 'a password of my own' });
    await auditor.ask('POST', `/businesses/${other.businessId}/weight`, { weight: 6 });
    const mine = (await auditor.ask('GET', `/audit?member_id=${made.json.id}`)).json.items;
    expect(mine.map(({ action }: Entry) => action)).toEqual(['business.weight', 'session.password', 'session.open']);
    const first = (await root.get(`/audit?member_id=${made.json.id}&limit=2`)).json;
    const rest = (await root.get(`/audit?member_id=${made.json.id}&limit=2&cursor=${first.next_cursor}`)).json;
    expect([...first.items, ...rest.items]).toEqual(mine);
    expect(rest.next_cursor).toBe(null);
    const since = encodeURIComponent(mine[0].at);
    expect((await entries(root, `?from=${since}`)).every(({ at }) => at >= mine[0].at)).toBe(true);
    expect((await entries(root, `?to=${since}`)).every(({ at }) => at < mine[0].at)).toBe(true);
    expect((await root.get('/audit?from=yesterday')).json).toMatchObject({ code: 'invalidField', field: 'from' });
  });

  it('is not for whoever only looks', async () => {
    const { json } = await asAcme.post('/api-keys', { permissions: ['read'] });
    const asKey = (await nativeClients(house))({ user: json.api_key, password: json.api_secret });
    expect((await asKey.get('/audit')).json.code).toBe('permissionMissing');
    const made = (await asAcme.post('/members', { name: 'onlooker', role: 'viewer' })).json;
    const viewer = (await browsers(house))();
    await viewer.signIn('onlooker', made.password);
    await viewer.ask('POST', '/session/password', { current: made.password, next: 'a password of my own' });
    expect((await viewer.ask('GET', '/audit')).json.code).toBe('permissionMissing');
  });
});
