import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, newAccount, OK, rootOf, said } from './dialect.ts';

const PATH = '/v2/charge';

let house: House;
let root: Account;
beforeAll(async () => {
  house = await startHouse();
  root = rootOf(house);
});
afterAll(() => house.stop());

describe('POST /v2/charge', () => {
  it('adds exactly that many credits', async () => {
    const account = await newAccount(house);
    let expected = 0;
    for (const charge of [1, 100, 999_999, 1_000_000_000_000]) {
      const answer = await root.post(PATH, { user: account.user, charge });
      expect([answer.status, answer.text]).toEqual([200, 'ok']);
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
      expected += charge;
      expect(await account.balance()).toEqual({ available: expected, reserved: 0 });
    }
  });

  it('stands in the statement', async () => {
    const account = await newAccount(house);
    await root.post(PATH, { user: account.user, charge: 7 });
    const { items } = (await account.get('/api/v1/statement')).json;
    expect(items).toMatchObject([{ kind: 'top-up', credits: 7, available_after: 7 }]);
  });

  it.each([undefined, null, 0, -1, 1.5, 1_000_000_000_001, 2 ** 53, 1e300, '100', '', true, [], [1], {}])(
    'refuses the charge %j',
    async (charge) => {
      const account = await newAccount(house, 5);
      expect(said(await root.post(PATH, { user: account.user, charge }))).toBe('ER:0004');
      expect(await account.available()).toBe(5);
    },
  );

  it('refuses 10^400', async () => {
    const account = await newAccount(house, 5);
    const raw = `{"user":"${account.user}","charge":1${'0'.repeat(400)}}`;
    expect(said(await root.call('POST', PATH, { raw }))).toBe('ER:0004');
    expect(await account.available()).toBe(5);
  });

  it.each([undefined, null, '', 1, true, [], {}, 'nobody-of-that-name', ' root', 'x'.repeat(10_000), '中文'])(
    'refuses the user %j',
    async (user) => {
      expect(said(await root.post(PATH, { user, charge: 1 }))).toBe('ER:0004');
    },
  );

  it('is for root alone', async () => {
    const account = await newAccount(house, 5);
    expect(said(await account.post(PATH, { user: account.user, charge: 1 }))).toBe('ER:0003');
    expect(await account.available()).toBe(5);
  });

  it('gives root credits of its own', async () => {
    const before = await root.available();
    expect(said(await root.post(PATH, { user: 'root', charge: 3 }))).toBe(OK);
    expect(await root.available()).toBe(before + 3);
  });

  it('keeps a balance below 2^53', async () => {
    const account = await newAccount(house);
    const limit = 2 ** 53;
    const step = 1_000_000_000_000;
    const charge = (credits: number) => root.post(PATH, { user: account.user, charge: credits });
    const whole = Math.floor((limit - 1) / step);
    for (let done = 0; done < whole; ) {
      const batch = Math.min(200, whole - done);
      const answers = await Promise.all(Array.from({ length: batch }, () => charge(step)));
      expect(answers.every((answer) => said(answer) === OK)).toBe(true);
      done += batch;
    }
    const left = limit - 1 - whole * step;
    expect(said(await charge(left + 1))).toBe('ER:0004');
    expect(await account.available()).toBe(whole * step);
    expect(said(await charge(left))).toBe(OK);
    expect(await account.available()).toBe(limit - 1);
    expect(said(await charge(1))).toBe('ER:0004');
    expect(await account.available()).toBe(limit - 1);
  });
});
