import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADVERSITY_ENV, type Adversity, measureAdversity } from '../../../bench/src/adversity.ts';
import { type House, startHouse } from '../house.ts';
import { expectOk, openSender } from './sender.ts';

const MESSAGES = 3_000;

/** The small form of `npm run bench -- --scenario adversity`. */
describe('carriers that do everything wrong', () => {
  let house: House;
  let seen: Adversity;

  beforeAll(async () => {
    house = await startHouse({ simulator: false, env: { SIGNET_FREQUENCY: 'off', ...ADVERSITY_ENV } });
    // Codes, which are sent again at once when they may be lost.
    const sender = await openSender(house, { category: 'verification', template: '{text}' });
    const text = (i: number) => '长'.repeat((i * 37) % 150);
    const codes = {
      async send(numbers: readonly string[]) {
        await sender.send([], { recipients: numbers.map((mobile, i) => ({ mobile, params: { text: text(i) } })) });
      },
    };
    const judged = {
      get: async (path: string) => expectOk(await house.asRoot('GET', path)).json,
      post: async (path: string, body: unknown) => expectOk(await house.asRoot('POST', path, body)).json,
      senders: [codes],
    };
    const time = { nowMs: () => performance.now(), sleep: (ms: number) => new Promise<void>((r) => setTimeout(r, ms)) };
    seen = await measureAdversity(judged, MESSAGES, time, () => {});
  });
  afterAll(() => house?.stop());

  it('leave every message in the state that was reported of it', () => {
    expect(seen.wrong).toEqual([]);
    // The bench's part has the bar, 99.99 % of 100,000; one of so few would be more than that leaves.
    expect(seen.matched).toBeGreaterThan(seen.reported * 0.99);
    expect(seen.incomplete.length).toBeLessThan(MESSAGES * 0.001);
    expect(seen.reported).toBeGreaterThan(MESSAGES * 0.9);
  });

  it('lose none', () => {
    expect(seen.lost).toEqual([]);
  });

  it('are sent a message again only after a link broke, and it is marked', () => {
    expect(seen.unexplained).toEqual([]);
  });

  it('are paid exactly', () => {
    expect(seen.ledgerFaults).toEqual([]);
  });

  it('were as bad as they were meant to be', () => {
    const { receiptsEarly, receiptsLate, receiptsDuplicated, garbageSent, refused } = seen.deeds;
    for (const deed of [receiptsEarly, receiptsLate, receiptsDuplicated, garbageSent, refused]) {
      expect(deed).toBeGreaterThan(0);
    }
  });
});
