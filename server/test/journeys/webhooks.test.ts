import { randomInt } from 'node:crypto';
import { seededRandom } from '@signet/smpp/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { type Receiver, startReceiver, wordsOf } from '../receiver.ts';
import { expectOk, listAll, numbersFrom, openSender, type Sender } from './sender.ts';

const KILLS = 5;
const MESSAGES_A_ROUND = 900;

const seed = Number(process.env.CRASH_SEED ?? randomInt(2 ** 31));
let house: House;
let receiver: Receiver;
let sender: Sender;

beforeAll(async () => {
  console.log(`webhook journey: seed ${seed} (CRASH_SEED=${seed} repeats its choices)`);
  house = await startHouse({
    env: {
      SIGNET_WEBHOOK_ALLOW_HTTP: 'yes',
      SIGNET_WEBHOOK_ALLOW_NETWORKS: '127.0.0.0/8',
      SIGNET_UNCERTAIN_NOTIFICATION_MS: '300',
      SIGNET_UNKNOWN_AFTER_MS: '3000',
    },
  });
  receiver = await startReceiver();
  sender = await openSender(house, { credits: 1_000_000 });
});
afterAll(async () => {
  await house?.stop();
  await receiver?.close();
});

it(`${KILLS} kills in the middle of callbacks: every row comes, and twice only under one id`, async () => {
  const random = seededRandom(seed);
  let answers = 0;
  let killAt = Number.POSITIVE_INFINITY;
  let killed: Promise<void> | null = null;
  receiver.answer = (response) => {
    answers++;
    // Some kills come before the answer, some after it left: the server knows of neither.
    if (answers >= killAt) killed ??= house.kill();
    response.end();
  };
  const callbacks = ['plan', 'target_valid', 'sent', 'delivered'];
  expectOk(await sender.ask('POST', '/api/v1/webhooks', { url: receiver.url, callbacks }));

  let next = 0;
  for (let kills = 0; kills < KILLS; kills++) {
    killed = null;
    killAt = answers + 1 + Math.floor(random() * 15);
    // Large requests in steps, and single ones, so that deliveries are full and nearly empty.
    for (const count of [MESSAGES_A_ROUND, 1, 1, 1]) {
      const sent = await sender.post(numbersFrom(next, count)).catch(() => null);
      if (sent === null) break;
      next += count;
    }
    await until(() => killed !== null, 'the kill');
    await killed;
    killAt = Number.POSITIVE_INFINITY;
    await house.start();
  }

  const get = (path: string) => house.asRoot('GET', path);
  let messages: { message_id: string; state: string }[] = [];
  await until(async () => {
    const open = expectOk(await get('/api/v1/plans?state=running')).json.items;
    if (open.length > 0) return false;
    messages = await listAll(get, '/api/v1/messages');
    return messages.every(({ state }) => state === 'delivered' || state === 'unknown');
  }, 'every message to be final');
  const expected = messages.flatMap(({ message_id, state }) => [
    `plan ${message_id}`,
    `target_valid ${message_id}`,
    ...(state === 'delivered' ? [`sent ${message_id}`, `delivered ${message_id}`] : []),
  ]);

  const byId = new Map<string, string>();
  const gather = () => {
    for (const { headers, body } of receiver.received) {
      const id = String(headers['webhook-id']);
      // What comes again under one id says the same again.
      expect(byId.get(id) ?? body).toBe(body);
      byId.set(id, body);
    }
    return [...byId.values()].flatMap((body) => JSON.parse(body).rows.map(wordsOf) as string[]);
  };
  await until(
    () => gather().length >= expected.length,
    () => `${expected.length} rows, not ${gather().length}`,
  );
  expect(gather().toSorted()).toEqual(expected.toSorted());

  const [webhook] = expectOk(await sender.ask('GET', '/api/v1/webhooks')).json.items;
  await until(
    async () => expectOk(await sender.ask('GET', `/api/v1/webhooks/${webhook.id}`)).json.waiting === 0,
    'nothing to wait any more',
  );
  const deliveries = await listAll<{ id: number; state: string }>(
    (path) => sender.ask('GET', path),
    `/api/v1/webhooks/${webhook.id}/deliveries`,
  );
  expect(deliveries.every(({ state }) => state === 'succeeded')).toBe(true);
  expect(deliveries.map(({ id }) => String(id)).sort()).toEqual([...byId.keys()].sort());
  console.log(
    `webhook journey: ${KILLS} kills, ${messages.length} messages, ${expected.length} rows in ${byId.size} deliveries, ` +
      `${receiver.received.length - byId.size} came twice`,
  );
}, 180_000);

it('a stop does not wait for a receiver that never answers; what hung comes again after the start, under its id', async () => {
  const asked: string[] = [];
  const mine = await startReceiver();
  try {
    mine.answer = (_response, { headers }) => void asked.push(String(headers['webhook-id']));
    expectOk(await sender.ask('POST', '/api/v1/webhooks', { url: mine.url, callbacks: ['key_manage'] }));
    expectOk(await sender.ask('POST', '/api/v1/api-keys', {}));
    await until(() => asked.length === 1, 'the request');
    expect(await house.terminate()).toBe(0);
    mine.answer = (response) => response.end();
    await house.start();
    await until(() => mine.received.length === 1, 'the request again');
    expect(mine.received[0]!.headers['webhook-id']).toBe(asked[0]);
  } finally {
    await mine.close();
  }
});
