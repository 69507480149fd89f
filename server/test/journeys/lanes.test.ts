import type { SubmitRecord } from '@signet/smpp/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { CLUSTER, type House, startHouse, until } from '../house.ts';
import { expectOk, numberAt, numbersFrom, openSender, type Sender } from './sender.ts';

/** What a carrier sees first when it cannot take everything at once. The carrier's own list is the judge. */
describe('a carrier that is slower than what waits', () => {
  let house: House;
  afterEach(() => house.stop());

  /** Each submit_sm, in the order they came. */
  let taken: SubmitRecord[];
  /** Takes about 600 to 1,000 a second: a window of ten, answered after 10 ms. */
  const open = async () => {
    taken = [];
    house = await startHouse({
      env: { SIGNET_FREQUENCY: 'off', SIGNET_MAX_RECIPIENTS: '30000' },
      simulator: { answerMs: 10, onSubmit: (records) => taken.push(...records) },
      smpp: { window: 10, registered_delivery: 'none' },
    });
  };

  it('gets a code next although 20,000 advertisements wait', async () => {
    await open();
    const adverts = await openSender(house, { category: 'marketing' });
    const codes = await openSender(house, { category: 'verification' });
    await adverts.send(numbersFrom(0, 20_000));
    await until(() => taken.length > 500, 'advertisements to flow');
    const before: number[] = [];
    for (let i = 0; i < 15; i++) {
      const number = numberAt(50_000 + i);
      await codes.send([number]);
      const waitedFor = taken.length;
      const place = () => taken.findIndex(({ destination }) => destination.endsWith(number));
      await until(() => place() >= 0, 'the code to reach the carrier');
      before.push(place() - waitedFor);
    }
    // Not everybody is there yet: there was something to overtake.
    expect(taken.length).toBeLessThan(20_000);
    // What the carrier took between the answer to the sender and the code: less than it takes in a second.
    expect(Math.max(...before)).toBeLessThan(500);
    // Where the one who is asked and the one who sends are two processes, a code comes by the store and the broker.
    expect(before.toSorted((a, b) => a - b)[7]).toBeLessThan(CLUSTER ? 300 : 100);
  });

  it('gets as much of each of ten businesses, in segments', async () => {
    await open();
    const SPACE = 5_000;
    const senders: Sender[] = [];
    for (let i = 0; i < 10; i++) {
      // Short texts, long ones, and those that are long for some recipients.
      const template = ['hello', 'hello '.repeat(14), 'hello {text}'][i % 3]!;
      senders.push(await openSender(house, { category: 'marketing', template, credits: 1_000_000 }));
    }
    const first = senders[0]!;
    // Keeps the channel busy until everybody is there.
    await first.send(numbersFrom(90_000, 3_000));
    for (const [i, sender] of senders.entries()) {
      const mobiles = numbersFrom(i * SPACE, i === 3 ? 1_900 : 3_500);
      const recipients = mobiles.map((mobile, at) => ({ mobile, params: { text: 'x'.repeat((at * 37) % 190) } }));
      if (i % 3 === 2) expectOk(await sender.post([], { recipients }));
      else await sender.send(mobiles);
    }
    // What had been claimed before all of them were there goes first.
    const from = taken.length + 6_000;
    const WINDOW = 5_000;
    await until(() => taken.length >= from + 2 * WINDOW, 'the carrier to have taken enough');
    for (const start of [from, from + WINDOW]) {
      const shares = new Array<number>(10).fill(0);
      for (const { destination } of taken.slice(start, start + WINDOW)) {
        const at = Number(destination.slice(-11)) - Number(numberAt(0));
        shares[at >= 90_000 ? 0 : Math.floor(at / SPACE)]!++;
      }
      for (const share of shares) {
        expect(share).toBeGreaterThanOrEqual((WINDOW / 10) * 0.95);
        expect(share).toBeLessThanOrEqual((WINDOW / 10) * 1.05);
      }
    }
  });

  it('gets hardly more of a plan that is paused', async () => {
    await open();
    const sender = await openSender(house, { category: 'marketing' });
    const uuid = await sender.send(numbersFrom(0, 5_000));
    await until(() => taken.length > 1_000, 'the plan to be under way');
    const { items } = expectOk(await sender.ask('GET', '/api/v1/plans')).json;
    expectOk(await sender.ask('POST', `/api/v1/plans/${items[0].plan_id}/pause`));
    const paused = taken.length;
    await until(
      async () => (await sender.progress(uuid)).counts.dispatching === undefined,
      'what was in flight to be answered',
    );
    // What was in the window when it was paused, and what had been written while the answer was on its way, or in a cluster until
    // its sender had heard of it.
    expect(taken.length - paused).toBeLessThan(CLUSTER ? 1_000 : 100);
    const { counts } = await sender.progress(uuid);
    expect(counts.submitted! + (counts.delivered ?? 0)).toBe(taken.length);
    expectOk(await sender.ask('POST', `/api/v1/plans/${items[0].plan_id}/resume`));
    await until(async () => (await sender.progress(uuid)).state === 'done', 'the plan to be done');
    expect(taken).toHaveLength(5_000);
    expect(new Set(taken.map(({ destination }) => destination)).size).toBe(5_000);
  });
});
