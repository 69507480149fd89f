import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SubmitRecord } from '@signet/smpp/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, scratch } from '../cli/cli.ts';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { browsers } from './browser.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { approved, mobiles } from './seed.ts';

const submitted: SubmitRecord[] = [];
let house: House;
let root: Client;
let own: Client;
let business: TestBusiness;
let channelId: number;
const month = new Date().toISOString().slice(0, 7);

beforeAll(async () => {
  house = await startHouse({ simulator: { onSubmit: (records) => submitted.push(...records) } });
  const as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness({ credits: 100 });
  own = as(business);
  channelId = (await root.get('/channels')).json.items[0].id;
  await root.post(`/channels/${channelId}/costs`, { rows: [{ prefix: '86', micros: 20_000, currency: 'EUR' }] });
  const { templateId } = await approved(house, root, business);
  const { plan_id } = (await own.post('/plans', { template_id: templateId, recipients: mobiles(6) })).json;
  await until(
    async () => (await own.get(`/plans/${plan_id}`)).json.counts.delivered === 6,
    'everything to be delivered',
  );
});
afterAll(() => house?.stop());

/** The carrier's list, but the first message is missing, the second is dearer, and one row is of nobody. */
const list = () =>
  [
    'Reference;Number;Amount',
    ...submitted
      .slice(1)
      .map(({ messageId, destination }, i) => `${messageId};${destination};${i === 0 ? '0.03' : '0.02'}`),
    'nobody;447400123456;0.02',
  ].join('\r\n');

it('a list of a carrier is compared, and the differences can be fetched', async () => {
  const path = `/channels/${channelId}/cdr?month=${month}&id_column=Reference&to_column=2&cost_column=Amount`;
  const answer = await root.upload(path, list());
  expect(answer.status).toBe(201);
  expect(answer.json).toMatchObject({
    channel_id: channelId,
    matched: 5,
    matched_by_id: 5,
    segments_differ: 0,
    cost_differs: 1,
    only_ours: 1,
    only_theirs: 1,
    ours: { messages: 6, segments: 6, cost_micros: 120_000 },
    theirs: { rows: 6, segments: 6, cost_micros: 130_000 },
  });
  const { text } = await root.get(answer.json.differences.replace('/api/v1', ''));
  const lines = text.replace('\ufeff', '').trimEnd().split('\r\n');
  expect(lines[0]).toMatch(/^difference,message_id,to,/);
  expect(
    lines
      .slice(1)
      .map((line) => line.split(',')[0])
      .sort(),
  ).toEqual(['cost', 'only ours', 'only theirs']);
  // A number is a text, and no sum.
  expect(text).toContain("'+447400123456");
  const shown = `/cdr-comparisons/${answer.json.id}/differences`;
  const first = (await root.get(`${shown}?limit=2`)).json;
  const second = (await root.get(`${shown}?limit=2&cursor=${first.next_cursor}`)).json;
  expect(second.next_cursor).toBeNull();
  const differences = [...first.items, ...second.items];
  expect(differences.map(({ difference }) => difference).sort()).toEqual(['cost', 'only ours', 'only theirs']);
  expect(differences.find(({ difference }) => difference === 'cost')).toMatchObject({
    ours: { message_id: expect.stringMatching(/^\d+$/), segments: 1, cost_micros: 20_000, state: 'delivered' },
    theirs: { line: 2, cost_micros: 30_000, segments: 1, at: null },
  });
  expect(differences.find(({ difference }) => difference === 'only theirs')).toMatchObject({
    ours: null,
    theirs: { carrier_id: 'nobody', to: '+447400123456' },
  });
});

it('finance sees the differences with masked numbers, and no file with whole ones', async () => {
  const path = `/channels/${channelId}/cdr?month=${month}&id_column=Reference&to_column=2&cost_column=Amount`;
  const { id } = (await root.upload(path, list())).json;
  const { password } = (await root.post('/members', { name: 'fin', role: 'finance' })).json;
  const finance = (await browsers(house))();
  await finance.signIn('fin', password);
  await finance.ask('POST', '/session/password', { current: password, next: 'correct horse battery' });
  const { items } = (await finance.ask('GET', `/cdr-comparisons/${id}/differences`)).json;
  expect(items.find(({ ours }: { ours: null }) => ours === null).theirs.to).toBe('+4474***56');
  expect((await finance.ask('GET', `/cdr-comparisons/${id}/differences.csv`)).json.code).toBe('permissionMissing');
});

it('only by the administrator, for a channel there is, and a file that can be read', async () => {
  const path = `/channels/${channelId}/cdr?month=${month}`;
  expect((await own.upload(path, list())).json.code).toBe('adminOnly');
  expect((await root.upload(`/channels/999/cdr?month=${month}`, list())).json.code).toBe('channelNotFound');
  expect((await root.upload(path, list())).json).toMatchObject({ code: 'fileRefused' });
  expect((await root.upload(`/channels/${channelId}/cdr?month=2026-13`, list())).json).toMatchObject({
    field: 'month',
  });
  expect((await root.post(path)).json).toMatchObject({ code: 'invalidField', field: 'body' });
  expect((await root.get('/cdr-comparisons/1/differences.csv')).json.code).toBe('comparisonNotFound');
  expect((await root.get('/cdr-comparisons/1/differences')).json.code).toBe('comparisonNotFound');
  expect((await own.get('/cdr-comparisons/1/differences')).json.code).toBe('adminOnly');
});

it('can be done from the command line', async () => {
  const file = join(scratch(), 'list.csv');
  writeFileSync(file, list());
  const env = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
  const options = [
    '--channel',
    'smsc',
    '--file',
    file,
    '--month',
    month,
    '--map',
    'id=Reference',
    'to=Number',
    'cost=Amount',
  ];
  const ended = await run(['cdr', 'compare', ...options, '--json'], env);
  expect(ended.json).toMatchObject({ matched: 5, cost_differs: 1, only_ours: 1, only_theirs: 1 });
  expect(readFileSync(`${file}.differences.csv`, 'utf8')).toContain('only theirs');
});
