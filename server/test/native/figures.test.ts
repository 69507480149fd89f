import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, scratch } from '../cli/cli.ts';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { ledgerFaults } from '../journeys/sender.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { type Approved, approved, mobiles } from './seed.ts';

let house: House;
let root: Client;
let own: Client;
let other: Client;
let business: TestBusiness;
let seed: Approved;
let channelId: number;

const BRITISH = ['+447400123456', '+447400123457'];

beforeAll(async () => {
  // Numbers that end in 7 are never delivered, those that end in 9 are refused.
  house = await startHouse({
    simulator: {
      rules: [
        { suffix: '9', status: 0x0b },
        { suffix: '7', receipt: 'undeliverable' },
      ] as never,
    },
  });
  const as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness({ credits: 1_000 });
  own = as(business);
  other = as(await house.createBusiness({ credits: 10 }));
  seed = await approved(house, root, business);
  channelId = (await root.get('/channels')).json.items[0].id;
  await root.post('/price-rows', { rows: [{ prefix: '44', credits: 3 }] });
  await root.post(`/channels/${channelId}/costs`, {
    rows: [
      { prefix: '86', micros: 20_000, currency: 'EUR' },
      { prefix: '44', micros: 50_000, currency: 'EUR' },
    ],
  });
  await own.post('/plans', {
    template_id: seed.templateId,
    signature_id: seed.signatureId,
    recipients: [...mobiles(10), ...BRITISH],
  });
  await until(async () => {
    const { json } = await own.get('/figures?by=month');
    const { totals, counted_until } = json;
    return counted_until === null && totals.delivered + totals.failed === 12;
  }, 'everything to be counted');
});
afterAll(() => house?.stop());

describe('figures', () => {
  it('tell a business what became of its messages, and nothing of costs', async () => {
    const { totals, items, zone } = (await own.get('/figures?by=day&group=country,category')).json;
    // Of the Chinese numbers one is refused and one not delivered; so is one British number.
    expect(totals).toEqual({ sent: 11, delivered: 9, failed: 3, segments: 11, credits: 9 + 6, refunded: 0 });
    expect(zone).toBe('UTC');
    const of = (country: string) => items.filter((item: { country: string }) => item.country === country);
    expect(of('CN')).toEqual([
      expect.objectContaining({ category: 'notification', sent: 9, delivered: 8, failed: 2, segments: 9, credits: 9 }),
    ]);
    expect(of('GB')).toEqual([expect.objectContaining({ sent: 2, delivered: 1, failed: 1, segments: 2, credits: 6 })]);
    expect((await other.get('/figures?by=month')).json.items).toEqual([]);
    expect((await own.get(`/figures?business_id=1`)).json.code).toBe('businessNotFound');
    expect((await own.get('/figures?credit_value=1&currency=EUR')).json.code).toBe('adminOnly');
  });

  it('tell the administrator everything, with costs and margins of one currency', async () => {
    const { items, totals } = (
      await root.get('/figures?by=month&group=business,channel,template&credit_value=0.05&currency=EUR')
    ).json;
    const costs = [{ currency: 'EUR', micros: 9 * 20_000 + 2 * 50_000 }];
    const margin = { currency: 'EUR', micros: 15 * 50_000 - 280_000 };
    expect(items).toEqual([
      expect.objectContaining({
        business_id: business.businessId,
        channel_id: channelId,
        template_id: seed.templateId,
        sent: 11,
        credits: 15,
        costs,
        margin,
      }),
    ]);
    expect(totals).toMatchObject({ costs, margin });
    const other = (await root.get('/figures?by=month&credit_value=0.05&currency=USD')).json;
    expect(other.totals.margin).toBe(null);
  });

  it('are cut where the days of a zone begin', async () => {
    const now = Date.now();
    const query = (zone: string) => `/figures?from=2026-01-01&by=day&zone=${zone}`;
    for (const zone of ['Asia/Kathmandu', 'America/St_Johns', 'UTC']) {
      const { items } = (await own.get(query(zone))).json;
      const day = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(now);
      const before = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(now - 600_000);
      expect([day, before]).toContain(items.at(-1).local);
    }
    expect((await own.get('/figures?zone=Mars/Base')).json).toMatchObject({ code: 'invalidField', field: 'zone' });
    expect((await own.get('/figures?from=2026-01-01T00:01:00Z')).json).toMatchObject({ field: 'from' });
    expect((await own.get('/figures?from=2026-02-01&to=2026-01-01')).json).toMatchObject({ field: 'to' });
    expect((await own.get('/figures?by=hour&from=2020-01-01')).json).toMatchObject({ field: 'by' });
    expect((await own.get('/figures?group=colour')).json).toMatchObject({ field: 'group' });
  });

  it('come as a file, too', async () => {
    const text = (await own.get('/figures.csv?by=month&group=country')).text;
    const [head, ...lines] = text.replace('\ufeff', '').trimEnd().split('\r\n');
    expect(head).toBe('start,local,country,sent,delivered,failed,segments,credits,refunded');
    expect(lines.map((line: string) => line.split(',').slice(2).join(','))).toEqual([
      'CN,9,8,2,9,9,0',
      'GB,2,1,1,2,6,0',
    ]);
    const all = (await root.get('/figures.csv?by=month')).text.replace('\ufeff', '');
    expect(all).toMatch(/^start,local,sent,delivered,failed,segments,credits,refunded,cost_micros,currency\r\n/);
    expect(all).toContain(',280000,EUR\r\n');
  });

  it('are the same when they are counted again, by costs as they are then', async () => {
    const query = '/figures?by=month&group=country,channel';
    const before = (await root.get(query)).json;
    const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
    const range = { from: day(Date.now() - 86_400_000), to: day(Date.now() + 2 * 86_400_000) };
    const rebuilt = () =>
      until(async () => {
        const { json } = await root.get(query);
        return !json.rebuilding;
      }, 'figures to be counted again');
    expect((await root.post('/figures/rebuild', range)).status).toBe(204);
    await rebuilt();
    expect((await root.get(query)).json).toEqual({ ...before, to: expect.any(String) });
    await root.post(`/channels/${channelId}/costs`, {
      rows: [{ prefix: '86', micros: 30_000, currency: 'EUR', valid_from: '2026-01-01' }],
    });
    const costs = (await root.get(`/channels/${channelId}/costs`)).json.items;
    const late = costs.find((row: { micros: number }) => row.micros === 20_000);
    await root.delete(`/channel-costs/${late.id}`);
    await root.post('/figures/rebuild', range);
    await rebuilt();
    expect((await root.get('/figures?by=month')).json.totals.costs).toEqual([
      { currency: 'EUR', micros: 9 * 30_000 + 2 * 50_000 },
    ]);
    expect((await own.post('/figures/rebuild', range)).json.code).toBe('adminOnly');
  });

  it('can be had from the command line', async () => {
    const env = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
    const shown = await run(
      ['figures', 'show', '--by', 'month', '--business', business.user, '--group', 'country', '--json'],
      env,
    );
    expect(shown.json.totals).toMatchObject({ sent: 11, delivered: 9, failed: 3 });
    const file = join(scratch(), 'figures.csv');
    expect((await run(['figures', 'download', file, '--by', 'month'], env)).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('cost_micros');
  });
});

describe('paying on delivery', () => {
  it('gives back what is reported not to have arrived, and says so everywhere', async () => {
    const path = `/businesses/${business.user}/pay-on-delivery`;
    expect((await own.post(path, { on: true })).json.code).toBe('adminOnly');
    expect((await root.post(path, { on: true })).json).toMatchObject({ pay_on_delivery: true });
    const before = (await own.get('/balance')).json.available;
    const { plan_id } = (
      await own.post('/plans', { template_id: seed.templateId, recipients: [BRITISH[1], '+8613800138001'] })
    ).json;
    await until(async () => {
      const { items } = (await own.get(`/plans/${plan_id}/messages`)).json;
      return items.every(({ state }: { state: string }) => ['delivered', 'undelivered'].includes(state));
    }, 'both to be reported');
    expect((await own.get('/balance')).json).toEqual({ available: before - 1, reserved: 0 });
    const { items } = (await own.get(`/plans/${plan_id}/messages`)).json;
    const lost = items.find(({ state }: { state: string }) => state === 'undelivered');
    expect(lost).toMatchObject({ settled: 3, refunded: 3 });
    expect((await own.get('/statement')).json.items[0]).toMatchObject({ kind: 'refund', credits: 3, plan_id });
    await until(
      async () => (await own.get('/figures?by=month')).json.totals.refunded === 3,
      'the refund to be counted',
    );
    expect((await own.get('/figures?by=month')).json.totals.credits).toBe(15 + 1);
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
