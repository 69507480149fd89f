import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { type Approved, approved, mobiles, type Plan, planOf, send } from './seed.ts';

let house: House;
let root: Client;
let business: TestBusiness;
let own: Client;
let ready: Approved;

beforeAll(async () => {
  house = await startHouse();
  const clientFor = await nativeClients(house);
  root = clientFor(rootOf(house));
  business = await house.createBusiness({ credits: 100 });
  own = clientFor(business);
  ready = await approved(house, root, business);
  // Nothing leaves once the channel has stopped, so plans stay as they are.
  expect((await root.post('/channels/1/disable', {})).status).toBe(200);
  const channel = async () => (await root.get('/channels/1')).json;
  await until(async () => (await channel()).state.link === 'disabled', 'the channel has stopped');
});
afterAll(() => house?.stop());

const newPlan = async (count: number): Promise<Plan> =>
  planOf(own, await send(house, business, ready, mobiles(count)), ({ state }) => state === 'running');

it('a plan is paused, resumed and cancelled, each answering the plan as it is now', async () => {
  const { plan_id: id } = await newPlan(3);
  expect((await own.post(`/plans/${id}/pause`, {})).json).toMatchObject({ plan_id: id, state: 'paused', left: 3 });
  expect((await own.get('/plans?state=paused')).json.items).toMatchObject([{ plan_id: id }]);
  expect((await own.post(`/plans/${id}/resume`, {})).json).toMatchObject({ state: 'running', left: 3 });
  expect((await root.post(`/plans/${id}/cancel`, {})).json).toMatchObject({
    state: 'cancelled',
    left: 0,
    done_at: expect.any(String),
  });
  expect((await own.get(`/plans/${id}`)).json.counts).toEqual({ cancelled: 3 });
  expect((await own.get('/balance')).json).toMatchObject({ available: 100, reserved: 0 });
  const states = (await own.get('/events?kind=plan.state')).json.items.map(({ state }: { state: string }) => state);
  expect(states).toEqual(['running', 'paused', 'running', 'cancelled']);
});

it('what its state does not allow is refused with the state', async () => {
  const { plan_id: id } = await newPlan(1);
  const refused = async (verb: string) => (await own.post(`/plans/${id}/${verb}`, {})).json;
  expect(await refused('resume')).toMatchObject({
    status: 409,
    code: 'planStateWrong',
    detail: expect.stringContaining('running'),
  });
  await own.post(`/plans/${id}/cancel`, {});
  for (const verb of ['pause', 'resume', 'cancel']) {
    expect(await refused(verb)).toMatchObject({ status: 409, code: 'planStateWrong' });
  }
});

it("another's plan, and one that does not exist, look alike", async () => {
  const { plan_id: id } = await newPlan(1);
  const stranger = (await nativeClients(house))(await house.createBusiness());
  for (const verb of ['pause', 'resume', 'cancel']) {
    expect((await stranger.post(`/plans/${id}/${verb}`, {})).json).toMatchObject({ status: 404, code: 'planNotFound' });
    expect((await own.post(`/plans/1/${verb}`, {})).json).toMatchObject({ status: 404, code: 'planNotFound' });
    expect((await own.post(`/plans/x/${verb}`, {})).json).toMatchObject({ status: 400, code: 'invalidField' });
  }
});

it('a key needs the permission to send', async () => {
  const { plan_id: id } = await newPlan(1);
  const clientFor = await nativeClients(house);
  const keyed = async (permissions: string[]) => {
    const { api_key, api_secret } = (await own.post('/api-keys', { permissions })).json;
    return clientFor({ user: api_key, password: api_secret, businessId: business.businessId });
  };
  const reader = await keyed(['read', 'manage']);
  expect((await reader.post(`/plans/${id}/pause`, {})).json).toMatchObject({ status: 403, code: 'permissionMissing' });
  const sender = await keyed(['send']);
  expect((await sender.post(`/plans/${id}/pause`, {})).status).toBe(200);
});

it('a business has a time zone, which can be changed to one that exists', async () => {
  const set = (time_zone: unknown) => own.post(`/businesses/${business.user}/time-zone`, { time_zone });
  expect((await own.get(`/businesses/${business.user}`)).json.time_zone).toBe('UTC');
  expect((await set('Asia/Shanghai')).json.time_zone).toBe('Asia/Shanghai');
  for (const wrong of ['+08:00', 'Nowhere/City', 8]) {
    expect((await set(wrong)).json).toMatchObject({ status: 400, code: 'invalidField', field: 'time_zone' });
  }
  const year = new Date().getFullYear() + 1;
  const start = { template_id: ready.templateId, recipients: mobiles(1), start_at: `${year}-01-01T00:00:00+01:00` };
  const { plan_id: id } = (await own.post('/plans', start)).json;
  expect((await own.get(`/plans/${id}`)).json).toMatchObject({
    state: 'pending',
    start_at: `${year - 1}-12-31T23:00:00.000Z`,
    start_at_local: `${year}-01-01T07:00:00+08:00`,
  });
  const created = await root.post('/businesses', { name: 'zoned', time_zone: 'Europe/Berlin' });
  expect(created.json.time_zone).toBe('Europe/Berlin');
});
