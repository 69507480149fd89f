import { afterEach, describe, expect, test } from 'vitest';
import { refusalOf, TestDesk } from '../../test/desk.ts';
import { accept, NUMBER, openSender, type Sender, toSend } from '../../test/traffic.ts';
import { DAY_MS, HOUR_MS, NO_FREQUENCY_POLICY, parseFrequency, shortWindows } from '../domain/frequency.ts';
import { MemoryFrequencyLimits } from '../limits/memory.ts';
import type { Desk } from './desk.ts';
import { type Counted, countEach } from './frequency.ts';
import type { AcceptPlan } from './plan-request.ts';
import { send as sendLarge } from './sending.ts';
import { single } from './verb.ts';

const A = NUMBER;
const B = NUMBER + 1;
const MINUTE = 60_000;

let desk: TestDesk;
let sender: Sender;
const explode = single(async () => {
  throw new Error('broken');
});

async function open(windows: { all?: string; verification?: string }, credits = 1_000): Promise<void> {
  const frequency = {
    all: parseFrequency(windows.all ?? 'off')!,
    of: { ...NO_FREQUENCY_POLICY.of, verification: parseFrequency(windows.verification ?? 'off')! },
  };
  const limits = new MemoryFrequencyLimits(shortWindows(frequency));
  desk = await TestDesk.open({ frequency, limits, verbs: { explode, countEach: single(countEach) } });
  sender = await openSender(desk, { credits, category: 'verification' });
}
afterEach(() => desk.close());

const send = (recipients: number[]) => accept(desk, sender, recipients);
const refused = (recipients: number[]) => refusalOf(desk.do('acceptPlan', toSend(sender, recipients)));
const over = (recipient: number) => ({ code: 'frequencyExceeded', recipient });
/** Messages of all times in the store's counts. */
const kept = (recipients: number[]) =>
  desk.store.transact((tx) => {
    const hour = Math.floor(desk.clock.now() / HOUR_MS);
    return tx.frequency.count(sender.businessId, 'verification', recipients, hour - 2_000, hour + 100);
  });

describe('windows longer than an hour', () => {
  test('hold beside the short ones, whichever is full first', async () => {
    await open({ verification: '1/1m 2/1h 3/1d' });
    await send([A]);
    expect(await refused([A])).toEqual(over(A));
    desk.clock.advance(MINUTE);
    await send([A]);
    desk.clock.advance(MINUTE);
    expect(await refused([B, A])).toEqual(over(A));
    desk.clock.advance(HOUR_MS);
    await send([A]);
    desk.clock.advance(HOUR_MS);
    expect(await refused([A])).toEqual(over(A));
    // Nothing was counted for B, nor for A in the short windows.
    await send([B]);
    expect(await kept([A, B])).toEqual([3, 1]);
  });

  test('let no more than their limit into any stretch of their length, and forget within an hour after it', async () => {
    await open({ verification: '3/1d' });
    desk.clock.advance(17 * MINUTE);
    await send([A]);
    desk.clock.advance(5 * HOUR_MS);
    await send([A]);
    await send([A]);
    desk.clock.advance(19 * HOUR_MS - 1);
    expect(await refused([A])).toEqual(over(A));
    desk.clock.advance(43 * MINUTE + 1);
    await send([A]);
    expect(await refused([A])).toEqual(over(A));
  });

  test('are counted in the transaction of the acceptance, and not when it is refused or breaks', async () => {
    await open({ verification: '2/1d' }, 3);
    expect(await refused([A, B, B + 1, B + 2])).toMatchObject({ code: 'balanceTooLow' });
    expect(await kept([A, B])).toEqual([0, 0]);
    const settled = await desk.together(
      ['acceptPlan', toSend(sender, [A])],
      ['acceptPlan', toSend(sender, [A])],
      ['acceptPlan', toSend(sender, [A])],
      ['acceptPlan', toSend(sender, [B, B + 1])],
      ['explode', null],
    );
    expect(
      settled.map((each) => ('refusal' in each ? each.refusal.code : 'defect' in each ? 'defect' : 'done')),
    ).toEqual(['done', 'done', 'frequencyExceeded', 'balanceTooLow', 'defect']);
    expect(await kept([A, B])).toEqual([2, 0]);
  });

  test('are not forgotten by a restart, nor when the clock goes back', async () => {
    await open({ verification: '1/1d' });
    await send([A]);
    desk.restart();
    desk.clock.advance(-5 * HOUR_MS);
    expect(await refused([A])).toEqual(over(A));
    desk.clock.advance(5 * HOUR_MS + DAY_MS - 1);
    expect(await refused([A])).toEqual(over(A));
    desk.clock.advance(HOUR_MS);
    await send([A]);
  });

  test('can be over all categories', async () => {
    await open({ all: '1/2h' });
    await send([A]);
    const other = await openSender(desk, { category: 'marketing' });
    await accept(desk, other, [A]);
    expect(await refused([A])).toEqual(over(A));
    expect(await kept([A])).toEqual([0]);
  });

  test('are cleared of hours that have passed', async () => {
    await open({ verification: '2/1d' });
    await send([A]);
    desk.clock.advance(2 * DAY_MS - 1);
    await send([A]);
    expect(await desk.do('forgetFrequency', { limit: 10 })).toEqual({ dropped: 0 });
    desk.clock.advance(1);
    expect(await desk.do('forgetFrequency', { limit: 10 })).toEqual({ dropped: 1 });
    expect(await kept([A])).toEqual([1]);
  });
});

describe('a request that is counted in pieces', () => {
  const MANY = 10_001;
  const all = Array.from({ length: MANY }, (_, i) => NUMBER + i);
  const largeRequest = (change: Partial<AcceptPlan> = {}) => sendLarge(desk, toSend(sender, MANY, change));

  test('counts every recipient once', async () => {
    await open({ all: '2/10m', verification: '2/1d' }, 50_000);
    await largeRequest();
    expect(await kept(all)).toEqual(all.map(() => 1));
    await send([A, NUMBER + MANY - 1]);
    expect(await refused([A])).toEqual(over(A));
    expect(await refused([NUMBER + MANY - 1])).toEqual(over(NUMBER + MANY - 1));
    expect(await refusalOf(largeRequest())).toEqual(over(A));
    await send(all.slice(1, 900));
  });

  test('counts nobody when it is refused: by its last recipient, by its balance', async () => {
    await open({ all: '1/10m', verification: '2/1d' }, MANY);
    const last = NUMBER + MANY - 1;
    await send([last]);
    expect(await refusalOf(largeRequest())).toEqual(over(last));
    desk.clock.advance(10 * MINUTE);
    expect(await refusalOf(largeRequest())).toMatchObject({ code: 'balanceTooLow' });
    expect(await kept(all)).toEqual(all.map((recipient) => (recipient === last ? 1 : 0)));
    await send(all.slice(0, 900));
  });

  test('counts nobody when another request with its key passes it', async () => {
    await open({ all: '2/10m' }, 50_000);
    const keyed = { idempotency: { route: 'send', key: 'k', bodyHash: 'h' } };
    let passed: Promise<unknown> | null = null;
    const overtaken: Pick<Desk, 'do'> = {
      async do(verb, input) {
        if (verb === 'acceptStaged' && passed === null) {
          passed = largeRequest(keyed);
          await passed;
        }
        return desk.do(verb, input);
      },
    };
    const answer = await sendLarge(overtaken as Desk, toSend(sender, MANY, keyed));
    expect(answer).toEqual(await passed);
    await send([A]);
    expect(await refused([A])).toEqual(over(A));
  });
});

describe('counting each recipient for itself', () => {
  const count = async (recipients: number[]): Promise<unknown> => {
    const counted: Counted = { businessId: sender.businessId, category: 'verification', recipients };
    const [settled] = await desk.together(['countEach', counted]);
    return (settled as { value: unknown }).value;
  };

  test('says who is over a window, short or long, and counts the others', async () => {
    await open({ verification: '1/1m 2/1d' });
    await send([A]);
    expect(await count([B, A, B + 1])).toEqual([1]);
    desk.clock.advance(MINUTE);
    expect(await count([B + 2, A, B])).toEqual([]);
    desk.clock.advance(MINUTE);
    await send([B + 1]);
    expect(await count([A, B + 1, B + 2, B, B + 3])).toEqual([0, 1, 3]);
    expect(await kept([A, B, B + 1, B + 2, B + 3])).toEqual([2, 2, 2, 2, 1]);
  });

  test('is taken back when its transaction breaks', async () => {
    await open({ verification: '1/1m 2/1d' });
    const counted: Counted = { businessId: sender.businessId, category: 'verification', recipients: [A, B] };
    await send([B]);
    const settled = await desk.together(['countEach', counted], ['explode', null]);
    expect(settled).toEqual([{ value: [1] }, { defect: 'broken' }]);
    expect(await kept([A, B])).toEqual([1, 1]);
    expect(await refused([A])).toEqual(over(A));
  });
});
