import { afterAll, beforeAll, expect, it } from 'vitest';
import { SETTINGS } from '../../src/config/env.ts';
import { type House, startHouse } from '../house.ts';
import { browsers } from './browser.ts';
import { nativeClients, rootOf } from './client.ts';

let house: House;
beforeAll(async () => {
  house = await startHouse({
    simulator: false,
    env: { SIGNET_SESSION_MAX_HOURS: '1', SIGNET_SESSION_IDLE_MINUTES: '5' },
  });
});
afterAll(() => house?.stop());

it('tells what the installation runs with, secrets hidden', async () => {
  const root = (await nativeClients(house))(rootOf(house));
  const { json, text } = await root.get('/settings');
  expect(json.settings.map(({ name }: { name: string }) => name)).toEqual(
    SETTINGS.filter(({ part }) => part === 'server').map(({ name }) => name),
  );
  const setting = (name: string) => json.settings.find((each: { name: string }) => each.name === name);
  expect(setting('SIGNET_SESSION_MAX_HOURS')).toMatchObject({ value: '1', source: 'environment', fallback: '24' });
  expect(setting('SIGNET_MAX_LATE_MS')).toMatchObject({ value: '3600000', source: 'default' });
  expect(setting('SIGNET_ROOT_PASSWORD').value).toBe('(hidden)');
  expect(text).not.toContain(house.rootPassword);
  expect(json.parts.find(({ name }: { name: string }) => name === 'store')).toMatchObject({
    reachable: true,
    reason: '',
  });
  expect(json.parts.map(({ name }: { name: string }) => name)).toEqual(['store', 'queue', 'redis']);
  expect(json.node).toBe(process.version);
  expect(json.free_disk_bytes).toBeGreaterThan(0);
});

it('sessions last as long as it says', async () => {
  const browser = (await browsers(house))();
  await browser.signIn('root', house.rootPassword);
  const [session] = (await browser.ask('GET', '/sessions')).json.items;
  expect(Date.parse(session.expires_at) - Date.parse(session.created_at)).toBe(3_600_000);
});
