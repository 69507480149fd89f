import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { run } from './cli.ts';

let house: House;
let receiver: Receiver;
let acme: TestBusiness;
let env: Record<string, string>;
let root: Record<string, string>;

beforeAll(async () => {
  house = await startHouse({
    simulator: false,
    env: { SIGNET_WEBHOOK_ALLOW_HTTP: 'yes', SIGNET_WEBHOOK_ALLOW_NETWORKS: '127.0.0.0/8' },
  });
  receiver = await startReceiver();
  acme = await house.createBusiness();
  env = { SIGNET_URL: house.url, SIGNET_USER: acme.user, SIGNET_PASSWORD: acme.password };
  root = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
});
afterAll(async () => {
  await house?.stop();
  await receiver?.close();
});

// These tests tell one story of a webhook, so they run in order.

it('adds one, shows its secret once, and lists it', async () => {
  const added = await run(['webhook', 'add', receiver.url, '--tell', 'key_manage, sent', '--description', 'ours'], env);
  expect(added.code).toBe(0);
  expect(added.stdout).toMatch(/^secret +whsec_/m);
  expect(added.stdout).toMatch(/^told +sent key_manage$/m);
  expect(added.stderr).toContain('not shown again');
  const { json } = await run(['webhook', 'list', '--json'], env);
  expect(json.items).toMatchObject([{ url: receiver.url, callbacks: ['sent', 'key_manage'], description: 'ours' }]);
  const shown = await run(['webhook', 'show', String(json.items[0].id)], env);
  expect(shown.stdout).not.toContain('whsec_');
  // Root sees it by the name of its business, and its own list is empty.
  expect((await run(['webhook', 'list', '--business', acme.user, '--json'], root)).json.items).toEqual(json.items);
  expect((await run(['webhook', 'list', '--json'], root)).json.items).toEqual([]);
});

it('changes it, and says what is wrong with a change', async () => {
  const edited = await run(
    ['webhook', 'edit', '1', '--tell', 'key_manage', '--authorization', 'Bearer x', '--json'],
    env,
  );
  expect(edited.json).toMatchObject({ callbacks: ['key_manage'], has_authorization: true });
  const without = await run(['webhook', 'edit', '1', '--no-authorization', '--json'], env);
  expect(without.json.has_authorization).toBe(false);
  expect((await run(['webhook', 'edit', '1'], env)).stderr).toContain('nothing to change');
  const lost = await run(['webhook', 'edit', '1', '--address', 'http://10.0.0.1/'], env);
  expect([lost.code === 0, lost.stderr]).toEqual([false, expect.stringContaining('its address is not public')]);
});

it('shows what it was sent, switches it and takes it away', async () => {
  await house.request('POST', '/api/v1/api-keys', { ...acme, body: {} });
  await until(() => receiver.received.length > 0, 'the callback');
  await until(
    async () =>
      (await run(['webhook', 'deliveries', '1', '--state', 'succeeded', '--json'], env)).json.items.length > 0,
    'the delivery',
  );
  const listed = await run(['webhook', 'deliveries', '1'], env);
  expect(listed.stdout).toMatch(/succeeded.*key_manage.*200/);
  expect((await run(['webhook', 'disable', '1', '--json'], env)).json.state).toBe('disabled');
  expect((await run(['webhook', 'enable', '1', '--json'], env)).json.state).toBe('active');
  expect((await run(['webhook', 'remove', '1', '--json'], env)).json).toEqual({ id: 1, removed: true });
  expect((await run(['webhook', 'show', '1'], env)).stderr).toContain('GET /api/v1/webhooks lists them');
});

it('sets the balance a business wants to hear of', async () => {
  const set = await run(['business', 'low-balance', acme.user, '500', '--json'], root);
  expect(set.json).toMatchObject({ user: acme.user, low_balance: 500 });
  const off = await run(['business', 'low-balance', acme.user, 'off'], root);
  expect(off.stdout).toContain('told nothing');
});
