import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newFolder } from '../folder.ts';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { run } from './cli.ts';

let house: House;
let acme: TestBusiness;
let env: Record<string, string>;
let root: Record<string, string>;
const folder = newFolder();

beforeAll(async () => {
  house = await startHouse();
  acme = await house.createBusiness();
  env = { SIGNET_URL: house.url, SIGNET_USER: acme.user, SIGNET_PASSWORD: acme.password };
  root = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
  await until(
    async () => (await house.asRoot('GET', '/api/v1/channels')).json.items[0]?.state.link === 'bound',
    'the bind',
  );
});
afterAll(() => house?.stop());

const json = async (args: string[], as = env) => (await run([...args, '--json'], as)).json;

// These tests tell one story, so they run in order.

it('gives a number to a business, and takes it back', async () => {
  const added = await run(['inbound', 'number', 'add', '1069*', acme.user, '--channel', 'smsc'], root);
  expect(added.stdout).toContain(`messages to 1069* are for ${acme.user}`);
  const { items } = await json(['inbound', 'number', 'list', '--business', acme.user], root);
  expect(items).toMatchObject([{ number: '1069*', business_id: acme.businessId }]);
  expect((await run(['inbound', 'number', 'add', '1', acme.user, '--channel', 'none'], root)).stderr).toContain(
    'no channel is called none',
  );
  const other = await json(['inbound', 'number', 'add', '+447400123456', acme.user], root);
  expect((await json(['inbound', 'number', 'remove', String(other.id)], root)).removed).toBe(true);
});

it('shows what came in', async () => {
  await house.simulator.deliver({ from: '8613800138000', to: '1069001', text: 'hello there' });
  await house.simulator.deliver({ from: '8613800138000', to: '77', text: 'for nobody' });
  const listed = await run(['inbound', 'list'], env);
  expect(listed.stdout).toMatch(/\+8613800138000.*1069001.*plain.*hello there/);
  const { items } = await json(['inbound', 'list', '--from', '+8613800138000', '--kind', 'plain']);
  expect(items).toHaveLength(1);
  expect(await json(['inbound', 'show', String(items[0].id)])).toEqual(items[0]);
  expect((await json(['inbound', 'list', '--unmatched'], root)).items).toMatchObject([{ text: 'for nobody' }]);
  expect((await json(['inbound', 'list', '--business', acme.user, '--limit', '5'], root)).items).toEqual(items);
});

it('adds and removes keywords', async () => {
  const added = await json(['inbound', 'keyword', 'add', 'join', '--business', acme.user, '--shared'], root);
  expect(added).toMatchObject({ word: 'JOIN', shared: true, template_id: null });
  expect((await run(['inbound', 'keyword', 'list'], env)).stdout).toMatch(/JOIN.*yes/);
  expect((await run(['inbound', 'keyword', 'remove', String(added.id)], root)).stdout).toContain('is removed');
  expect((await json(['inbound', 'keyword', 'list'])).items).toEqual([]);
});

it.each([
  ['opt-out', []],
  ['blacklist', []],
])('keeps a list: %s', async (list) => {
  expect(await json([list, 'add', '+8613800138001', '13800138002', '--note', 'by phone'])).toEqual({ changed: 2 });
  expect((await run([list, 'list'], env)).stdout).toMatch(/\+8613800138002.*business.*by phone/);
  const file = join(folder, `${list}.csv`);
  expect((await run([list, 'export', file], env)).stdout).toContain(file);
  expect(readFileSync(file, 'utf8').trim().split('\r\n')).toHaveLength(3);
  expect(await json([list, 'remove', '--file', file])).toEqual({ changed: 2 });
  expect(await json([list, 'add', '--file', file])).toEqual({ changed: 2 });
  expect(await json([list, 'remove', '+8613800138001', '+8613800138002'])).toEqual({ changed: 2 });
  const nothing = join(folder, 'nothing.csv');
  writeFileSync(nothing, 'mobile\n');
  expect((await run([list, 'add', '--file', nothing], env)).stderr).toContain('no number is given');
  expect((await run([list, 'add', '12'], env)).stderr).toContain('cannot be a mobile number');
});

it("keeps the installation's blacklist, for root", async () => {
  expect(await json(['blacklist', 'add', '+8613800138009'], root)).toEqual({ changed: 1 });
  expect((await json(['blacklist', 'list'], root)).items).toMatchObject([{ source: 'administrator' }]);
  expect((await json(['blacklist', 'list'])).items).toEqual([]);
  expect((await json(['blacklist', 'list', '--business', acme.user], root)).items).toEqual([]);
});

it('shows and sets the words of a business', async () => {
  expect((await run(['opt-out', 'words'], env)).stdout).toMatch(/^out +T, TD.*STOP/m);
  expect((await json(['opt-out', 'words', '--out', 'nein, stop'])).opt_out).toEqual(['nein', 'stop']);
  expect((await json(['opt-out', 'words', '--out', 'usual'])).usual.opt_out).toBe(true);
});
