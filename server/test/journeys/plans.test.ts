import type { SubmitRecord } from '@signet/smpp/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, numbersFrom, openSender, type Sender } from './sender.ts';

const CREDITS = 200_000;
const WINDOW = 50;

interface Plan {
  plan_id: number;
  uuid: string;
  state: string;
  accepted: number;
  left: number;
  counts: Partial<Record<string, number>>;
}

/** The life of plans in a server that is killed, stopped and started again. The SMSC survives, and counts. */
describe('a plan', () => {
  const taken = new Map<string, { times: number; firstAt: number }>();
  let house: House;
  let sender: Sender;
  afterEach(() => house.stop());

  const start = async (env: Record<string, string> = {}) => {
    taken.clear();
    house = await startHouse({
      env: {
        SIGNET_MAX_RECIPIENTS: '100000',
        SIGNET_FREQUENCY: 'off',
        SIGNET_UNCERTAIN_NOTIFICATION_MS: '200',
        SIGNET_UNKNOWN_AFTER_MS: '2000',
        ...env,
      },
      smpp: { window: WINDOW },
      simulator: {
        onSubmit(records: SubmitRecord[]) {
          for (const { destination } of records) {
            const before = taken.get(destination);
            if (before === undefined) taken.set(destination, { times: 1, firstAt: Date.now() });
            else before.times++;
          }
        },
      },
    });
    sender = await openSender(house, { credits: CREDITS });
  };
  const number = async (sql: string): Promise<number> => Number((await house.rows(sql))[0]?.n);
  const planIdOf = async (uuid: string): Promise<number> => {
    const { items } = expectOk(await sender.ask('GET', '/api/v1/plans?limit=100')).json;
    return items.find((plan: Plan) => plan.uuid === uuid).plan_id;
  };
  const planOf = async (planId: number): Promise<Plan> =>
    expectOk(await sender.ask('GET', `/api/v1/plans/${planId}`)).json;
  /** A plan that is to start then. */
  const schedule = async (count: number, startAt: number): Promise<number> => {
    const answer = await sender.ask('POST', '/api/v1/plans', {
      template_id: sender.tempId,
      recipients: numbersFrom(0, count),
      start_at: new Date(startAt).toISOString(),
    });
    return expectOk(answer).json.plan_id;
  };
  /** Ends the server before the plan's time, and starts it again after that. */
  const beDown = async (planId: number, startAt: number) => {
    await house.kill();
    expect(await number(`SELECT count(*) AS n FROM plan WHERE id = ${planId} AND state = 1`)).toBe(1);
    await until(() => Date.now() > startAt + 1, 'its time to pass');
    await house.start();
  };
  /** Everything is accounted for: at the SMSC, in the counts, and in money. */
  const expectExact = async (planId: number) => {
    await until(async () => (await planOf(planId)).left === 0, 'nothing of it to be left');
    const messages = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path = `/api/v1/plans/${planId}/messages?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const page: { items: { to: string; state: string; repeats: number; settled: number; released: number }[] } & {
        next_cursor: string | null;
      } = expectOk(await sender.ask('GET', path)).json;
      messages.push(...page.items);
      cursor = page.next_cursor;
    }
    let settled = 0;
    let released = 0;
    for (const message of messages) {
      const times = taken.get(message.to.slice(1))?.times ?? 0;
      if (message.state === 'cancelled') expect([message, times]).toEqual([message, 0]);
      else if (message.state !== 'unknown') expect(times, JSON.stringify(message)).toBeGreaterThanOrEqual(1);
      expect(times, JSON.stringify(message)).toBeLessThanOrEqual(1 + message.repeats);
      settled += message.settled;
      released += message.released;
    }
    expect(settled + released).toBe(messages.length);
    await until(async () => (await sender.balance()).reserved === 0, 'nothing to be reserved');
    expect(await sender.balance()).toEqual({ available: CREDITS - settled, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
    return { settled, released, messages };
  };

  it('that is cancelled half way sends nothing more, and is exact to the unit, also when the server is killed', async () => {
    await start();
    const COUNT = 40_000;
    const planId = await planIdOf(await sender.send(numbersFrom(0, COUNT)));
    await until(() => taken.size > 300, 'some to be sent');
    const cancelled = expectOk(await sender.ask('POST', `/api/v1/plans/${planId}/cancel`)).json as Plan;
    expect(cancelled.state).toBe('cancelled');
    await house.kill();
    // In the middle of ending its messages.
    expect(await number('SELECT count(*) AS n FROM sweep')).toBe(1);
    const ended = await number(`SELECT count(*) AS n FROM message WHERE state = 9`);
    expect(ended).toBeLessThan(COUNT - taken.size);
    const before = taken.size;
    await house.start();
    const { settled, released } = await expectExact(planId);
    expect(await number('SELECT count(*) AS n FROM sweep')).toBe(0);
    expect(settled + released).toBe(COUNT);
    expect(await planOf(planId)).toMatchObject({ state: 'cancelled', left: 0 });
    // What was in flight when the server was killed had been sent before; nothing was sent after.
    expect(taken.size).toBe(before);
  });

  it('that is paused and resumed is sent once, whatever was in flight', async () => {
    await start();
    const planId = await planIdOf(await sender.send(numbersFrom(0, 3_000)));
    for (let round = 1; round <= 3; round++) {
      await until(() => taken.size > round * 400, 'some to be sent');
      expectOk(await sender.ask('POST', `/api/v1/plans/${planId}/pause`));
      await until(async () => ((await planOf(planId)).counts.dispatching ?? 0) === 0, 'the carrier to have answered');
      const still = taken.size;
      expect((await planOf(planId)).left).toBe(3_000 - still);
      if (round === 2) {
        await house.kill();
        await house.start();
        expect((await planOf(planId)).state).toBe('paused');
        expect(taken.size).toBe(still);
      }
      expectOk(await sender.ask('POST', `/api/v1/plans/${planId}/resume`));
    }
    const { settled, messages } = await expectExact(planId);
    expect(settled).toBe(3_000);
    expect(messages.every(({ repeats }) => repeats === 0)).toBe(true);
    expect(await planOf(planId)).toMatchObject({ state: 'done' });
  });

  it('that starts later is sent once, also when the server is killed while it starts', async () => {
    await start();
    const COUNT = 40_000;
    const planId = await schedule(COUNT, Date.now());
    const sendable = () => number(`SELECT sendable AS n FROM plan WHERE id = ${planId}`);
    await until(async () => (await sendable()) > 0, 'the start');
    await house.kill();
    expect(await sendable()).toBeGreaterThan(0);
    expect(await sendable()).toBeLessThan(COUNT);
    expect(await number('SELECT count(*) AS n FROM sweep')).toBe(1);
    await house.start();
    const { settled } = await expectExact(planId);
    expect(settled).toBe(COUNT);
    expect(taken.size).toBe(COUNT);
    expect(await planOf(planId)).toMatchObject({ state: 'done', left: 0 });
  });

  it('starts at its time, and not before, also over a start of the server', async () => {
    await start();
    const startAt = Date.now() + 6_000;
    const planId = await schedule(5, startAt);
    await house.kill();
    await house.start();
    await until(async () => {
      const { state, left } = await planOf(planId);
      if (Date.now() < startAt) expect([state, left]).toEqual(['pending', 5]);
      return taken.size === 5;
    }, 'all to be sent');
    for (const { firstAt } of taken.values()) expect(firstAt).toBeGreaterThanOrEqual(startAt);
    await expectExact(planId);
  });

  it('whose time passed while the server was down starts when it comes up', async () => {
    await start();
    const startAt = Date.now() + 5_000;
    const planId = await schedule(300, startAt);
    await beDown(planId, startAt);
    await expectExact(planId);
    await until(async () => (await planOf(planId)).counts.delivered === 300, 'all to be delivered');
    expect(await planOf(planId)).toMatchObject({ state: 'done' });
  });

  it('that would start too late does not, and its credits come back', async () => {
    await start({ SIGNET_MAX_LATE_MS: '0' });
    const startAt = Date.now() + 5_000;
    const planId = await schedule(2_500, startAt);
    await beDown(planId, startAt);
    await until(async () => (await planOf(planId)).left === 0, 'it to be ended');
    expect(await planOf(planId)).toMatchObject({ state: 'cancelled', counts: { expired_unsent: 2_500 } });
    const events = expectOk(await sender.ask('GET', '/api/v1/events?kind=plan.missed')).json.items;
    expect(events).toMatchObject([{ kind: 'plan.missed', plan_id: planId, reason: 'late' }]);
    expect(taken.size).toBe(0);
    expect(await sender.balance()).toEqual({ available: CREDITS, reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });
});
