import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, scratch } from '../cli/cli.ts';
import { type House, startHouse, type TestBusiness } from '../house.ts';
import { workbook } from '../workbook.ts';
import { type Client, nativeClients, rootOf } from './client.ts';

let house: House;
let root: Client;
let own: Client;
let business: TestBusiness;
let channelId: number;

beforeAll(async () => {
  house = await startHouse();
  const as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness();
  own = as(business);
  channelId = (await root.get('/channels')).json.items[0].id;
});
afterAll(() => house?.stop());

const rowsOf = async (query = ''): Promise<[string, string | null, number, boolean][]> =>
  (await root.get(`/price-rows${query}`)).json.items.map(
    (row: { prefix: string; category: string | null; credits: number; in_force: boolean }) => [
      row.prefix,
      row.category,
      row.credits,
      row.in_force,
    ],
  );

describe('price tables', () => {
  it('take rows as JSON, now and later', async () => {
    const rows = [
      { credits: 2 },
      { prefix: '86', category: 'marketing', credits: 4, valid_from: '2020-01-01' },
      { prefix: '86', category: 'marketing', credits: 5, valid_from: '2090-01-01T00:00:00+08:00' },
    ];
    expect((await root.post('/price-rows', { rows })).json).toEqual({ rows: 3 });
    expect(await rowsOf()).toEqual([
      ['', null, 2, true],
      ['86', 'marketing', 4, true],
      ['86', 'marketing', 5, false],
    ]);
  });

  it('take a file whole or not at all, and say which line is wrong', async () => {
    const query = `?business_id=${business.businessId}`;
    const bad = 'prefix,category,credits\r\n86,,3\r\n44,lottery,2\r\n';
    const refused = await root.upload(`/price-rows${query}`, bad);
    expect(refused.json).toMatchObject({ status: 400, code: 'fileRefused', detail: expect.stringContaining('line 3') });
    const misspelt = await root.upload(`/price-rows${query}`, 'prefix,categroy,credits\n86,marketing,3\n');
    expect(misspelt.json.detail).toContain('categroy');
    expect(await rowsOf(query)).toEqual([]);
    const good = '\ufeffprefix;category;credits;valid_from\r\n86;;3;\r\n+44;verification;7;2026-01-01\r\n';
    expect((await root.upload(`/price-rows${query}`, good)).json).toEqual({ rows: 2 });
    const book = workbook({
      rows: [
        ['credits', 'prefix'],
        ['9', '1'],
      ],
    });
    expect((await root.upload(`/price-rows${query}`, book)).json).toEqual({ rows: 1 });
    expect(await rowsOf(query)).toEqual([
      ['1', null, 9, true],
      ['44', 'verification', 7, true],
      ['86', null, 3, true],
    ]);
  });

  it('a business sees what it pays, and nothing of the tables', async () => {
    const { items } = (await own.get('/prices')).json;
    expect(
      items.map((row: { scope: string; prefix: string; credits: number }) => [row.scope, row.prefix, row.credits]),
    ).toEqual([
      ['business', '1', 9],
      ['business', '44', 7],
      ['business', '86', 3],
      // Its own row for 86 stands before the marketing row of the installation.
      ['default', '', 2],
    ]);
    const pages = [await own.get('/prices?limit=3')];
    pages.push(await own.get(`/prices?limit=3&cursor=${pages[0]!.json.next_cursor}`));
    expect(pages.map(({ json }) => json.items.length)).toEqual([3, 1]);
    expect((await own.get('/price-rows')).json.code).toBe('adminOnly');
  });

  it('a quote tells the price and why', async () => {
    const quote = (to: string, category: string) =>
      own.get(`/prices/quote?to=${encodeURIComponent(to)}&category=${category}`);
    expect((await quote('+447400123456', 'verification')).json).toMatchObject({
      to: '+447400123456',
      country: 'GB',
      credits: 7,
      scope: 'business',
      row: { prefix: '44', category: 'verification' },
      why: expect.stringContaining('+44'),
    });
    expect((await quote('+447400123456', 'marketing')).json).toMatchObject({ credits: 2, scope: 'default' });
    expect((await quote('13800138000', 'marketing')).json).toMatchObject({ credits: 3, scope: 'business' });
    expect((await quote('nobody', 'marketing')).json).toMatchObject({ code: 'invalidField', field: 'to' });
  });

  it('rows can be taken out', async () => {
    const { items } = (await root.get('/price-rows')).json;
    for (const { id } of items) expect((await root.delete(`/price-rows/${id}`)).status).toBe(204);
    expect(await rowsOf()).toEqual([]);
    expect((await root.delete(`/price-rows/${items[0].id}`)).json.code).toBe('priceNotFound');
  });
});

describe('costs of a channel', () => {
  it('are put as JSON and as a file, and are the administrator only', async () => {
    const path = `/channels/${channelId}/costs`;
    expect((await own.get(path)).json.code).toBe('adminOnly');
    const rows = [{ prefix: '86', micros: 31_500, currency: 'EUR' }];
    expect((await root.post(path, { rows })).json).toEqual({ rows: 1 });
    expect((await root.upload(path, 'prefix,cost,currency\n44,0.0455,EUR\n,1,EUR\n')).json).toEqual({ rows: 2 });
    expect((await root.upload(path, 'prefix,cost,currency\n44,0.04555555,EUR\n')).json.code).toBe('fileRefused');
    const { items } = (await root.get(path)).json;
    expect(items.map((row: { prefix: string; micros: number }) => [row.prefix, row.micros])).toEqual([
      ['', 1_000_000],
      ['44', 45_500],
      ['86', 31_500],
    ]);
    expect((await root.delete(`/channel-costs/${items[0].id}`)).status).toBe(204);
    expect((await root.get('/channels/999/costs')).json.code).toBe('channelNotFound');
    expect((await root.post('/channels/999/costs', { rows })).json.code).toBe('channelNotFound');
  });
});

describe('signet price and signet cost', () => {
  it('do the same from the command line', async () => {
    const env = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
    const json = async (...args: string[]) => {
      const ended = await run([...args, '--json'], env);
      expect({ code: ended.code, said: ended.code === 0 ? '' : ended.stdout }).toEqual({ code: 0, said: '' });
      return ended.json;
    };
    const file = join(scratch(), 'prices.csv');
    writeFileSync(file, 'prefix,credits\n86,6\n');
    expect(await json('price', 'put', file)).toEqual({ rows: 1 });
    expect(await json('price', 'set', 'any', '2', '--category', 'marketing')).toEqual({ rows: 1 });
    const { items } = await json('price', 'list');
    expect(items.map((row: { prefix: string; credits: number }) => [row.prefix, row.credits])).toEqual([
      ['', 2],
      ['86', 6],
    ]);
    expect(await json('price', 'quote', '+8613800138000', '--category', 'marketing')).toMatchObject({ credits: 6 });
    expect((await json('price', 'effective', '--business', business.user)).items).toHaveLength(4);
    expect(await json('price', 'remove', String(items[0].id))).toEqual({ id: items[0].id, removed: true });
    expect((await run(['price', 'set', 'x', '2'], env)).code).toBe(2);
    expect(await json('cost', 'set', 'smsc', '33', '0.06', 'EUR')).toEqual({ rows: 1 });
    expect((await json('cost', 'list', 'smsc')).items.map((row: { micros: number }) => row.micros)).toContain(60_000);
  });
});
