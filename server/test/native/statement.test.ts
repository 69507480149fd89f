import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { run, scratch } from '../cli/cli.ts';
import { type House, startHouse, type TestBusiness, until } from '../house.ts';
import { type Client, nativeClients, rootOf } from './client.ts';
import { approved, mobiles } from './seed.ts';

let house: House;
let root: Client;
let own: Client;
let business: TestBusiness;

beforeAll(async () => {
  house = await startHouse({ simulator: { rules: [{ suffix: '1', receipt: 'undeliverable' }] } });
  const as = await nativeClients(house);
  root = as(rootOf(house));
  business = await house.createBusiness({ credits: 500 });
  own = as(business);
  const path = `/businesses/${business.user}`;
  await root.post(`${path}/time-zone`, { time_zone: 'Asia/Kathmandu' });
  await root.post(`${path}/pay-on-delivery`, { on: true });
  await root.post(`${path}/top-up`, { credits: 70, reason: '=SUM(A1)' });
  await root.post(`${path}/correction`, { credits: -20, reason: 'counted twice' });
  await root.post('/price-rows', { rows: [{ prefix: '86', credits: 4 }] });
  const { templateId } = await approved(house, root, business);
  await own.post('/plans', { template_id: templateId, recipients: [...mobiles(3), '+447400123456'] });
  await until(async () => {
    const { totals, counted_until } = (await own.get('/figures?by=month')).json;
    return counted_until === null && totals.delivered + totals.failed === 4;
  }, 'everything to be counted');
});
afterAll(() => house?.stop());

const month = () =>
  new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Kathmandu', year: 'numeric', month: '2-digit' }).format(
    Date.now(),
  );

function read(text: string): Record<string, string>[] {
  const [head, ...lines] = text.replace('\ufeff', '').trimEnd().split('\r\n');
  const names = head!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i], cell])));
}

it('a month of a business: what it had, what happened, what it has, to the credit', async () => {
  const path = `/businesses/${business.user}/statement.csv?month=${month()}`;
  const { text } = await root.get(path);
  expect((await own.get(`/statement.csv?month=${month()}`)).text).toBe(text);
  const lines = read(text);
  const of = (line: string) => lines.filter((each) => each.line === line);
  const balance = (await own.get('/balance')).json;
  const closing = Number(of('closing balance')[0]!.balance);
  expect(closing).toBe(balance.available + balance.reserved);
  expect(closing).toBe(500 + 70 - 20 - 3 * 4 - 1 + 4);
  const moved = lines.reduce((sum, { credits }) => sum + Number(credits), 0);
  expect(Number(of('opening balance')[0]!.balance) + moved).toBe(closing);
  expect(of('of it reserved')).toEqual([expect.objectContaining({ balance: '0' })]);
  expect(of('top-up').map(({ credits, note }) => [credits, note])).toEqual([
    ['500', 'first credits'],
    // Whatever somebody wrote is no formula.
    ['70', "'=SUM(A1)"],
  ]);
  expect(of('correction').map(({ credits }) => credits)).toEqual(['-20']);
  expect(of('refund').reduce((sum, { credits }) => sum + Number(credits), 0)).toBe(4);
  const sent = (country: string) =>
    of('sent')
      .filter((each) => each.country === country)
      .reduce(
        (sum, { messages, segments, credits }) => [sum[0]! + +messages!, sum[1]! + +segments!, sum[2]! + +credits!],
        [0, 0, 0],
      );
  expect([sent('CN'), sent('GB')]).toEqual([
    [3, 3, -12],
    [1, 1, -1],
  ]);
  expect(lines.some(({ note }) => note?.includes('not in the figures'))).toBe(false);
});

it('is of a month that has begun, and of nobody else', async () => {
  for (const bad of ['2999-01', '2026-13', 'now']) {
    expect((await own.get(`/statement.csv?month=${bad}`)).json).toMatchObject({ code: 'invalidField', field: 'month' });
  }
  expect((await own.get(`/businesses/root/statement.csv?month=${month()}`)).json.code).toBe('businessNotFound');
  const before = read((await own.get('/statement.csv?month=2025-01')).text);
  expect(before.map(({ line, balance }) => [line, balance])).toEqual([
    ['opening balance', '0'],
    ['closing balance', '0'],
    ['of it reserved', '0'],
  ]);
});

it('can be had from the command line', async () => {
  const env = { SIGNET_URL: house.url, SIGNET_PASSWORD: house.rootPassword };
  const file = join(scratch(), 'statement.csv');
  expect((await run(['business', 'statement', business.user, month(), file], env)).code).toBe(0);
  expect(readFileSync(file, 'utf8')).toContain('closing balance');
});
