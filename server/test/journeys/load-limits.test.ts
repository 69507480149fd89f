import { afterEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, numberAt, numbersFrom, openSender } from './sender.ts';

/** When the house cannot take more it says so, changes nothing, and takes it when asked again later. */
describe('a house that takes no more', () => {
  let house: House | null = null;
  afterEach(() => house?.stop());

  it('for want of disk space answers 503 to every send, and goes on with everything else', async () => {
    house = await startHouse({ env: { SIGNET_MIN_FREE_DISK_MB: '900000000' } });
    const sender = await openSender(house, { credits: 100 });
    for (const mobiles of [numbersFrom(0, 1), numbersFrom(0, 50), numbersFrom(0, 3_000)]) {
      const answer = await sender.post(mobiles, {}, { 'idempotency-key': `of-${mobiles.length}` });
      expect(answer.status).toBe(503);
      expect(answer.json).toEqual({ error: 'ER:0503', message: 'service unavailable' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    // Nothing is stored, counted or reserved.
    expect(expectOk(await sender.ask('GET', '/api/v1/plans')).json.items).toEqual([]);
    expect(await sender.balance()).toEqual({ available: 100, reserved: 0 });
    expect(await house.terminate()).toBe(0);
    expect(house.output()).toMatch(/disk/);
  });

  it('for want of a fast enough store answers 429, and what it took it sends', async () => {
    house = await startHouse({ env: { SIGNET_MAX_BACKLOG_ROWS: '40', SIGNET_FREQUENCY: 'off' } });
    const sender = await openSender(house, { credits: 100_000 });
    const answers = await Promise.all(
      Array.from({ length: 400 }, (_, i) => sender.post([numberAt(i), numberAt(1_000 + i)])),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    const accepted = answers.filter(({ status }) => status === 200);
    expect(refused.length).toBeGreaterThan(0);
    expect(accepted.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer.status).toBe(429);
      expect(answer.json).toEqual({ error: 'ER:0429', message: 'too many requests' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const messages = accepted.length * 2;
    await until(async () => (await sender.balance()).reserved === 0, 'everything to be sent');
    expect(await sender.balance()).toEqual({ available: 100_000 - messages, reserved: 0 });
    expect(house.simulator.stats.accepted).toBe(messages);
    expect(await ledgerFaults(house)).toEqual([]);
    // Sooner or later whoever waits as told gets through.
    await until(async () => (await sender.post([numberAt(5_000)])).status === 200, 'the backlog to be gone');
  });

  it('for its own limit of numbers in a request takes nothing of it', async () => {
    house = await startHouse({ env: { SIGNET_MAX_RECIPIENTS: '1500' } });
    const sender = await openSender(house, { credits: 1_500 });
    expect((await sender.post(numbersFrom(0, 1_501))).json.error).toBe('ER:0033');
    expect(await sender.balance()).toEqual({ available: 1_500, reserved: 0 });
    await sender.finished(await sender.send(numbersFrom(0, 1_500)));
    expect(await sender.balance()).toEqual({ available: 0, reserved: 0 });
  });
});

describe('a large request', () => {
  let house: House;
  afterEach(() => house.stop());

  it('is sent although newer ones were accepted while it was written', async () => {
    house = await startHouse({ env: { SIGNET_FREQUENCY: 'off', SIGNET_MAX_RECIPIENTS: '30000' } });
    const sender = await openSender(house, { credits: 100_000 });
    let done = false;
    const large = sender.send(numbersFrom(10_000, 20_000)).finally(() => {
      done = true;
    });
    const small: string[] = [];
    for (let i = 0; !done; i++) small.push(await sender.send([numberAt(i % 5_000)]));
    expect(small.length).toBeGreaterThan(1);
    for (const uuid of small) await sender.finished(uuid);
    await sender.finished(await large);
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('that cannot be paid leaves nothing behind', async () => {
    house = await startHouse();
    const sender = await openSender(house, { credits: 2_999 });
    expect((await sender.post(numbersFrom(0, 3_000))).json.error).toBe('ER:0035');
    expect(await sender.balance()).toEqual({ available: 2_999, reserved: 0 });
    expect(expectOk(await sender.ask('GET', '/api/v1/messages')).json.items).toEqual([]);
    await sender.finished(await sender.send(numbersFrom(0, 2_999)));
  });
});
