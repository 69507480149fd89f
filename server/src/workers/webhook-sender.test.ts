import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import { FakeReceivers } from '../../test/receiver.ts';
import { accept, answerAccepted, open, openSender, report, type Sender } from '../../test/traffic.ts';
import { FakeDesk, settle } from '../../test/workers.ts';
import type { Callback } from '../domain/callback.ts';
import { messageId } from '../domain/message.ts';
import { sleep } from '../lib/clock.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { createMetrics, type Metrics } from '../lib/metrics.ts';
import type { Post } from '../services/webhook-request.ts';
import { WebhookSender } from './webhook-sender.ts';

const MINUTE = 60_000;
const log = createLogger('silent');

let desk: TestDesk;
let sender: Sender;
let metrics: Metrics;
let receivers: FakeReceivers;
let worker: WebhookSender;

const startWorker = async () => {
  worker = new WebhookSender({ desk, post: receivers.post, clock: desk.clock, log, metrics });
  await worker.start();
};
beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 100_000 });
  metrics = createMetrics();
  receivers = new FakeReceivers();
  await startWorker();
});
afterEach(async () => {
  await worker.stop();
  await desk.close();
});

const A = 'https://a.example/';
const B = 'https://b.example/';
const LIFE: readonly Callback[] = ['plan', 'sent', 'delivered'];

const add = async (url: string, callbacks: readonly Callback[] = LIFE) => {
  const fields = { url, callbacks: [...callbacks], username: 'acme', description: '' };
  const secrets = { secret: 'a secret of sixteen', authorization: '' };
  const { id } = await desk.do('createWebhook', {
    actor: sender.actor,
    businessId: sender.businessId,
    fields,
    secrets,
  });
  return id;
};
/** Lets so much time pass, in steps, with everything that follows from each. */
async function pass(ms: number, step = ms): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    desk.clock.advance(step);
    await settle();
  }
  // What fell due in the last step is looked at by now.
  desk.clock.advance(100);
  await settle();
}
let carrierIds = 0;
/** One message's life, from plan to delivered; its three callbacks in words. */
async function live(): Promise<string[]> {
  const planId = await accept(desk, sender, 1);
  const [message] = await open(desk, [{ planId, from: 0, to: 0 }]);
  const carrierId = `c-${carrierIds++}`;
  await answerAccepted(desk, [{ ...message!, carrierIds: [carrierId] }]);
  await report(desk, carrierId);
  return LIFE.map((kind) => `${kind} ${messageId(planId, 0)}`);
}
const reading = async (name: string) =>
  Number(
    (await metrics.expose()).text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))!
      .split(' ')
      .at(-1),
  );

test('a receiver that is down for an hour gets everything afterwards, once each; another one is not delayed', async () => {
  let down = true;
  receivers.set(A, () => (down ? null : 200));
  receivers.set(B, () => 200);
  await add(A);
  await add(B);
  const told: string[] = [];
  for (let minute = 0; minute < 60; minute++) {
    told.push(...(await live()));
    await pass(MINUTE);
    // Before anything else happens, the one that works knows.
    expect(receivers.wordsAt(B)).toEqual(told);
  }
  expect(receivers.wordsAt(A)).toEqual([]);
  // Now and then, not each minute, and never for each of those that wait.
  expect(receivers.refused.length).toBeGreaterThanOrEqual(3);
  expect(receivers.refused.length).toBeLessThanOrEqual(10);
  expect(await reading('signet_webhook_waiting')).toBeGreaterThanOrEqual(60);
  expect(await reading('signet_webhook_oldest_seconds')).toBeGreaterThanOrEqual(3_500);

  down = false;
  await pass(20 * MINUTE, MINUTE);
  expect(receivers.wordsAt(A).toSorted()).toEqual(told.toSorted());
  expect(receivers.wordsAt(B)).toEqual(told);
  const ids = receivers.taken.filter(({ url }) => url === A).map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(ids.length);
  // A request that failed before says the same under the same id.
  for (const failed of receivers.refused) {
    const later = receivers.taken.find(({ headers }) => headers['webhook-id'] === failed.headers['webhook-id'])!;
    expect(later.body).toBe(failed.body);
  }
  expect(await reading('signet_webhook_waiting')).toBe(0);

  await pass(24 * 60 * MINUTE, 60 * MINUTE);
  expect(receivers.wordsAt(A)).toHaveLength(told.length);
});

test('a webhook that is down costs one try after 1 min, 10 min, 1 h, 2 h, 5 h, 10 h and each day, 24 in all', async () => {
  const id = await add(A, ['plan']);
  await accept(desk, sender, 1);
  const started = desk.clock.now();
  await pass(20 * 24 * 60 * MINUTE, 30 * MINUTE);
  const [delivery] = await desk.ask('listDeliveries', {
    businessId: null,
    webhookId: id,
    state: 'dead',
    before: null,
    limit: 10,
  });
  expect(delivery!.tries).toHaveLength(24);
  expect(receivers.refused).toHaveLength(24);
  expect(new Set(receivers.refused.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(delivery!.tries[0]).toMatchObject({ status: null, error: 'it refuses connections' });
  expect(delivery!.doneAt! - started).toBeGreaterThan(17 * 24 * 60 * MINUTE);
  expect((await metrics.expose()).text).toMatch(/signet_webhook_deliveries_total\{result="dead"\} 1/);
});

test.each([
  [199, false],
  [200, true],
  [201, true],
  [204, true],
  [299, true],
  [301, false],
  [307, false],
  [400, false],
  [410, false],
  [429, false],
  [500, false],
])('an answer of %i is a success: %s', async (status, succeeds) => {
  receivers.set(A, () => status);
  const id = await add(A, ['plan']);
  await accept(desk, sender, 1);
  await pass(200, 100);
  const [delivery] = await desk.ask('listDeliveries', {
    businessId: null,
    webhookId: id,
    state: null,
    before: null,
    limit: 10,
  });
  expect([delivery!.state, delivery!.tries.length]).toEqual([succeeds ? 'succeeded' : 'waiting', 1]);
  expect(delivery!.tries[0]).toMatchObject({ status, error: succeeds ? '' : `it answered ${status}` });
});

test('a request a receiver cannot digest does not hold up the others', async () => {
  let indigestible = '';
  receivers.set(A, (body) => (body.includes(indigestible) ? 500 : 200));
  await add(A, ['plan']);
  const bad = messageId(await accept(desk, sender, 1), 0);
  indigestible = bad;
  await pass(200, 100);
  const good: string[] = [];
  for (let i = 0; i < 5; i++) {
    good.push(`plan ${messageId(await accept(desk, sender, 1), 0)}`);
    await pass(2 * MINUTE, MINUTE);
  }
  expect(receivers.wordsAt(A)).toEqual(good);
  indigestible = 'nothing';
  await pass(24 * 60 * MINUTE, 30 * MINUTE);
  expect(receivers.wordsAt(A)).toEqual([...good, `plan ${bad}`]);
});

test('a stop in the middle of requests leaves them for the next start, under the same ids', async () => {
  await worker.stop();
  const id = await add(A, ['plan']);
  const asked: string[] = [];
  const hanging: Post = async (_url, { headers, signal }) => {
    asked.push(headers['webhook-id']!);
    await new Promise((resolve) => signal!.addEventListener('abort', resolve));
    return { failure: 'it was broken off', durationMs: 1 };
  };
  worker = new WebhookSender({ desk, post: hanging, clock: desk.clock, log, metrics });
  await worker.start();
  await accept(desk, sender, 1);
  await pass(100);
  expect(asked).toHaveLength(1);
  const stopping = worker.stop();
  await settle();
  desk.clock.advance(2_000);
  await stopping;
  expect(await desk.ask('findWebhook', { businessId: null, id })).toMatchObject({ failures: 0, waiting: 1 });

  receivers.set(A, () => 200);
  await startWorker();
  await pass(100);
  expect(receivers.taken.map(({ headers }) => headers['webhook-id'])).toEqual(asked);
});

test('one whose receiver is slow keeps no other waiting, and is sent no more than eight requests at a time', async () => {
  await worker.stop();
  let slow = 0;
  const post: Post = async (url, request) => {
    if (url !== A) return receivers.post(url, request);
    slow++;
    await sleep(desk.clock, 4_000);
    return receivers.post(url, request);
  };
  for (const url of [A, B]) receivers.set(url, () => 200);
  worker = new WebhookSender({ desk, post, clock: desk.clock, log, metrics });
  await worker.start();
  await add(A, ['plan']);
  await add(B, ['plan']);
  await accept(desk, sender, 2_000);
  await pass(200, 100);
  expect(receivers.wordsAt(B)).toHaveLength(2_000);
  expect([slow, receivers.wordsAt(A).length]).toEqual([8, 0]);
  await pass(12_500, 500);
  expect(receivers.wordsAt(A)).toHaveLength(2_000);
});

describe('a store that fails', () => {
  test('for a while loses nothing, and is not asked again and again for the same webhook', async () => {
    const clock = new ManualClock();
    const work = { id: 1, news: true, due: false, waiting: 0, oldest: null };
    const fake = new FakeDesk({
      webhookWork: () => [work],
      feedWebhook: () => {
        throw new Error('broken');
      },
    });
    const { post } = new FakeReceivers();
    const lone = new WebhookSender({ desk: fake.desk, post, clock, log, metrics: createMetrics() });
    await lone.start();
    for (let i = 0; i < 40; i++) {
      clock.advance(100);
      await settle();
    }
    expect(fake.count('webhookWork')).toBeGreaterThan(30);
    expect(fake.count('feedWebhook')).toBe(1);
    fake.answers.feedWebhook = () => ({ made: 0 });
    fake.answers.nextRound = () => null;
    for (let i = 0; i < 30; i++) {
      clock.advance(100);
      await settle();
    }
    expect(fake.count('feedWebhook')).toBeGreaterThan(1);
    await lone.stop();
  });
});
