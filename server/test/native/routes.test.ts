import { startSimulator } from '@signet/smpp/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, type House, startHouse, until } from '../house.ts';
import { type Client, nativeClients, rootOf } from './client.ts';

let house: House;
let root: Client;
let business: { user: string; password: string; businessId: number };
const simulators: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  house = await startHouse({ simulator: false, env: { SIGNET_FAILOVER_AFTER_MS: '200' } });
  root = (await nativeClients(house))(rootOf(house));
  business = await house.createBusiness();
});
afterAll(async () => {
  await house?.stop();
  for (const simulator of simulators) await simulator.close();
});

const addChannel = async (name: string, port: number, enabled = true): Promise<number> => {
  const smpp = { host: '127.0.0.1', port, system_id: 'acme', password: 'hush' };
  return (await root.post('/channels', { name, smpp, enabled })).json.id;
};
const explain = async (query: Record<string, string>) =>
  (await root.get(`/routes/explain?${new URLSearchParams({ to: '+8613800138000', category: 'marketing', ...query })}`))
    .json;

// These tests tell one story of an installation, so they run in order.

let up: number;
let down: number;
let off: number;

it('without a route, explains that the lowest enabled channel takes everything', async () => {
  expect(await explain({})).toMatchObject({
    route_id: null,
    channel_id: null,
    why: 'No route fits, and there has never been a channel: the built-in simulator takes the message.',
    routes: [],
    channels: [],
  });
  const simulator = await startSimulator({});
  simulators.push(simulator);
  off = await addChannel('off', 1, false);
  up = await addChannel('up', simulator.port);
  down = await addChannel('down', await freePort());
  await until(async () => (await root.get(`/channels/${up}`)).json.state.link === 'bound', 'the bind');
  expect(await explain({ business: business.user })).toEqual({
    to: '+8613800138000',
    country: 'CN',
    business_id: business.businessId,
    category: 'marketing',
    route_id: null,
    channel_id: up,
    sticky: false,
    simulator: false,
    why: 'No route fits: the message goes over up.',
    routes: [],
    channels: [
      {
        id: off,
        name: 'off',
        role: 'default',
        weight: null,
        standing: 'disabled',
        share: 0,
        reason: 'notUsable',
        why: 'it is disabled',
      },
      {
        id: up,
        name: 'up',
        role: 'default',
        weight: null,
        standing: 'up',
        share: 1,
        reason: 'used',
        why: 'it is the lowest enabled channel, and takes what no route fits',
      },
      expect.objectContaining({ id: down, why: 'without a route, the lowest enabled channel takes everything' }),
    ],
  });
});

it('adds routes, with defaults filled in', async () => {
  const created = await root.post('/routes', { name: 'all', targets: [{ channel_id: up }] });
  expect(created.status).toBe(201);
  expect(created.json).toMatchObject({
    position: 1,
    name: 'all',
    enabled: true,
    countries: [],
    prefixes: [],
    categories: [],
    businesses: [],
    targets: [{ channel_id: up, weight: 1 }],
    fallback: [],
    sticky: false,
  });
  const special = await root.post('/routes', {
    name: 'special',
    position: 1,
    countries: ['CN', 'GB'],
    prefixes: ['8613', '447'],
    categories: ['verification', 'marketing'],
    businesses: [business.businessId],
    targets: [
      { channel_id: down, weight: 70 },
      { channel_id: off, weight: 30 },
    ],
    fallback: [up],
    sticky: true,
  });
  expect(special.json).toMatchObject({ position: 1, name: 'special', fallback: [up], sticky: true });
  expect((await root.get(`/routes/${special.json.id}`)).json).toEqual(special.json);
  const { items } = (await root.get('/routes')).json;
  expect(items.map((route: { name: string }) => route.name)).toEqual(['special', 'all']);
  const page = (await root.get('/routes?limit=1')).json;
  expect((await root.get(`/routes?limit=1&cursor=${page.next_cursor}`)).json).toEqual({
    items: [items[1]],
    next_cursor: null,
  });
});

it.each([
  [{ name: 'r' }, 'targets'],
  [{ name: 'r r', targets: [{ channel_id: 2 }] }, 'name'],
  [{ name: 'r', targets: [] }, 'targets'],
  [{ name: 'r', targets: [{ channel_id: 99 }] }, 'targets'],
  [{ name: 'r', targets: [{ channel_id: 2, weight: 0 }] }, 'targets.0.weight'],
  [{ name: 'r', targets: [{ channel_id: 2 }], fallback: [2] }, 'fallback'],
  [{ name: 'r', targets: [{ channel_id: 2 }], countries: ['XX'] }, 'countries'],
  [{ name: 'r', targets: [{ channel_id: 2 }], countries: ['cn'] }, 'countries.0'],
  [{ name: 'r', targets: [{ channel_id: 2 }], prefixes: ['+86'] }, 'prefixes.0'],
  [{ name: 'r', targets: [{ channel_id: 2 }], categories: ['codes'] }, 'categories.0'],
  [{ name: 'r', targets: [{ channel_id: 2 }], businesses: [999] }, 'businesses'],
  [{ name: 'r', targets: [{ channel_id: 2 }], position: 0 }, 'position'],
  [{ name: 'r', targets: [{ channel_id: 2 }], country: 'CN' }, 'country'],
])('refuses %j', async (body, field) => {
  const before = (await root.get('/routes')).text;
  const answer = await root.post('/routes', body);
  expect(answer.status).toBe(400);
  expect(answer.json.field).toBe(field);
  expect((await root.get('/routes')).text).toBe(before);
});

it('explains each route that was passed by, and each channel', async () => {
  const [special, all] = (await root.get('/routes')).json.items;
  const channel = (answer: { channels: { id: number }[] }, id: number) =>
    answer.channels.find((each) => each.id === id);

  const other = await explain({});
  expect(other).toMatchObject({ route_id: all.id, channel_id: up, why: 'Route all fits: the message goes over up.' });
  expect(other.routes).toEqual([
    {
      id: special.id,
      position: 1,
      name: 'special',
      fits: false,
      misfit: 'business',
      why: `it is for other businesses than ${other.business_id}`,
    },
    { id: all.id, position: 2, name: 'all', fits: true, misfit: null, why: 'it fits' },
  ]);
  const mine = { business: String(business.businessId) };
  const whyNot = async (query: Record<string, string>) => (await explain({ ...mine, ...query })).routes[0].why;
  expect(await whyNot({ category: 'notification' })).toBe('it is for verification, marketing, not for notification');
  expect(await whyNot({ to: '12015550123' })).toBe('it is for CN, GB; the number belongs to US');
  expect(await whyNot({ to: '8615012345678' })).toBe('it is for numbers that begin with 8613, 447');

  // The link that never comes up is waited for, and then given up.
  await until(async () => channel(await explain(mine), down) !== undefined, 'the route');
  await until(async () => (await explain(mine)).channel_id === up, 'the fallback to take over');
  const fallen = await explain(mine);
  expect(fallen).toMatchObject({ route_id: special.id, why: 'Route special fits: the message goes over up.' });
  expect(channel(fallen, down)).toMatchObject({
    role: 'target',
    weight: 70,
    standing: 'down',
    share: 0,
    why: 'its link stays down',
  });
  expect(channel(fallen, off)).toMatchObject({ role: 'target', standing: 'disabled', share: 0, why: 'it is disabled' });
  expect(channel(fallen, up)).toMatchObject({
    role: 'fallback',
    weight: null,
    share: 1,
    why: 'it takes the message, because no target can be used',
  });
});

it('refuses questions that cannot be answered', async () => {
  const ask = async (query: Record<string, string>) =>
    (await root.get(`/routes/explain?${new URLSearchParams(query)}`)).json;
  expect(await ask({ category: 'marketing' })).toMatchObject({ field: 'to' });
  expect(await ask({ to: '+8613800138000' })).toMatchObject({ field: 'category' });
  expect(await ask({ to: '861', category: 'marketing' })).toMatchObject({ field: 'to' });
  expect(await ask({ to: '+861380013800', category: 'marketing' })).toMatchObject({ field: 'to' });
  const nobody = await ask({ to: '+8613800138000', category: 'marketing', business: 'nobody' });
  expect(nobody).toMatchObject({ code: 'businessNotFound' });
});

it('tells what routes did, of as many hours as are kept', async () => {
  const { items, hours } = (await root.get('/routes/figures')).json;
  expect(hours).toBe(24);
  expect(items.map(({ name }: { name: string }) => name)).toEqual(['special', 'all']);
  expect(items[0]).toMatchObject({ messages: 0, fallback: 0, stand_in: 0, passed_on: 0, dead_ends: 0, channels: [] });
  expect((await root.get('/routes/figures?hours=768')).json.hours).toBe(768);
  expect((await root.get('/routes/figures?hours=769')).json).toMatchObject({ field: 'hours' });
  expect((await root.get('/routes/figures?hours=0')).json).toMatchObject({ field: 'hours' });
});

it('changes, moves and deletes routes, and tells it in events', async () => {
  const [special, all] = (await root.get('/routes')).json.items;
  const edited = await root.patch(`/routes/${special.id}`, {
    countries: [],
    targets: [{ channel_id: up, weight: 5 }],
    fallback: [],
  });
  expect(edited.json).toMatchObject({
    ...special,
    countries: [],
    targets: [{ channel_id: up, weight: 5 }],
    fallback: [],
    updated_at: expect.any(String),
  });
  expect((await root.patch(`/routes/${special.id}`, { position: 2 })).json.position).toBe(2);
  expect((await root.get('/routes')).json.items.map((route: { id: number }) => route.id)).toEqual([all.id, special.id]);
  expect((await root.patch(`/routes/${special.id}`, { name: 'all' })).json.code).toBe('routeNameTaken');
  expect((await root.patch('/routes/999', { enabled: false })).json.code).toBe('routeNotFound');

  const taken = await root.delete(`/channels/${up}`);
  expect([taken.status, taken.json.code]).toEqual([409, 'channelNamedByRoute']);
  expect(taken.json.detail).toContain('all, special');

  expect((await root.delete(`/routes/${special.id}`)).status).toBe(204);
  expect((await root.delete(`/routes/${special.id}`)).status).toBe(404);
  const { items } = (await root.get('/events?kind=route.changed')).json;
  expect(items.map((event: { route_id: number; change: string }) => [event.route_id, event.change])).toEqual([
    [all.id, 'created'],
    [special.id, 'created'],
    [special.id, 'edited'],
    [special.id, 'moved'],
    [special.id, 'deleted'],
  ]);
});

it('shows routes to the administrator only', async () => {
  const client = (await nativeClients(house))(business);
  expect((await client.get('/routes')).status).toBe(403);
  expect((await client.get('/routes/figures')).status).toBe(403);
  expect((await client.get('/routes/explain?to=8613800138000&category=marketing')).status).toBe(403);
  expect((await client.post('/routes', { name: 'x', targets: [{ channel_id: up }] })).status).toBe(403);
});
