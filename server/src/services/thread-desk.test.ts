import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, test } from 'vitest';
import { refusalOf } from '../../test/desk.ts';
import { EVERYTHING } from '../../test/traffic.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { Defect } from './desk.ts';
import type { Grant } from './grants.ts';
import { packReplies, unpackCommands } from './packed-accepts.ts';
import type { AcceptPlan } from './plan-request.ts';
import { type FromThread, ThreadDesk, type ToThread } from './thread-desk.ts';
import { TurnPace } from './turn-pace.ts';
import type { Notice } from './verb.ts';
import type { Reply } from './verb-runner.ts';
import { verbs } from './verbs.ts';

/** A thread that keeps what it is told and says what a test wants. */
class FakeThread extends EventEmitter {
  readonly told: ToThread[] = [];

  postMessage(message: ToThread): void {
    this.told.push(message);
  }

  say(message: FromThread): void {
    this.emit('message', message);
  }
}

let writer: FakeThread;
let reader: FakeThread;
let desk: ThreadDesk;
beforeEach(() => {
  writer = new FakeThread();
  reader = new FakeThread();
  desk = new ThreadDesk(writer as unknown as Worker, reader as unknown as Worker, new ManualClock());
});

const toSend: AcceptPlan = {
  request: {
    businessId: 1,
    dialect: 'tsms',
    name: '-',
    templateId: 1,
    unsetVariables: 'refuse',
    startAt: null,
    customArgs: null,
  },
  total: 1,
  recipients: [8613800138000],
  invalid: [],
  parameters: { shared: null },
  idempotency: null,
};
const forget = () => desk.do('forgetIdempotency', {});
/** Lets the turn of the loop end, at which the desk posts what was handed in. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
const commands = () => writer.told.filter((message) => message.kind === 'commands');
const idsOf = (message: ToThread | undefined) =>
  message?.kind === 'commands'
    ? unpackCommands(message.commands).map(({ id }) => id)
    : message?.kind === 'queries'
      ? message.queries.map(({ id }) => id)
      : [];
const answer = (thread: FakeThread, replies: readonly Reply[], batches = 0, notices: Notice[] = []) =>
  thread.say({ kind: 'replies', replies: packReplies(replies, () => false), notices, returned: [], batches });

describe('the desk', () => {
  test('posts what was handed in during one turn together, each question to its thread', async () => {
    void forget();
    void forget();
    void desk.ask('nextRetry', { category: 'marketing' });
    void desk.ask('listChannels', {});
    void desk.ask('balanceOf', { businessId: 1 });
    expect([writer.told, reader.told]).toEqual([[], []]);
    await turn();
    expect(writer.told.map((message) => [message.kind, idsOf(message)])).toEqual([
      ['commands', [1, 2]],
      ['queries', [3, 5]],
    ]);
    expect(reader.told.map((message) => [message.kind, idsOf(message)])).toEqual([['queries', [4]]]);
  });

  test('posts many changes before the turn ends', async () => {
    for (let i = 0; i < 36; i++) void forget();
    expect(commands().map((message) => idsOf(message).length)).toEqual([32]);
    await turn();
    expect(commands().map((message) => idsOf(message).length)).toEqual([32, 4]);
  });

  test('lets the next batch grow while eight are under way', async () => {
    for (let i = 0; i < 10; i++) {
      void forget();
      await turn();
    }
    const alone = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => [id]);
    expect(commands().map(idsOf)).toEqual(alone);
    answer(writer, [{ id: 1, value: null }], 1);
    await turn();
    expect(commands().map(idsOf)).toEqual([...alone, [9, 10]]);
    void forget();
    // Replies to questions end no batch.
    answer(writer, []);
    await turn();
    expect(commands()).toHaveLength(9);
    answer(writer, [], 2);
    await turn();
    expect(commands().map(idsOf)).toEqual([...alone, [9, 10], [11]]);
  });

  test('hands over what waits before it tells anybody what has been committed', async () => {
    for (let i = 0; i < 4; i++) {
      void forget();
      await turn();
    }
    let handedOver = 0;
    desk.onNotice(() => {
      handedOver = commands().length;
    });
    answer(writer, [{ id: 1, value: null }], 1, [{ kind: 'plansToRun' }]);
    expect(handedOver).toBe(4);
    expect(commands().map(idsOf)).toEqual([[1], [2], [3], [4]]);
  });

  test('lets patient changes rest where processes take turns, until the rest is over or somebody is waiting', async () => {
    const clock = new ManualClock();
    desk = new ThreadDesk(writer as unknown as Worker, reader as unknown as Worker, clock, new TurnPace(clock));
    const reports = () => void desk.do('recordReceipts', { reports: [], batch: null });
    reports();
    await turn();
    clock.advance(10);
    answer(writer, [{ id: 1, value: null }], 1);
    reports();
    void desk.ask('balanceOf', { businessId: 1 });
    await turn();
    expect(writer.told.map((message) => [message.kind, idsOf(message)])).toEqual([
      ['commands', [1]],
      ['queries', [3]],
    ]);
    clock.advance(30);
    await turn();
    expect(commands().map(idsOf)).toEqual([[1], [2]]);
    answer(writer, [{ id: 2, value: null }], 1);
    reports();
    void forget();
    await turn();
    expect(commands().map(idsOf)).toEqual([[1], [2], [4, 5]]);
  });

  test('gives each what became of it: a value, a refusal or a defect', async () => {
    const [value, refusal, defect] = [forget(), forget(), forget()];
    const caught = Promise.allSettled([value, refusal, defect]);
    await turn();
    answer(writer, [
      { id: 3, defect: 'broken' },
      { id: 2, refusal: { code: 'adminOnly' } },
      { id: 1, value: { dropped: 7 } },
      { id: 99, value: 'nobody asked' },
    ]);
    await caught;
    expect(await value).toEqual({ dropped: 7 });
    expect(await refusalOf(refusal)).toEqual({ code: 'adminOnly' });
    await expect(defect).rejects.toThrow(Defect);
    await expect(defect).rejects.toThrow('broken');
  });

  test('grants room to the messages a batch accepts, and gives back what was not used', async () => {
    const wanted: number[] = [];
    const returned: Grant[] = [];
    desk.grantFrom({
      grant(count) {
        wanted.push(count);
        return [{ lane: 'notification', channelId: 7, room: count, lines: EVERYTHING }];
      },
      returned: (grants) => void returned.push(...grants),
    });
    void forget();
    await turn();
    void desk.do('acceptPlan', toSend);
    void desk.do('acceptPlan', toSend);
    await turn();
    const rows = verbs.acceptPlan.rows(toSend) * 2;
    expect(wanted).toEqual([rows]);
    expect(commands().map(({ grants }) => grants)).toEqual([
      [],
      [{ lane: 'notification', channelId: 7, room: rows, lines: EVERYTHING }],
    ]);
    writer.say({
      kind: 'replies',
      replies: packReplies([], () => false),
      notices: [],
      returned: [{ lane: 'notification', channelId: 7, room: 2, lines: EVERYTHING }],
      batches: 2,
    });
    expect(returned).toEqual([{ lane: 'notification', channelId: 7, room: 2, lines: EVERYTHING }]);
  });

  test('tells what has changed before it gives the answers', async () => {
    const heard: unknown[] = [];
    desk.onNotice((notice) => heard.push(notice.kind));
    const done = forget().then(() => heard.push('answered'));
    await turn();
    writer.say({
      kind: 'replies',
      replies: packReplies([{ id: 1, value: null }], () => false),
      notices: [{ kind: 'channelsChanged' }, { kind: 'credentialChanged', key: 'k' }],
      returned: [],
      batches: 1,
    });
    await done;
    expect(heard).toEqual(['channelsChanged', 'credentialChanged', 'answered']);
  });

  test('counts the rows that are not committed yet', async () => {
    expect(desk.backlogRows).toBe(0);
    void forget();
    void forget();
    void desk.ask('nextRetry', { category: 'marketing' });
    const each = desk.backlogRows / 2;
    expect(each).toBeGreaterThan(0);
    await turn();
    expect(desk.backlogRows).toBe(2 * each);
    answer(writer, [{ id: 2, value: null }], 1);
    expect(desk.backlogRows).toBe(each);
    answer(writer, [{ id: 1, value: null }]);
    expect(desk.backlogRows).toBe(0);
  });

  test('knows its questions by name', () => {
    expect(() => desk.ask('guess' as 'nextRetry', { category: 'marketing' })).toThrow('guess');
  });

  test.each([
    ['ends', (thread: FakeThread) => thread.emit('exit', 1)],
    ['breaks', (thread: FakeThread) => thread.emit('error', new Error('broken'))],
  ])('refuses everything once a thread %s', async (_how, happen) => {
    for (const thread of ['writer', 'reader'] as const) {
      writer = new FakeThread();
      reader = new FakeThread();
      desk = new ThreadDesk(writer as unknown as Worker, reader as unknown as Worker, new ManualClock());
      const waiting = Promise.all([refusalOf(forget()), refusalOf(desk.ask('listChannels', {}))]);
      await turn();
      happen(thread === 'writer' ? writer : reader);
      const away = { code: 'storeAway', retryAfterS: 5 };
      // The change was with the thread, which may have committed it.
      expect(await waiting).toEqual([{ code: 'outcomeUnknown', retryAfterS: 5 }, away]);
      expect(desk.backlogRows).toBe(0);
      expect(await refusalOf(forget())).toEqual(away);
      expect(await refusalOf(desk.ask('nextRetry', { category: 'marketing' }))).toEqual(away);
    }
  });
});
