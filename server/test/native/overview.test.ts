import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { browsers } from './browser.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { approved, mobiles, newSignature, send } from './seed.ts';

let house: House;
let root: Client;
let acme: TestBusiness;
let asAcme: Client;

beforeAll(async () => {
  house = await startHouse();
  const clients = await nativeClients(house);
  root = clients(rootOf(house));
  acme = await house.createBusiness();
  asAcme = clients(acme);
});
afterAll(() => house?.stop());

const kinds = async (client: Pick<Client, 'get'>, query = ''): Promise<[string, number][]> =>
  (await client.get(`/overview${query}`)).json.attention.map(({ kind, count }: { kind: string; count: number }) => [
    kind,
    count,
  ]);

describe('the overview', () => {
  it('tells a business that begins what to do next, step by step', async () => {
    const steps = async () => (await asAcme.get('/overview')).json.steps;
    const none = { signature: false, template: false, approved: false, credits: false, sent: false };
    expect(await steps()).toEqual(none);
    expect(await kinds(asAcme)).toEqual([['balance-low', 1]]);
    await newSignature(house, acme, 'First');
    expect(await steps()).toEqual({ ...none, signature: true });
    expect(await kinds(asAcme)).toContainEqual(['in-review', 1]);
    const ready = await approved(house, root, acme);
    expect(await steps()).toEqual({ ...none, signature: true, template: true, approved: true });
    await root.post(`/businesses/${acme.businessId}/top-up`, { credits: 50 });
    await send(house, acme, ready, mobiles(3));
    expect(await steps()).toEqual({ signature: true, template: true, approved: true, credits: true, sent: true });
  });

  it("has today's figures, of a business and of all", async () => {
    let overview = (await asAcme.get('/overview')).json;
    await until(async () => {
      overview = (await asAcme.get('/overview')).json;
      return overview.today.delivered + overview.yesterday.delivered === 3;
    }, 'three messages to be delivered and counted');
    const both = (name: string) => overview.today[name] + overview.yesterday[name];
    expect([both('sent'), both('failed'), both('segments'), both('credits')]).toEqual([3, 0, 3, 3]);
    expect(overview.today.delivery_rate ?? overview.yesterday.delivery_rate).toBe(1);
    expect(overview).toMatchObject({
      business_id: acme.businessId,
      zone: 'UTC',
      balance: { available: 47, reserved: 0 },
    });
    const all = (await root.get('/overview')).json;
    expect(all).toMatchObject({ business_id: null, balance: null, steps: null });
    expect(all.today.sent + all.yesterday.sent).toBe(3);
    expect((await root.get(`/overview?business_id=${acme.businessId}`)).json.today).toEqual(overview.today);
    const other = await house.createBusiness();
    expect((await asAcme.get(`/overview?business_id=${other.businessId}`)).json.code).toBe('businessNotFound');
    const asOther = (await nativeClients(house))(other);
    const nothing = { sent: 0, delivered: 0, failed: 0, segments: 0, credits: 0, delivery_rate: null };
    expect((await asOther.get('/overview')).json.today).toEqual(nothing);
  });

  it('tells the staff what wants somebody to look, as far as their role goes', async () => {
    await root.post(`/businesses/${acme.businessId}/low-balance`, { credits: 1_000 });
    await root.post('/channels', {
      name: 'nobody-there',
      smpp: { host: '127.0.0.1', port: 1, system_id: 'a', password: 'a' },
    });
    await until(
      async () =>
        (await root.get('/overview')).json.attention.some(
          ({ id, kind }: { id: number; kind: string }) => id === 2 && kind === 'channel-down',
        ),
      'the channel to be down',
    );
    const { attention } = (await root.get('/overview')).json;
    expect(attention).toContainEqual({
      kind: 'channel-down',
      count: 1,
      id: 2,
      name: 'nobody-there',
      amount: null,
      detail: expect.any(String),
      since: null,
    });
    expect(attention).toContainEqual({
      kind: 'balance-low',
      count: 1,
      id: acme.businessId,
      name: acme.user,
      amount: 47,
      detail: '47 credits, less than 1000',
      since: null,
    });
    expect(await kinds(root)).toContainEqual(['reviews', 1]);
    const made = (await root.post('/members', { name: 'reviewer', role: 'reviewer' })).json;
    const reviewer = (await browsers(house))();
    await reviewer.signIn('reviewer', made.password);
    await reviewer.ask('POST', '/session/password', { current: made.password, next: 'a password of my own' });
    const seen = (await reviewer.ask('GET', '/overview')).json;
    expect(seen.attention.map(({ kind }: { kind: string }) => kind)).toEqual(['reviews']);
  });
});
