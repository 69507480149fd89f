import { startSimulator } from '@signet/smpp/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freePort, type House, startHouse, until } from '../house.ts';
import { type Client, nativeClients, rootOf } from './client.ts';

let house: House;
let root: Client;

beforeAll(async () => {
  house = await startHouse({ simulator: false });
  root = (await nativeClients(house))(rootOf(house));
});
afterAll(() => house?.stop());

const smpp = { host: '127.0.0.1', port: 2775, system_id: 'acme', password: 'hush' };

// These tests tell one story of an installation, so they run in order.

it('the built-in simulator stands in while there has never been a channel', async () => {
  expect((await root.get('/channels')).json).toEqual({ items: [], next_cursor: null, simulator: true });
  expect((await root.get('/system')).json.simulator).toBe(true);
});

it.each([
  [{ name: 'c' }, 'smpp'],
  [{ name: 'c c', smpp }, 'name'],
  [{ name: 'c', smpp: { ...smpp, host: 'a b' } }, 'smpp.host'],
  [{ name: 'c', smpp: { ...smpp, port: 0 } }, 'smpp.port'],
  [{ name: 'c', smpp: { ...smpp, port: '2775' } }, 'smpp.port'],
  [{ name: 'c', smpp: { ...smpp, system_id: 'a'.repeat(16) } }, 'smpp.system_id'],
  [{ name: 'c', smpp: { ...smpp, system_id: '签' } }, 'smpp.system_id'],
  [{ name: 'c', smpp: { ...smpp, password: '123456789' } }, 'smpp.password'],
  [{ name: 'c', smpp: { ...smpp, window: 0 } }, 'smpp.window'],
  [{ name: 'c', smpp: { ...smpp, response_timeout_ms: 1 } }, 'smpp.response_timeout_ms'],
  [{ name: 'c', smpp: { ...smpp, speed: 5 } }, 'smpp.speed'],
  [{ name: 'c', smpp: { ...smpp, rate: 0 } }, 'smpp.rate'],
  [{ name: 'c', smpp: { ...smpp, bind_mode: 'both' } }, 'smpp.bind_mode'],
  [{ name: 'c', smpp: { ...smpp, source_ton: 'any' } }, 'smpp.source_ton'],
  [{ name: 'c', smpp: { ...smpp, alphabets: [] } }, 'smpp.alphabets'],
  [{ name: 'c', smpp: { ...smpp, alphabets: ['gsm7', 'gsm7'] } }, 'smpp.alphabets'],
  [{ name: 'c', smpp: { ...smpp, single_shift: ['klingon'] } }, 'smpp.single_shift.0'],
  [{ name: 'c', smpp: { ...smpp, senders: { '2': '' } } }, 'smpp.senders.2'],
  [{ name: 'c', smpp: { ...smpp, senders: { acme: 'Acme' } } }, 'smpp.senders'],
  [{ name: 'c', smpp: { ...smpp, status_outcomes: { ESME_RSYSERR: 'retry' } } }, 'smpp.status_outcomes.ESME_RSYSERR'],
  [{ name: 'c', smpp: { ...smpp, status_outcomes: { ESME_WHAT: 'later' } } }, 'smpp.status_outcomes'],
  [{ name: 'c', smpp: { ...smpp, tls_ca: 'no certificate' } }, 'smpp.tls_ca'],
  [
    { name: 'c', smpp: { ...smpp, tls_ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' } },
    'smpp.tls_ca',
  ],
  [{ name: 'c', smpp, simulated: true }, 'simulated'],
])('refuses %j', async (body, field) => {
  const answer = await root.post('/channels', body);
  expect(answer.status).toBe(400);
  expect(answer.json.field).toBe(field);
  expect((await root.get('/channels')).json.simulator).toBe(true);
});

it('adds a channel, with defaults filled in and the password kept back', async () => {
  const created = await root.post('/channels', {
    name: 'first',
    smpp: { ...smpp, port: await freePort() },
    enabled: false,
  });
  expect(created.status).toBe(201);
  expect(created.json).toMatchObject({
    name: 'first',
    kind: 'smpp',
    enabled: false,
    simulated: false,
    smpp: {
      host: '127.0.0.1',
      system_id: 'acme',
      system_type: '',
      sender: '',
      window: 100,
      registered_delivery: 'final',
    },
    state: { link: 'disabled', in_flight: 0 },
  });
  expect(created.json.smpp).not.toHaveProperty('password');
  expect((await root.get(`/channels/${created.json.id}`)).text).not.toContain('hush');
  expect((await root.get('/channels')).json).toMatchObject({ items: [{ name: 'first' }], simulator: false });
});

it('refuses a name that is taken', async () => {
  const answer = await root.post('/channels', { name: 'first', smpp });
  expect(answer.status).toBe(409);
  expect(answer.json.code).toBe('channelNameTaken');
});

it('changes what is named and keeps the rest', async () => {
  const [{ id, smpp: before }] = (await root.get('/channels')).json.items;
  const change = { window: 7, sender: 'ACME', rate: 500, bind_mode: 'transmitter_receiver', source_ton: 5, tls: false };
  const edited = (await root.patch(`/channels/${id}`, { smpp: change })).json;
  expect(edited.smpp).toEqual({ ...before, ...change });
  const back = { rate: null, bind_mode: 'transceiver', source_ton: 'auto' };
  expect((await root.patch(`/channels/${id}`, { smpp: back })).json.smpp).toMatchObject(back);
  expect(edited.enabled).toBe(false);
  expect((await root.patch(`/channels/${id}`, { name: 'other' })).json.field).toBe('name');
  expect((await root.patch('/channels/999', { enabled: true })).status).toBe(404);
});

it('shows why a link is down, and that it is bound', async () => {
  const [{ id }] = (await root.get('/channels')).json.items;
  const linkOf = async () => (await root.get(`/channels/${id}`)).json.state;
  await root.post(`/channels/${id}/enable`);
  await until(async () => (await linkOf()).reason !== '', 'a reason why the link is down');

  const simulator = await startSimulator({});
  try {
    await root.patch(`/channels/${id}`, { smpp: { port: simulator.port } });
    await until(async () => (await linkOf()).link === 'bound', 'the bind');
    expect(await linkOf()).toMatchObject({ link: 'bound', window: 7 });
    const disabled = (await root.post(`/channels/${id}/disable`)).json;
    expect(disabled.enabled).toBe(false);
    await until(async () => (await linkOf()).link === 'disabled', 'the unbind');
  } finally {
    await simulator.close();
  }
});

it('lists them page by page', async () => {
  await root.post('/channels', { name: 'second', smpp, enabled: false });
  const first = (await root.get('/channels?limit=1')).json;
  const second = (await root.get(`/channels?limit=1&cursor=${first.next_cursor}`)).json;
  expect([first.items[0].name, second.items[0].name, second.next_cursor]).toEqual(['first', 'second', null]);
});

it('deleting the last one does not bring the simulator back', async () => {
  for (const { id } of (await root.get('/channels')).json.items) {
    expect((await root.delete(`/channels/${id}`)).status).toBe(204);
    expect((await root.get(`/channels/${id}`)).status).toBe(404);
    expect((await root.delete(`/channels/${id}`)).json.code).toBe('channelNotFound');
  }
  expect((await root.get('/channels')).json).toEqual({ items: [], next_cursor: null, simulator: false });
});
