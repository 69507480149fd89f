import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, newAccount, numbers, said } from './dialect.ts';

const PATH = '/v1/message';

let house: House;
let account: Account;
let ready: { sign_id: number; temp_id: number };
beforeAll(async () => {
  house = await startHouse();
  account = await newAccount(house, 1_000_000);
  ready = await account.ready();
});
afterAll(() => house.stop());

describe('GET /v1/message', () => {
  it('shows exactly the documented fields', async () => {
    const before = Math.floor(Date.now() / 1000);
    const mobiles = numbers(3, 400);
    const { uuid } = (await account.send({ ...ready, mobiles })).json;
    await account.finished(uuid);
    const item = (mobile: string) => ({
      mobile: `+86${mobile}`,
      state: expect.stringMatching(/^(submitted|delivered)$/),
      segments: 1,
      updated_at: expect.any(Number),
    });
    const progress = (await account.get(`${PATH}?uuid=${uuid}`)).json;
    expect(progress).toEqual({
      uuid,
      state: 'done',
      total: 3,
      counts: expect.any(Object),
      items: mobiles.map(item),
      page: 1,
      page_size: 100,
    });
    const { delivered = 0, submitted: unreported = 0 } = progress.counts;
    expect(delivered + unreported).toBe(3);
    for (const { updated_at } of progress.items) {
      expect(Number.isInteger(updated_at) && updated_at >= before && updated_at <= Date.now() / 1000).toBe(true);
    }
  });

  it('shows a hundred a page, in the order of the request', async () => {
    const mobiles = numbers(250, 500);
    const { uuid } = (await account.send({ ...ready, mobiles })).json;
    const seen: string[] = [];
    for (const [page, count] of [
      [1, 100],
      [2, 100],
      [3, 50],
      [4, 0],
    ] as const) {
      const progress = (await account.get(`${PATH}?uuid=${uuid}&page=${page}`)).json;
      expect(progress).toMatchObject({ total: 250, page, page_size: 100 });
      expect(progress.items).toHaveLength(count);
      seen.push(...progress.items.map((item: { mobile: string }) => item.mobile));
    }
    expect(seen).toEqual(mobiles.map((mobile) => `+86${mobile}`));
  });

  it('reads a uuid in capitals', async () => {
    const { uuid } = (await account.send({ ...ready, mobiles: numbers(1, 800) })).json;
    expect((await account.get(`${PATH}?uuid=${uuid.toUpperCase()}`)).json.uuid).toBe(uuid);
  });

  it('refuses what is unknown or of another', async () => {
    const other = await newAccount(house);
    const { uuid } = (await account.send({ ...ready, mobiles: numbers(1, 810) })).json;
    expect(said(await other.get(`${PATH}?uuid=${uuid}`))).toBe('ER:0004');
    const last = uuid.at(-1) === '0' ? '1' : '0';
    for (const query of [
      '',
      '?uuid=',
      '?uuid=x',
      '?uuid=1',
      `?uuid=${uuid.slice(0, -1)}${last}`,
      `?uuid=${uuid}&uuid=${uuid}`,
      '?uuid=00000000-0000-7000-8000-000000000000',
      '?uuid=ffffffff-ffff-7fff-bfff-ffffffffffff',
      `?uuid=${uuid}&page=0`,
      `?uuid=${uuid}&page=x`,
      '?uuid=%00',
      '?uuid=%zz',
    ]) {
      expect([query, said(await account.get(PATH + query))]).toEqual([query, 'ER:0004']);
    }
  });
});
