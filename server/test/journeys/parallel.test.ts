import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, listAll, numberAt, numbersFrom, openSender } from './sender.ts';

/** What many clients ask at the same moment is decided one by one. */
describe('requests that arrive together', () => {
  let house: House;
  beforeAll(async () => {
    house = await startHouse();
  });
  afterAll(() => house?.stop());

  const together = <T>(count: number, work: (i: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => work(i)));
  const codesOf = (answers: readonly Answer[]) => {
    const codes: Record<string, number> = {};
    for (const { status, json } of answers) {
      const code = status === 200 ? 'taken' : json.error;
      codes[code] = (codes[code] ?? 0) + 1;
    }
    return codes;
  };

  it('with one Idempotency-Key make one plan and one charge, and all get the same answer', async () => {
    const sender = await openSender(house, { credits: 1_000 });
    const mobiles = numbersFrom(0, 3);
    const answers = await together(100, () => sender.post(mobiles, {}, { 'idempotency-key': 'one' }));
    expect(codesOf(answers)).toEqual({ taken: 100 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await sender.finished(answers[0]!.json.uuid);
    expect(await sender.balance()).toEqual({ available: 997, reserved: 0 });
    expect(await listAll((path) => sender.ask('GET', path), '/api/v1/plans')).toHaveLength(1);
  });

  it('with one Idempotency-Key for a large request do so, too', async () => {
    const sender = await openSender(house, { credits: 10_000 });
    const mobiles = numbersFrom(1_000, 2_500);
    const answers = await together(8, () => sender.post(mobiles, {}, { 'idempotency-key': 'large' }));
    expect(codesOf(answers)).toEqual({ taken: 8 });
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    await sender.finished(answers[0]!.json.uuid);
    expect(await sender.balance()).toEqual({ available: 7_500, reserved: 0 });
    expect(await listAll((path) => sender.ask('GET', path), '/api/v1/plans')).toHaveLength(1);
  });

  it('share a balance of 500: exactly 500 of 1,000 are taken', async () => {
    const sender = await openSender(house, { credits: 500 });
    const answers = await together(1_000, (i) => sender.post([numberAt(10_000 + i)]));
    expect(codesOf(answers)).toEqual({ taken: 500, 'ER:0035': 500 });
    await until(async () => (await sender.balance()).reserved === 0, 'all to be sent');
    expect(await sender.balance()).toEqual({ available: 0, reserved: 0 });
    const messages = await listAll<{ settled: number }>((path) => sender.ask('GET', path), '/api/v1/messages');
    expect(messages.map(({ settled }) => settled)).toEqual(new Array(500).fill(1));
  });

  it('to one number never pass its limit', async () => {
    const sender = await openSender(house, { credits: 10_000 });
    const answers = await together(1_000, () => sender.post([numberAt(50_000)]));
    expect(codesOf(answers)).toEqual({ taken: 20, 'ER:0036': 980 });
    // What was refused has cost nothing.
    const { available, reserved } = await sender.balance();
    expect(available + reserved).toBeLessThanOrEqual(10_000);
    expect(available).toBe(9_980);
  });

  it('leave the ledger in order', async () => {
    expect(await ledgerFaults(house)).toEqual([]);
    expect(expectOk(await house.asRoot('GET', '/readyz')).status).toBe(200);
  });
});
