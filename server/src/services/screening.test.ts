import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import {
  accept,
  addTemplate,
  answerFailed,
  NUMBER,
  numbers,
  open,
  openDue,
  openSender,
  type Sender,
  toSend,
  waitingOf,
} from '../../test/traffic.ts';
import { EVERYBODY, type RecipientList, STOPPED_BY } from '../domain/listed.ts';
import type { MessageState } from '../domain/message.ts';
import { send } from './sending.ts';

let desk: TestDesk;
/** Sends marketing. */
let sender: Sender;
/** The same business, with a notification. */
let notifying: Sender;

beforeEach(async () => {
  desk = await TestDesk.open();
  sender = await openSender(desk, { credits: 10_000, category: 'marketing' });
  const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'News', 'notification');
  notifying = { ...sender, templateId, request: { ...sender.request, templateId } };
});
afterEach(() => desk.close());

const edit = (
  change: 'added' | 'removed',
  list: RecipientList,
  recipients: readonly number[],
  businessId = sender.businessId,
) => desk.do('editList', { actor: ADMIN, list, businessId, change, recipients, note: '' });
const list = (name: RecipientList, recipients: readonly number[], businessId?: number) =>
  edit('added', name, recipients, businessId);

const messagesOf = (planId: number) => desk.ask('messagesOfPlan', { planId, after: -1, limit: 10_000 });
/** Recipients, counted from the first test number, with state and error, in the order of their indexes. */
const storyOf = async (planId: number): Promise<[number, MessageState, string][]> =>
  (await messagesOf(planId)).map(({ recipient, state, error }) => [recipient - NUMBER, state, error]);
const planOf = async (id: number) => (await desk.ask('findPlan', { businessId: null, id }))!.plan;
const balance = () => desk.ask('balanceOf', { businessId: sender.businessId });

describe('a request to send', () => {
  it('sends marketing to nobody who has opted out, and charges nothing for it', async () => {
    await list('opt-out', [NUMBER + 1]);
    await desk.newEvents();
    const accepted = await desk.do('acceptPlan', toSend(sender, 3, { total: 4, invalid: ['x'] }));
    expect(accepted).toMatchObject({ total: 4, accepted: 2 });
    expect(await storyOf(accepted.planId)).toEqual([
      [0, 'accepted', ''],
      [2, 'accepted', ''],
      [-NUMBER, 'invalid', 'x'],
      [1, 'failed', STOPPED_BY['opt-out']],
    ]);
    expect(await planOf(accepted.planId)).toMatchObject({
      state: 'running',
      accepted: 2,
      invalid: 1,
      stopped: 1,
      left: 2,
    });
    expect(await balance()).toMatchObject({ available: 9_998, reserved: 2 });
    const { planId } = accepted;
    expect((await desk.newEvents()).map(({ body }) => body)).toMatchObject([
      { kind: 'message.state', state: 'invalid', runs: [[planId, 2, 2]] },
      { kind: 'plan.state', state: 'running', accepted: true },
      { kind: 'message.state', state: 'failed', error: STOPPED_BY['opt-out'], runs: [[planId, 3, 3]] },
    ]);
    expect(await desk.faults()).toEqual([]);
  });

  it('sends everything else to those who have opted out', async () => {
    await list('opt-out', [NUMBER]);
    expect((await storyOf(await accept(desk, notifying, 1)))[0]).toEqual([0, 'accepted', '']);
  });

  it('sends nothing to those who are blacklisted, by the business or for everybody', async () => {
    const other = await openSender(desk, { category: 'verification' });
    await list('blacklist', [NUMBER]);
    await list('blacklist', [NUMBER + 1], EVERYBODY);
    await list('opt-out', [NUMBER, NUMBER + 1]);
    const failed = 'the recipient is blacklisted';
    expect(await storyOf(await accept(desk, notifying, 3))).toEqual([
      [2, 'accepted', ''],
      [0, 'failed', failed],
      [1, 'failed', failed],
    ]);
    expect(await storyOf(await accept(desk, other, 3))).toEqual([
      [0, 'accepted', ''],
      [2, 'accepted', ''],
      [1, 'failed', failed],
    ]);
  });

  it('that leaves nobody is done at once', async () => {
    await list('opt-out', [NUMBER]);
    await desk.newEvents();
    for (const startAt of [null, desk.clock.now() + 60_000]) {
      const request = { ...sender.request, startAt };
      const { planId, accepted } = await desk.do('acceptPlan', toSend(sender, 1, { request }));
      expect(accepted).toBe(0);
      expect(await planOf(planId)).toMatchObject({ state: 'done', left: 0, doneAt: desk.clock.now() });
      const states = (await desk.newEvents()).flatMap(({ body }) => (body.kind === 'plan.state' ? [body.state] : []));
      expect(states).toEqual([startAt === null ? 'running' : 'pending', 'done']);
    }
    expect(await balance()).toMatchObject({ available: 10_000, reserved: 0 });
    expect(await desk.faults()).toEqual([]);
    desk.clock.advance(120_000);
    expect(await desk.do('startPlans', { limit: 10 })).toEqual({ started: 0, missed: 0 });
  });

  it('gives each of the others its own values', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'Hi {name}', 'marketing');
    await list('opt-out', [NUMBER]);
    const request = { ...sender.request, templateId };
    const each = ['a', 'b', 'c'].map((name) => ({ name }));
    const { planId } = await desk.do('acceptPlan', toSend(sender, 3, { request, parameters: { each } }));
    const opened = await open(desk, [{ planId, from: 0, to: 9 }]);
    expect(opened).toMatchObject([{ index: 0 }, { index: 1 }]);
    expect((await storyOf(planId)).map(([recipient]) => recipient)).toEqual([1, 2, 0]);
  });

  it('is remembered under its key as it was answered', async () => {
    await list('opt-out', [NUMBER]);
    const idempotency = { route: 'r', key: 'k', bodyHash: 'h' };
    const first = await desk.do('acceptPlan', toSend(sender, 2, { idempotency }));
    await edit('removed', 'opt-out', [NUMBER]);
    expect(await desk.do('acceptPlan', toSend(sender, 2, { idempotency }))).toEqual(first);
  });

  it('of any size is stored so', async () => {
    const to = numbers(2_500);
    const stopped = [NUMBER + 5, NUMBER + 1_200, NUMBER + 2_499];
    await list('opt-out', stopped);
    await list('blacklist', [NUMBER + 7]);
    await desk.newEvents();
    const { planId, accepted } = await send(desk, toSend(sender, to, { total: 2_501, invalid: ['x'] }));
    expect(accepted).toBe(2_496);
    expect(await planOf(planId)).toMatchObject({
      accepted: 2_496,
      invalid: 1,
      stopped: 4,
      left: 2_496,
      sendable: 2_496,
    });
    const story = await storyOf(planId);
    expect(story).toHaveLength(2_501);
    expect(story.slice(0, 2_496).every(([, state]) => state === 'accepted')).toBe(true);
    expect(new Set(story.slice(0, 2_496).map(([recipient]) => recipient + NUMBER))).toEqual(
      new Set(to.filter((recipient) => ![...stopped, NUMBER + 7].includes(recipient))),
    );
    expect(story.slice(2_496).map(([recipient, state]) => [recipient, state])).toEqual([
      [-NUMBER, 'invalid'],
      ...[5, 7, 1_200, 2_499].sort((a, b) => order.indexOf(a) - order.indexOf(b)).map((n) => [n, 'failed']),
    ]);
    const runs = (await desk.newEvents()).flatMap(({ body }) =>
      body.kind === 'message.state' && body.state === 'failed' ? body.runs : [],
    );
    expect(runs.reduce((sum, [, from, end]) => sum + end - from + 1, 0)).toBe(4);
    expect(await balance()).toMatchObject({ reserved: 2_496 });
    expect(await desk.faults()).toEqual([]);
  });
  /** Stopped recipients stand list by list, in the order in which the lists stopped the first of theirs. */
  const order = [5, 1_200, 2_499, 7];

  it('of any size that leaves nobody is done at once', async () => {
    await list('opt-out', numbers(1_500));
    const { planId, accepted } = await send(desk, toSend(sender, 1_500));
    expect(accepted).toBe(0);
    expect(await planOf(planId)).toMatchObject({ state: 'done', stopped: 1_500 });
    expect(await desk.faults()).toEqual([]);
  });
});

describe('somebody who opts out', () => {
  it('while a message waits is not sent it, and the credits come back', async () => {
    const planId = await accept(desk, sender, 3);
    await list('opt-out', [NUMBER + 1]);
    const opened = await open(desk, [{ planId, from: 0, to: 2 }]);
    expect(opened.map(({ index }) => index)).toEqual([0, 2]);
    expect(await storyOf(planId)).toEqual([
      [0, 'dispatching', ''],
      [1, 'failed', STOPPED_BY['opt-out']],
      [2, 'dispatching', ''],
    ]);
    expect((await messagesOf(planId))[1]).toMatchObject({ attempts: 0, released: 1, channelId: null });
    expect(await balance()).toMatchObject({ available: 9_998, reserved: 2 });
    expect(await planOf(planId)).toMatchObject({ left: 2 });
    expect(await waitingOf(desk, planId)).toEqual([]);
    expect(await desk.faults()).toEqual([]);
  });

  it('and is the last of a plan ends it', async () => {
    const planId = await accept(desk, sender, 1);
    await list('opt-out', [NUMBER]);
    await desk.newEvents();
    expect(await open(desk, [{ planId, from: 0, to: 0 }])).toEqual([]);
    expect(await planOf(planId)).toMatchObject({ state: 'done' });
    expect((await desk.newEvents()).map(({ body }) => ('state' in body ? body.state : ''))).toEqual(['failed', 'done']);
  });

  it('before a scheduled plan starts is not sent it', async () => {
    const request = { ...sender.request, startAt: desk.clock.now() + 60_000 };
    const { planId } = await desk.do('acceptPlan', toSend(sender, 3, { request }));
    await list('opt-out', [NUMBER + 2]);
    desk.clock.advance(60_000);
    await desk.do('startPlans', { limit: 10 });
    await desk.do('sweepPlan', { planId });
    expect(await storyOf(planId)).toEqual([
      [0, 'accepted', ''],
      [1, 'accepted', ''],
      [2, 'failed', STOPPED_BY['opt-out']],
    ]);
    expect(await balance()).toMatchObject({ available: 9_998, reserved: 2 });
    expect(await desk.faults()).toEqual([]);
  });

  it('again is sent to again', async () => {
    await list('opt-out', [NUMBER]);
    await edit('removed', 'opt-out', [NUMBER]);
    expect(await storyOf(await accept(desk, sender, 1))).toEqual([[0, 'accepted', '']]);
  });
});

describe('somebody who is blacklisted', () => {
  it('is not sent what the carrier has put off', async () => {
    const planId = await accept(desk, notifying, 1);
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerFailed(desk, { planId, index: 0 }, 'later');
    await list('blacklist', [NUMBER], EVERYBODY);
    desk.clock.advance(60_000);
    const retries = await desk.do('leaseRetries', { category: 'notification', limit: 10 });
    expect(await open(desk, [], 1, retries)).toEqual([]);
    expect(await storyOf(planId)).toEqual([[0, 'failed', STOPPED_BY.blacklist]]);
    desk.clock.advance(600_000);
    expect(await desk.do('leaseRetries', { category: 'notification', limit: 10 })).toEqual([]);
    expect(await desk.faults()).toEqual([]);
  });

  it('may have had what is uncertain: it is not repeated, and waits for its report', async () => {
    const planId = await accept(desk, notifying, 1);
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    desk.clock.advance(60_000);
    await desk.do('decideUncertain', { limit: 10 });
    await list('blacklist', [NUMBER]);
    expect(await openDue(desk)).toEqual([]);
    expect((await storyOf(planId))[0]?.[1]).toBe('uncertain');
    desk.clock.advance(3_600_000);
    await desk.do('decideUncertain', { limit: 10 });
    expect((await storyOf(planId))[0]?.[1]).toBe('unknown');
    expect(await desk.faults()).toEqual([]);
  });
});

describe('lists', () => {
  it('hold after a restart, and not after a rollback', async () => {
    await list('opt-out', [NUMBER]);
    desk.restart();
    expect((await storyOf(await accept(desk, sender, 1)))[0]?.[1]).toBe('failed');
    const broken = await TestDesk.open({
      verbs: { fails: { priority: 2, rows: () => 1, run: () => Promise.reject(new Error('broken')) } },
    });
    const other = await openSender(broken, { category: 'marketing' });
    const change = { actor: ADMIN, list: 'opt-out', businessId: other.businessId, note: '' } as const;
    await broken.do('editList', { ...change, change: 'added', recipients: [NUMBER] });
    // Refused for its note after it had been looked at: nothing of it stays.
    const refused = broken.do('editList', {
      ...change,
      change: 'removed',
      recipients: [NUMBER],
      note: 'x'.repeat(201),
    });
    expect(await refusalOf(refused)).toMatchObject({ field: 'note' });
    const [removal] = await broken.together(
      ['editList', { ...change, change: 'removed', recipients: [NUMBER] }],
      ['fails', {}],
    );
    // Tried again alone, it is removed once, in the store and in memory.
    expect(removal).toEqual({ value: { changed: 1 } });
    const { accepted } = await broken.do('acceptPlan', toSend(other, 1));
    expect(accepted).toBe(1);
    await broken.close();
  });

  it('take and give up each recipient once, and tell how many', async () => {
    await desk.newEvents();
    expect(await list('opt-out', [NUMBER, NUMBER + 1])).toEqual({ changed: 2 });
    expect(await list('opt-out', [NUMBER + 1, NUMBER + 2])).toEqual({ changed: 1 });
    expect(await list('opt-out', [NUMBER])).toEqual({ changed: 0 });
    expect(await edit('removed', 'opt-out', [NUMBER, NUMBER + 9])).toEqual({ changed: 1 });
    expect((await desk.newEvents()).map(({ body }) => body)).toEqual([
      { kind: 'list.changed', list: 'opt-out', change: 'added', count: 2, source: 'administrator' },
      {
        kind: 'list.changed',
        list: 'opt-out',
        change: 'added',
        count: 1,
        source: 'administrator',
        recipient: NUMBER + 2,
      },
      {
        kind: 'list.changed',
        list: 'opt-out',
        change: 'removed',
        count: 1,
        source: 'administrator',
        recipient: NUMBER,
      },
    ]);
  });

  it("are a business's own; the installation's is the administrator's", async () => {
    const other = await openSender(desk);
    const mine = { actor: other.actor, change: 'added', recipients: [NUMBER], note: '' } as const;
    const asked = (name: RecipientList, businessId: number) => desk.do('editList', { ...mine, list: name, businessId });
    expect(await asked('blacklist', other.businessId)).toEqual({ changed: 1 });
    expect(await refusalOf(asked('opt-out', sender.businessId))).toEqual({ code: 'businessNotFound' });
    expect(await refusalOf(asked('blacklist', EVERYBODY))).toEqual({ code: 'businessNotFound' });
    expect(await refusalOf(list('opt-out', [NUMBER], EVERYBODY))).toEqual({ code: 'businessNotFound' });
    expect(await refusalOf(list('opt-out', [NUMBER], 99))).toEqual({ code: 'businessNotFound' });
    expect(await refusalOf(list('opt-out', numbers(10_001)))).toEqual({ code: 'tooManyRecipients', limit: 10_000 });
  });
});
