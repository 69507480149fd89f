import { randomInt } from 'node:crypto';
import { seededRandom } from '@signet/smpp/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { expectOk, ledgerFaults, listAll, numberAt, openSender, type Sender } from './sender.ts';

const KILLS = 4;
const TEXTS_A_ROUND = 80;
const SHORT_CODE = '1069001';

const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
let house: House;
let receiver: Receiver;
let shop: Sender;

beforeAll(async () => {
  console.log(`inbound journey: seed ${seed} (CRASH_SEED=${seed} repeats its choices)`);
  house = await startHouse({
    env: { SIGNET_WEBHOOK_ALLOW_HTTP: 'yes', SIGNET_WEBHOOK_ALLOW_NETWORKS: '127.0.0.0/8' },
    smpp: { window: 10 },
  });
  receiver = await startReceiver();
  shop = await openSender(house, { category: 'marketing', template: 'Sale today. Reply T to stop' });
  const { businessId } = shop;
  expectOk(await house.asRoot('POST', '/api/v1/inbound-numbers', { number: SHORT_CODE, business_id: businessId }));
});
afterAll(async () => {
  await house?.stop();
  await receiver?.close();
});

const handset = (i: number) => `86${numberAt(i)}`;
const bound = () =>
  until(async () => {
    const { items } = expectOk(await house.asRoot('GET', '/api/v1/channels')).json;
    return items[0]?.state.link === 'bound';
  }, 'the bind');

it('a campaign is answered: what people write is told, and who wants no more of it gets none, through every API', async () => {
  await bound();
  const callbacks = ['uplink_message', 'sent_failed'];
  expectOk(await shop.ask('POST', '/api/v1/webhooks', { url: receiver.url, callbacks }));
  await shop.finished(await shop.send([numberAt(0), numberAt(1), numberAt(2)]));

  // A long answer whose parts come in another order, one of them twice; and somebody who has had enough.
  const question = 'Is the red one still there, and can I fetch it on Saturday? 谢谢 😀 '.repeat(4).trim();
  const long = { from: handset(0), to: SHORT_CODE, text: question, long: 'udh' } as const;
  expect(await house.simulator.deliver({ ...long, order: [3, 1, 1, 2, 4] })).toBe(0);
  expect(await house.simulator.deliver({ from: handset(1), to: SHORT_CODE, text: 'ｔ。' })).toBe(0);
  const uplinks = () =>
    receiver.received.flatMap(({ rows }) => rows).flatMap((row) => (row.response ? [row.response.response_data] : []));
  await until(() => uplinks().length === 2, 'both to be told');
  expect(uplinks()).toMatchObject([
    { account_sid: String(shop.businessId), from: `+${handset(0)}`, to: SHORT_CODE, body: question },
    { from: `+${handset(1)}`, body: 'ｔ。' },
  ]);

  const { available } = await shop.balance();
  const uuid = await shop.send([numberAt(0), numberAt(1)]);
  await shop.finished(uuid, ['delivered', 'failed']);
  const [kept, stopped] = await shop.messages(uuid);
  expect([kept.state, stopped.state, stopped.error]).toEqual(['delivered', 'failed', 'the recipient has opted out']);
  expect(await shop.balance()).toEqual({ available: available - kept.settled, reserved: 0 });

  const vendor = await shop.ask('POST', '/v1/messages', {
    to: [handset(0), handset(1)],
    template: { id: String(shop.tempId) },
  });
  expect(vendor).toMatchObject({ status: 200, json: { total_count: 2, accepted_count: 1 } });
  const alone = await shop.ask('POST', '/v1/messages', { to: [handset(1)], template: { id: String(shop.tempId) } });
  expect(alone).toMatchObject({ status: 200, json: { total_count: 1, accepted_count: 0 } });
  const one = await shop.ask('GET', `/v1/messages/${alone.json.message_id}`);
  expect(one.json).toMatchObject({ to: `+${handset(1)}`, state: 'failed', cost: 0 });
  const failures = () => receiver.received.flatMap(({ rows }) => rows).filter((row) => row.status !== undefined);
  await until(() => failures().length === 3, 'the failures to be told');
  for (const { to, status } of failures()) {
    expect([to, status.message_status, status.error_code]).toEqual([`+${handset(1)}`, 'sent_failed', 5019]);
  }
  expect(await ledgerFaults(house)).toEqual([]);
});

it('somebody who opts out while a campaign is under way is not sent the rest of it', async () => {
  // The carrier takes so little at a time that most of the campaign still waits when the answer comes.
  house.simulator.set({ answerMs: 400 });
  const uuid = await shop.send(Array.from({ length: 3_000 }, (_, i) => numberAt(10 + i)));
  await until(async () => ((await shop.progress(uuid)).counts.delivered ?? 0) > 0, 'the first to be delivered');
  expect(await house.simulator.deliver({ from: handset(10 + 2_999), to: SHORT_CODE, text: 'STOP' })).toBe(0);
  house.simulator.set({ answerMs: 0 });
  await shop.finished(uuid, ['delivered', 'failed']);
  const last = (await shop.messages(uuid)).at(-1);
  expect([last.to, last.state, last.settled]).toEqual([`+${handset(10 + 2_999)}`, 'failed', 0]);
  expect(await ledgerFaults(house)).toEqual([]);
});

it(`${KILLS} kills while texts come in: each is stored once, told once and answered once`, async () => {
  const random = seededRandom(seed);
  const desk = await openSender(house, { template: 'We call you back' });
  const { businessId } = desk;
  expectOk(await house.asRoot('POST', '/api/v1/inbound-numbers', { number: '1069002', business_id: businessId }));
  expectOk(await desk.ask('POST', '/api/v1/keywords', { word: 'call', template_id: desk.tempId }));
  expectOk(await desk.ask('POST', '/api/v1/webhooks', { url: receiver.url, callbacks: ['uplink_message'] }));
  receiver.received.length = 0;

  const texts: string[] = [];
  const answers: Promise<number>[] = [];
  for (let kills = 0; kills < KILLS; kills++) {
    await bound();
    let answered = 0;
    let killed: Promise<void> | null = null;
    const killAt = 1 + Math.floor(random() * TEXTS_A_ROUND);
    for (let i = 0; i < TEXTS_A_ROUND; i++) {
      const n = texts.length;
      // Some in two parts, of which a kill may come between.
      const text = `call ${n} ${n % 4 === 0 ? 'x'.repeat(180) : 'please'}`;
      texts.push(text);
      const answer = house.simulator.deliver({ from: handset(5_000 + n), to: '1069002', text, long: 'sar' });
      answers.push(
        answer.then((status) => {
          if (++answered >= killAt) killed ??= house.kill();
          return status;
        }),
      );
    }
    await until(() => killed !== null, 'the kill');
    await killed;
    await house.start();
  }
  expect(new Set(await Promise.all(answers))).toEqual(new Set([0]));

  const get = (path: string) => desk.ask('GET', path);
  const inbound = await listAll<{ id: number; text: string; missing: number; kind: string; reply_plan_id: number }>(
    get,
    '/api/v1/inbound',
  );
  expect(inbound.map(({ text }) => text).sort()).toEqual([...texts].sort());
  expect(inbound.every(({ kind, missing }) => kind === 'keyword' && missing === 0)).toBe(true);
  const plans = await listAll<{ plan_id: number }>(get, '/api/v1/plans');
  expect(plans.map(({ plan_id }) => plan_id).sort()).toEqual(inbound.map(({ reply_plan_id }) => reply_plan_id).sort());

  const byId = new Map<string, string>();
  await until(() => {
    for (const { headers, body } of receiver.received) byId.set(String(headers['webhook-id']), body);
    return told().length >= texts.length;
  }, 'every text to be told');
  function told(): string[] {
    return [...byId.values()].flatMap((body) =>
      JSON.parse(body).rows.map((row: { response: { response_data: { message_sid: string } } }) => {
        return row.response.response_data.message_sid;
      }),
    );
  }
  expect(told().sort()).toEqual(inbound.map(({ id }) => String(id)).sort());
  expect(await ledgerFaults(house)).toEqual([]);
});
