import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse } from '../house.ts';
import { type Account, idIn, newAccount, numbers, reviewTemplate, said, templateOf } from './dialect.ts';

/** Windows of one category beside those of all, over kills. */
let house: House;
let owner: Account;
let code: { sign_id: number; temp_id: number };
let notice: { sign_id: number; temp_id: number };

beforeAll(async () => {
  house = await startHouse({
    env: { SIGNET_FREQUENCY: '7/30m', SIGNET_FREQUENCY_VERIFICATION: '2/30m 3/1d', SIGNET_FREQUENCY_MARKETING: '1/2h' },
  });
  owner = await newAccount(house, 100_000);
  code = await owner.ready();
  notice = { sign_id: code.sign_id, temp_id: await templateOfType(2) };
});
afterAll(() => house?.stop());

async function templateOfType(type: number): Promise<number> {
  const created = await owner.post('/v1/template', templateOf(code.sign_id, { template: '您好。', type }));
  const id = idIn(created, 'temp_id');
  await reviewTemplate(house, id, 'passed');
  return id;
}

/** How many messages the store holds for a number. */
const messagesTo = async (mobile: string): Promise<number> =>
  (await owner.get(`/api/v1/messages?limit=1000&to=%2B86${mobile}`)).json.items.length;

describe('windows of a category', () => {
  it('hold beside those of all messages', async () => {
    const mobiles = numbers(1, 8_000);
    for (let i = 0; i < 2; i++) expect(said(await owner.send({ ...code, mobiles }))).toMatch(/^200 /);
    expect(said(await owner.send({ ...code, mobiles }))).toBe('ER:0036');
    for (let i = 0; i < 5; i++) expect(said(await owner.send({ ...notice, mobiles }))).toMatch(/^200 /);
    expect(said(await owner.send({ ...notice, mobiles }))).toBe('ER:0036');
  });

  it('longer than an hour hold over a kill', async () => {
    const advert = { sign_id: code.sign_id, temp_id: await templateOfType(3) };
    const [mobile, other] = numbers(2, 8_100) as [string, string];
    expect(said(await owner.send({ ...advert, mobiles: [mobile] }))).toMatch(/^200 /);
    expect(said(await owner.send({ ...advert, mobiles: [other, mobile] }))).toBe('ER:0036');
    await house.kill();
    await house.start();
    expect(said(await owner.send({ ...advert, mobiles: [mobile] }))).toBe('ER:0036');
    expect(said(await owner.send({ ...advert, mobiles: [other] }))).toMatch(/^200 /);
  });
});

describe('a server that is killed again and again under load', () => {
  it('never writes to a number more often than its limits allow, and lets the rest through', async () => {
    const mobiles = numbers(3, 8_200);
    const templates = [code, notice];
    for (let round = 0; round < 3; round++) {
      let answered = 0;
      const sends = Array.from({ length: 60 }, (_, i) =>
        owner
          .send({ ...templates[i % 2]!, mobiles: [mobiles[i % 3]!] })
          .then(() => answered++)
          .catch(() => {}),
      );
      // Killed as soon as something was answered, with the others under way.
      while (answered === 0) await Promise.race(sends);
      await house.kill();
      await Promise.all(sends);
      await house.start();
    }
    for (const mobile of mobiles) {
      for (let i = 0; i < 16; i++) await owner.send({ ...templates[i % 2]!, mobiles: [mobile] });
      expect(await messagesTo(mobile)).toBe(7);
    }
    // Codes alone: no number got more than two.
    const plans = (await owner.get('/api/v1/plans?limit=1000')).json.items;
    const codes = plans.filter((plan: { category: string }) => plan.category === 'verification');
    const counts = new Map<string, number>();
    for (const { plan_id: id } of codes) {
      for (const { to } of (await owner.get(`/api/v1/plans/${id}/messages`)).json.items) {
        counts.set(to, (counts.get(to) ?? 0) + 1);
      }
    }
    expect(mobiles.map((mobile) => counts.get(`+86${mobile}`) ?? 0)).toEqual([2, 2, 2]);
  });
});
