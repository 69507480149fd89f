import { randomInt } from 'node:crypto';
import type { SubmitRecord } from '@signet/smpp/simulator';
import { seededRandom } from '@signet/smpp/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, listAll, numbersFrom, openSender, type Sender } from './sender.ts';

const KILLS = 12;
const WINDOW = 100;
const CREDITS = 1_000_000;
const CLIENTS = 6;
/** One request in so many is large. */
const LARGE_EVERY = 40;
/** Clients wait while so many messages are accepted and not sent, so that every kill finds some on the way. */
const BACKLOG = 800;

interface Request {
  key: string;
  sender: Sender;
  mobiles: string[];
  /** The uuid it was answered with; null while it has not been answered. */
  uuid: string | null;
}

/**
 * kill -9 at random points of a run, a start after each, and at the end everything is as if nothing had happened, but
 * for flagged repeats, at most a window of them a kill. The SMSC lives here and survives; what it took is the judge.
 */
describe(`${KILLS} kills`, () => {
  const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
  const random = seededRandom(seed);
  const between = (min: number, max: number) => min + Math.floor(random() * (max - min + 1));
  const taken = new Map<string, number>();
  const requests: Request[] = [];
  let house: House;
  let senders: Sender[];
  let nextNumber = 0;
  let submits = 0;
  let answers = 0;
  let accepted = 0;
  /** Looks whether the moment to kill has come; set while a server runs that is to be killed. */
  let look = () => {};

  beforeAll(async () => {
    console.log(`crash journey: seed ${seed} (CRASH_SEED=${seed} repeats its choices)`);
    house = await startHouse({
      simulator: {
        answerMs: { min: 20, max: 150 },
        receiptDelayMs: { min: 0, max: 80 },
        onSubmit(records: SubmitRecord[]) {
          for (const { destination } of records) taken.set(destination, (taken.get(destination) ?? 0) + 1);
          submits += records.length;
          look();
        },
      },
      smpp: { window: WINDOW },
      env: { SIGNET_UNCERTAIN_NOTIFICATION_MS: '300', SIGNET_UNKNOWN_AFTER_MS: '3000', SIGNET_FREQUENCY: 'off' },
    });
    senders = [
      await openSender(house, { credits: CREDITS }),
      await openSender(house, { credits: CREDITS, category: 'verification' }),
    ];
  });
  afterAll(() => house.stop());

  const newRequest = (): Request => {
    const count = requests.length % LARGE_EVERY !== 0 ? 1 : between(100, 1_500);
    const mobiles = numbersFrom(nextNumber, count);
    nextNumber += count;
    const request = { key: `request-${requests.length}`, sender: senders[between(0, 1)]!, mobiles, uuid: null };
    requests.push(request);
    return request;
  };
  /** Sends a request; false when the server went away under it. */
  const attempt = async (request: Request): Promise<boolean> => {
    const { key, mobiles } = request;
    const answer = await request.sender.post(mobiles, {}, { 'idempotency-key': key }).catch(() => null);
    if (answer === null) return false;
    const { uuid } = expectOk(answer).json;
    if (request.uuid === null) accepted += request.mobiles.length;
    // The same key is answered with the same plan, whatever happened in between.
    else expect(uuid).toBe(request.uuid);
    request.uuid = uuid;
    answers++;
    look();
    return true;
  };
  /** Sends what was not answered, then new requests, until the server goes away or `enough`. */
  const client = async (mine: Request[], enough: () => boolean) => {
    for (const request of mine) if (!(await attempt(request))) return;
    while (!enough()) {
      if (accepted - taken.size > BACKLOG) await new Promise((resolve) => setTimeout(resolve, 5));
      else if (!(await attempt(newRequest()))) return;
    }
  };
  const traffic = async (enough: () => boolean) => {
    const open = requests.filter(({ uuid }) => uuid === null);
    // Clients that had their answer may not know it any more: they ask again, too.
    const again = requests.filter(({ uuid }) => uuid !== null && random() < 0.1);
    const all = [...open, ...again];
    await Promise.all(
      Array.from({ length: CLIENTS }, (_, i) =>
        client(
          all.filter((_, at) => at % CLIENTS === i),
          enough,
        ),
      ),
    );
  };
  /** Runs traffic and kills the server at a moment of chance: after so many submits, answers or milliseconds. */
  const runUntilKilled = async () => {
    const kind = ['submits', 'answers', 'time'][between(0, 2)];
    const amount = { submits: between(1, 400), answers: between(1, 60), time: between(0, 700) }[kind!]!;
    const [submitsBefore, answersBefore] = [submits, answers];
    let killed: Promise<void> | null = null;
    const kill = () => {
      look = () => {};
      killed ??= house.kill();
    };
    look = () => {
      if (kind === 'submits' && submits - submitsBefore >= amount) kill();
      if (kind === 'answers' && answers - answersBefore >= amount) kill();
    };
    const timer = kind === 'time' ? setTimeout(kill, amount) : null;
    await traffic(() => killed !== null);
    await until(() => killed !== null, `the kill after ${amount} ${kind}`);
    if (timer !== null) clearTimeout(timer);
    await killed;
  };

  it('leave every message final, charged once, and no more repeats than a window each', async () => {
    for (let kills = 0; kills < KILLS; kills++) {
      await runUntilKilled();
      await house.start();
      // No answer was given for what is not there.
      const answered = requests.filter(({ uuid }) => uuid !== null);
      for (const request of answered.slice(-20)) {
        expect((await request.sender.progress(request.uuid!)).total).toBe(request.mobiles.length);
      }
    }
    await traffic(() => accepted >= 3_000);

    const get = (path: string) => house.asRoot('GET', path);
    let open: unknown[] = [];
    await until(
      async () => {
        open = expectOk(await get('/api/v1/plans?state=running')).json.items;
        if (open.length > 0) return false;
        open = expectOk(await get('/api/v1/messages?state=submitted&limit=10')).json.items;
        return open.length === 0;
      },
      () => `every message to be final: ${JSON.stringify(open).slice(0, 2_000)}`,
      60_000,
    );

    // Every request is one plan, with every number once; no other plan exists.
    const plans = await listAll<{ plan_id: number; uuid: string; total: number }>(get, '/api/v1/plans');
    expect(new Set(plans.map(({ uuid }) => uuid))).toEqual(new Set(requests.map(({ uuid }) => uuid)));
    expect(plans).toHaveLength(requests.length);
    const messages = await listAll<{
      to: string;
      state: string;
      settled: number;
      released: number;
      attempts: number;
      repeats: number;
    }>(get, '/api/v1/messages');
    const asked = requests.flatMap(({ mobiles }) => mobiles.map((mobile) => `+86${mobile}`));
    expect(messages).toHaveLength(asked.length);
    expect(new Set(messages.map(({ to }) => to))).toEqual(new Set(asked));

    // The SMSC's own count: none missing, none twice without a flag, few repeats.
    let extra = 0;
    let repeats = 0;
    for (const message of messages) {
      const times = taken.get(message.to.slice(1)) ?? 0;
      if (message.state !== 'unknown')
        expect([message, times]).toEqual([{ ...message, state: 'delivered' }, expect.any(Number)]);
      if (message.state === 'delivered') expect(times, message.to).toBeGreaterThanOrEqual(1);
      expect(times, JSON.stringify(message)).toBeLessThanOrEqual(1 + message.repeats);
      extra += Math.max(0, times - 1);
      repeats += message.repeats;
    }
    expect(repeats).toBeLessThanOrEqual(WINDOW * KILLS);
    expect(taken.size).toBeGreaterThanOrEqual(messages.filter(({ state }) => state === 'delivered').length);

    // Money, to the unit.
    const settled = messages.reduce((sum, message) => sum + message.settled, 0);
    const released = messages.reduce((sum, message) => sum + message.released, 0);
    expect(released).toBe(0);
    expect(settled).toBe(messages.length);
    const balances = await Promise.all(senders.map((sender) => sender.balance()));
    expect(balances.map(({ reserved }) => reserved)).toEqual([0, 0]);
    expect(balances[0]!.available + balances[1]!.available).toBe(2 * CREDITS - settled);
    expect(await ledgerFaults(house)).toEqual([]);
    const unknown = messages.filter(({ state }) => state === 'unknown').length;
    console.log(
      `crash journey: ${KILLS} kills, ${requests.length} requests, ${messages.length} messages, ` +
        `${repeats} repeats flagged (limit ${WINDOW * KILLS}), ${extra} twice at the SMSC, ${unknown} unknown`,
    );
  }, 300_000);
});
