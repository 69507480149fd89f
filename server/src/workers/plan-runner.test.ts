import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import { openSender, planOf, type Sender, toSend } from '../../test/traffic.ts';
import { settle } from '../../test/workers.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { PlanRunner } from './plan-runner.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A clock whose wall time can be moved without its timers noticing. */
class MovedClock extends ManualClock {
  offset = 0;
  timers = 0;
  override now(): number {
    return super.now() + this.offset;
  }
  override setTimer(fn: () => void, ms: number) {
    this.timers++;
    // Longer ones overflow in the runtime, and fire at once.
    if (ms >= 2 ** 31) throw new Error(`a timer of ${ms} ms`);
    return super.setTimer(fn, ms);
  }
}

describe('the plan runner', () => {
  let desk: TestDesk;
  let sender: Sender;
  let clock: MovedClock;
  let runner: PlanRunner;

  beforeEach(async () => {
    desk = await TestDesk.open({ settings: { sweepStep: 2 } });
    sender = await openSender(desk);
    clock = new MovedClock();
    // The desk decides by the same wall time.
    Object.defineProperty(desk.clock, 'now', { value: () => clock.now() });
    runner = newRunner();
  });
  afterEach(async () => {
    await runner.stop();
    await desk.close();
  });

  const newRunner = () => new PlanRunner(desk, clock, createLogger('silent'));
  const start = async () => {
    await runner.start();
    await settle();
  };
  /** Lets time pass in small pieces, as it does. */
  const pass = async (ms: number, by = 1_000) => {
    for (let passed = 0; passed < ms; passed += by) {
      clock.advance(Math.min(by, ms - passed));
      await settle();
    }
  };
  const schedule = async (inMs: number, count = 5) => {
    const request = { ...sender.request, startAt: clock.now() + inMs };
    const { planId } = await desk.do('acceptPlan', toSend(sender, count, { request }));
    await settle();
    return planId;
  };
  const stateOf = async (planId: number) => (await planOf(desk, planId)).state;

  it('starts a plan at its time, whole', async () => {
    await start();
    const planId = await schedule(10_500);
    await pass(10_499, 100);
    expect(await stateOf(planId)).toBe('pending');
    await pass(1);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', sendable: 5, startedAt: clock.now() });
  });

  it('starts the next in time although it came later', async () => {
    await start();
    const [second, first] = [await schedule(20 * MINUTE), await schedule(1_500)];
    await pass(1_500, 500);
    expect([await stateOf(first), await stateOf(second)]).toEqual(['running', 'pending']);
    await pass(20 * MINUTE, 5 * MINUTE);
    expect(await stateOf(second)).toBe('running');
  });

  it('waits for weeks without a timer that is too long', async () => {
    await start();
    const planId = await schedule(26 * DAY);
    await pass(26 * DAY - 1, DAY);
    expect(await stateOf(planId)).toBe('pending');
    await pass(1);
    expect(await stateOf(planId)).toBe('running');
  });

  it('notices within seconds that the clock was set forward', async () => {
    await start();
    const planId = await schedule(30 * MINUTE);
    clock.offset = 30 * MINUTE;
    await pass(2_000);
    expect(await stateOf(planId)).toBe('running');
  });

  it('waits longer when the clock was set back, and starts nothing twice', async () => {
    await start();
    const planId = await schedule(10_000);
    clock.offset = -MINUTE;
    await pass(10_000);
    expect(await stateOf(planId)).toBe('pending');
    await pass(MINUTE);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', sendable: 5 });
    clock.offset = -10 * MINUTE;
    await pass(5_000);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', sendable: 5 });
  });

  it('sets no timer while nothing is pending', async () => {
    await start();
    const before = clock.timers;
    await desk.do('acceptPlan', toSend(sender, 1));
    await pass(MINUTE);
    expect(clock.timers).toBe(before);
    await schedule(MINUTE);
    expect(clock.timers).toBeGreaterThan(before);
  });

  it('starts what became due while it was down, and goes on with what was broken off', async () => {
    const [due, ending] = [await schedule(MINUTE), await schedule(DAY)];
    await desk.do('cancelPlan', { actor: sender.actor, planId: ending });
    expect((await planOf(desk, ending)).left).toBe(3);
    clock.advance(2 * MINUTE);
    desk.restart();
    await start();
    expect(await planOf(desk, due)).toMatchObject({ state: 'running', sendable: 5 });
    expect(await planOf(desk, ending)).toMatchObject({ state: 'cancelled', left: 0 });
  });

  it('ends the messages of a plan that is cancelled while it runs', async () => {
    await start();
    const { planId } = await desk.do('acceptPlan', toSend(sender, 9));
    await desk.do('cancelPlan', { actor: sender.actor, planId });
    await settle();
    expect(await planOf(desk, planId)).toMatchObject({ state: 'cancelled', left: 0 });
  });

  it('starts a small plan while a large one is still starting', async () => {
    await start();
    const large = await schedule(MINUTE, 100);
    const small = await schedule(MINUTE, 2);
    const order: number[] = [];
    desk.onNotice((notice) => {
      if (notice.kind === 'plansReopened') order.push(...notice.plans.map(({ planId }) => planId));
    });
    await pass(MINUTE, 10_000);
    for (let i = 0; i < 100 && (await planOf(desk, large)).sendable < 100; i++) await settle();
    expect(order).toHaveLength(51);
    expect(order.indexOf(small)).toBeLessThan(3);
  });

  it('tries again after the store failed it', async () => {
    const planId = await schedule(1_000);
    const { ask } = desk;
    desk.ask = () => Promise.reject(new Error('the store is away'));
    await start();
    await pass(5_000);
    desk.ask = ask;
    await pass(1_000);
    expect(await stateOf(planId)).toBe('running');
  });

  it('does nothing once it is stopped', async () => {
    await start();
    const planId = await schedule(5_000);
    await runner.stop();
    await pass(MINUTE);
    expect(await stateOf(planId)).toBe('pending');
  });
});
