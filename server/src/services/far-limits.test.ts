import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import { NUMBER, openSender, type Sender, toSend } from '../../test/traffic.ts';
import { NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import { StoreFrequencyLimits } from '../limits/store.ts';
import type { AcceptPlan } from './plan-request.ts';

const A = NUMBER;
const B = NUMBER + 1;

/** A batch of requests is counted in one step where counting means asking somebody outside the process. */
describe('requests that are counted together', () => {
  let desk: TestDesk;
  let sender: Sender;

  beforeEach(async () => {
    const frequency = { ...NO_FREQUENCY_POLICY, all: [{ limit: 2, windowMs: 60_000 }] };
    desk = await TestDesk.open({ frequency, limits: new StoreFrequencyLimits(frequency) });
    sender = await openSender(desk, { credits: 10 });
  });
  afterEach(() => desk.close());

  const of = (recipients: number[], more: Partial<AcceptPlan> = {}): ['acceptPlan', AcceptPlan] => [
    'acceptPlan',
    { ...toSend(sender, recipients), ...more },
  ];
  const over = (recipient: number) => ({ refusal: { code: 'frequencyExceeded', recipient } });
  const taken = { value: expect.objectContaining({ planId: expect.any(Number) }) };
  const keyed = (key: string, bodyHash = 'a') => ({ idempotency: { route: 'send', key, bodyHash } });

  test('are accepted one after the other, as far as limits and credits go', async () => {
    const answers = await desk.together(of([A]), of([A, B]), of([B, A]), of([B]), of([B]));
    expect(answers).toMatchObject([taken, taken, over(A), taken, over(B)]);
    expect(await desk.ask('balanceOf', { businessId: sender.businessId })).toMatchObject({ available: 6, reserved: 4 });
    expect(await desk.faults()).toEqual([]);
  });

  test('count nothing when they are refused for another reason', async () => {
    const many = Array.from({ length: 11 }, (_, i) => A + i);
    const gone = of([A]);
    gone[1] = { ...gone[1], request: { ...gone[1].request, templateId: 999 } };
    const answers = await desk.together(of(many), gone, of([A]), of([A]));
    expect(answers).toMatchObject([{ refusal: { code: 'balanceTooLow' } }, { refusal: {} }, taken, taken]);
    expect(await desk.together(of([A]), of([A + 5]), of([A + 5]))).toMatchObject([over(A), taken, taken]);
  });

  test('are answered as before when they come again, also in the same batch and although a limit is reached', async () => {
    const [first, again, other] = await desk.together(
      of([A, B], keyed('k')),
      of([A, B], keyed('k')),
      of([A], keyed('k', 'b')),
    );
    expect(first).toEqual(again);
    expect(other).toEqual({ refusal: { code: 'idempotencyMismatch' } });
    expect(await desk.together(of([A, B], keyed('k')), of([A]), of([A]))).toMatchObject([first, taken, over(A)]);
  });

  test('count nothing of a batch that is undone', async () => {
    const insert = desk.store.transact.bind(desk.store);
    let fails = true;
    desk.store.transact = ((work: never) =>
      insert(async (tx) => {
        const done = await (work as (tx: unknown) => Promise<unknown>)(tx);
        if (fails) throw new Error('the disk is full');
        return done;
      })) as never;
    for (const answer of await desk.together(of([A]), of([A]))) expect(answer).toHaveProperty('defect');
    fails = false;
    expect(await desk.together(of([A]), of([A]), of([A]))).toMatchObject([taken, taken, over(A)]);
  });
});
