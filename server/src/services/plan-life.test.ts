import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerAccepted,
  answerFailed,
  leaseDue,
  messageOf,
  nextRetry,
  numbers,
  open,
  openSender,
  planOf,
  type Sender,
  statesOf,
  toSend,
  unheardOf,
  waitingOf,
} from '../../test/traffic.ts';
import type { PlanVerb } from '../domain/plan.ts';

const STEP = 3;

let desk: TestDesk;
let sender: Sender;

beforeEach(async () => {
  desk = await TestDesk.open({ settings: { sweepStep: STEP } });
  sender = await openSender(desk, { credits: 100 });
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const balance = () => desk.ask('balanceOf', { businessId: sender.businessId });
const act = (verb: PlanVerb, planId: number, actor = sender.actor) => desk.do(`${verb}Plan`, { actor, planId });
const all = (planId: number, count: number) => [{ planId, from: 0, to: count - 1 }];
const openWaiting = async (planId: number) => {
  const waiting = await waitingOf(desk, planId);
  const opened = await open(
    desk,
    waiting.map((index) => ({ planId, from: index, to: index })),
  );
  return opened.map(({ index }) => index);
};
const steps = async () => {
  let taken = 0;
  for (;;) {
    const [planId] = await desk.ask('openSweeps', { limit: 1 });
    if (planId === undefined) return taken;
    await desk.do('sweepPlan', { planId });
    taken++;
  }
};
const noticesOf = (kind: string) => desk.notices.filter((notice) => notice.kind === kind);
/** Plan states told by events since the last call. */
const told = async () =>
  (await desk.newEvents()).flatMap(({ body }) => (body.kind === 'plan.state' ? [[body.state, ...body.plans]] : []));

describe('whoever owns a plan', () => {
  test.each<PlanVerb>(['pause', 'resume', 'cancel'])('and the administrator may %s it, nobody else', async (verb) => {
    const planId = await accept(desk, sender, 1);
    if (verb === 'resume') await act('pause', planId);
    const stranger = await openSender(desk);
    expect(await refusalOf(act(verb, planId, stranger.actor))).toEqual({ code: 'planNotFound' });
    expect(await refusalOf(act(verb, 999))).toEqual({ code: 'planNotFound' });
    expect(await act(verb, planId, ADMIN)).toMatchObject({ id: planId });
  });

  test('sees nothing of it while it is being written', async () => {
    const { planId } = (await desk.do('stagePlan', { request: sender.request, idempotency: null })) as {
      planId: number;
    };
    expect(await refusalOf(act('cancel', planId))).toEqual({ code: 'planNotFound' });
  });

  test('is told the state it cannot be done to', async () => {
    const planId = await accept(desk, sender, 1);
    expect(await refusalOf(act('resume', planId))).toEqual({ code: 'planStateWrong', state: 'running' });
    await act('pause', planId);
    expect(await refusalOf(act('pause', planId))).toEqual({ code: 'planStateWrong', state: 'paused' });
    await act('cancel', planId);
    for (const verb of ['pause', 'resume', 'cancel'] as const) {
      expect(await refusalOf(act(verb, planId))).toEqual({ code: 'planStateWrong', state: 'cancelled' });
    }
  });
});

describe('a paused plan', () => {
  test('is not claimed until it is resumed, and then as before', async () => {
    const planId = await accept(desk, sender, 4);
    await open(desk, [{ planId, from: 1, to: 1 }]);
    await told();
    expect(await act('pause', planId)).toMatchObject({ state: 'paused', left: 4 });
    expect(noticesOf('plansStopped')).toEqual([{ kind: 'plansStopped', planIds: [planId] }]);
    expect(await open(desk, all(planId, 4))).toEqual([]);
    expect(await waitingOf(desk, planId)).toEqual([]);
    expect(await balance()).toEqual({ available: 96, reserved: 4 });
    desk.notices.length = 0;
    expect(await act('resume', planId)).toMatchObject({ state: 'running' });
    expect(noticesOf('plansReopened')).toEqual([
      { kind: 'plansReopened', plans: [{ planId, category: 'notification' }] },
    ]);
    expect(await openWaiting(planId)).toEqual([0, 2, 3]);
    expect(await told()).toEqual([
      ['paused', planId],
      ['running', planId],
    ]);
  });

  test('is done when a carrier had all of it in hand', async () => {
    const planId = await accept(desk, sender, 1);
    const opened = await open(desk, all(planId, 1));
    await act('pause', planId);
    await answerAccepted(desk, [{ ...opened[0]!, carrierIds: ['a'] }]);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
    expect(await refusalOf(act('resume', planId))).toEqual({ code: 'planStateWrong', state: 'done' });
  });

  test('keeps its retries from being looked at again and again, and sends them once it goes on', async () => {
    const planId = await accept(desk, sender, 3);
    await open(desk, all(planId, 3));
    await answerFailed(desk, { planId, index: 0 }, 'later');
    await act('pause', planId);
    await answerFailed(desk, { planId, index: 1 }, 'later');
    await answerFailed(desk, { planId, index: 2 }, 'notSent');
    desk.clock.advance(60_000);
    expect(await leaseDue(desk)).toEqual([]);
    expect(await nextRetry(desk)).toBe(null);
    expect(await statesOf(desk, planId)).toEqual(['queued', 'queued', 'accepted']);
    await act('resume', planId);
    expect(await openWaiting(planId)).toEqual([0, 1, 2]);
  });

  test('does not repeat what is uncertain before it goes on', async () => {
    const planId = await accept(desk, sender, 1);
    await open(desk, all(planId, 1));
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    await act('pause', planId);
    desk.clock.advance(60_000);
    await desk.do('decideUncertain', { limit: 10 });
    expect(await leaseDue(desk)).toEqual([]);
    expect(await open(desk, all(planId, 1))).toEqual([]);
    await act('resume', planId);
    expect(await openWaiting(planId)).toEqual([0]);
    expect(await messageOf(desk, planId)).toMatchObject({ attempts: 2, repeats: 1 });
  });

  test('locks what it names, and a cancelled one does not', async () => {
    const planId = await accept(desk, sender, 1);
    await act('pause', planId);
    const edit = () => desk.do('deleteTemplate', { actor: sender.actor, id: sender.templateId, signatureId: null });
    expect(await refusalOf(edit())).toEqual({ code: 'templateInUse' });
    await act('cancel', planId);
    await edit();
  });
});

describe('a cancelled plan', () => {
  test('releases what was not claimed, step by step, and sends nothing of it', async () => {
    const planId = await accept(desk, sender, 10);
    const opened = await open(desk, [{ planId, from: 4, to: 4 }]);
    await told();
    desk.notices.length = 0;
    // The first step is taken with the answer.
    expect(await act('cancel', planId)).toMatchObject({ state: 'cancelled', left: 7, doneAt: null });
    expect(noticesOf('plansStopped')).toHaveLength(1);
    expect(noticesOf('plansToRun')).not.toEqual([]);
    expect(await balance()).toEqual({ available: 93, reserved: 7 });
    expect(await open(desk, all(planId, 10))).toEqual([]);
    expect(await steps()).toBe(3);
    expect(await balance()).toEqual({ available: 99, reserved: 1 });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'cancelled', left: 1, doneAt: null });
    await answerAccepted(desk, [{ ...opened[0]!, carrierIds: ['a'] }]);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'cancelled', left: 0, doneAt: desk.clock.now() });
    expect(await balance()).toEqual({ available: 99, reserved: 0 });
    const states = await statesOf(desk, planId);
    expect(states.filter((state) => state === 'cancelled')).toHaveLength(9);
    expect(states[4]).toBe('submitted');
    expect(await told()).toEqual([['cancelled', planId]]);
  });

  test('goes on ending after a new start, and ends each message once', async () => {
    const planId = await accept(desk, sender, 10);
    await act('cancel', planId);
    await desk.do('sweepPlan', { planId });
    desk.restart();
    expect(await desk.ask('openSweeps', { limit: 10 })).toEqual([planId]);
    expect(await steps()).toBe(2);
    await desk.do('sweepPlan', { planId });
    expect(await planOf(desk, planId)).toMatchObject({ left: 0 });
    expect(await balance()).toEqual({ available: 100, reserved: 0 });
  });

  test.each(['later', 'notSent'] as const)('does not send again what comes back: %s', async (outcome) => {
    const planId = await accept(desk, sender, 2);
    await open(desk, all(planId, 2));
    await act('cancel', planId);
    await answerFailed(desk, { planId, index: 0 }, outcome);
    expect(await statesOf(desk, planId)).toEqual(['cancelled', 'dispatching']);
    expect(await nextRetry(desk)).toBe(null);
    await answerFailed(desk, { planId, index: 1 }, 'never');
    expect(await planOf(desk, planId)).toMatchObject({ state: 'cancelled', left: 0 });
    expect(await balance()).toEqual({ available: 100, reserved: 0 });
  });

  test('ends what waited to be sent again', async () => {
    const planId = await accept(desk, sender, 1);
    await open(desk, all(planId, 1));
    await answerFailed(desk, { planId, index: 0 }, 'later');
    await act('cancel', planId);
    expect(await statesOf(desk, planId)).toEqual(['cancelled']);
    desk.clock.advance(60_000);
    expect(await leaseDue(desk)).toEqual([]);
    expect(await nextRetry(desk)).toBe(null);
  });

  test.each(['before', 'after'])('never repeats what became uncertain %s it was cancelled', async (when) => {
    const planId = await accept(desk, sender, 1);
    await open(desk, all(planId, 1));
    const lost = () => answerFailed(desk, { planId, index: 0 }, 'unknown');
    if (when === 'before') await lost();
    await act('cancel', planId);
    if (when === 'after') await lost();
    desk.clock.advance(60_000);
    await desk.do('decideUncertain', { limit: 10 });
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'uncertain', repeats: 0 });
    // A report still settles it.
    desk.clock.advance(1_000_000);
    await desk.do('decideUncertain', { limit: 10 });
    await unheardOf(desk);
    expect(await messageOf(desk, planId)).toMatchObject({ state: 'delivered', settled: 1 });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'cancelled', left: 0 });
  });

  test('gives uncertain messages up in the end, as paid', async () => {
    const planId = await accept(desk, sender, 1);
    await open(desk, all(planId, 1));
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    await act('cancel', planId);
    desk.clock.advance(60_000);
    await desk.do('decideUncertain', { limit: 10 });
    desk.clock.advance(3_540_000);
    await desk.do('decideUncertain', { limit: 10 });
    expect(await statesOf(desk, planId)).toEqual(['unknown']);
    expect(await balance()).toEqual({ available: 99, reserved: 0 });
  });

  test('leaves open what waited for its repeat: the carrier may have it', async () => {
    const planId = await accept(desk, sender, 2);
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    desk.clock.advance(60_000);
    await desk.do('decideUncertain', { limit: 10 });
    expect(await statesOf(desk, planId)).toEqual(['queued', 'accepted']);
    await act('cancel', planId);
    expect(await statesOf(desk, planId)).toEqual(['uncertain', 'cancelled']);
    await unheardOf(desk);
    expect(await statesOf(desk, planId)).toEqual(['delivered', 'cancelled']);
    expect(await balance()).toEqual({ available: 99, reserved: 0 });
  });

  test.each(['later', 'notSent'] as const)('leaves open a repeat that comes back: %s', async (outcome) => {
    const planId = await accept(desk, sender, 1);
    await open(desk, all(planId, 1));
    await answerFailed(desk, { planId, index: 0 }, 'unknown');
    desk.clock.advance(60_000);
    await desk.do('decideUncertain', { limit: 10 });
    await open(desk, all(planId, 1));
    await act('cancel', planId);
    await answerFailed(desk, { planId, index: 0 }, outcome);
    expect(await statesOf(desk, planId)).toEqual(['uncertain']);
    desk.clock.advance(3_600_000);
    await desk.do('decideUncertain', { limit: 10 });
    expect(await statesOf(desk, planId)).toEqual(['unknown']);
  });

  test('forgets nothing that was under way when the server was killed', async () => {
    const planId = await accept(desk, sender, 3);
    await open(desk, all(planId, 2));
    await act('cancel', planId);
    desk.restart();
    await desk.do('recoverDispatching', { left: [{ planId, index: 0 }], channelId: null, limit: 1_000 });
    expect(await statesOf(desk, planId)).toEqual(['uncertain', 'cancelled', 'cancelled']);
    expect(await planOf(desk, planId)).toMatchObject({ left: 1 });
  });

  test('of many sends and releases is paid to the unit', async () => {
    const planId = await accept(desk, sender, 50);
    const opened = await open(desk, [{ planId, from: 0, to: 24 }]);
    await answerAccepted(
      desk,
      opened.map((message) => ({ ...message, carrierIds: [`c${message.index}`] })),
    );
    await act('cancel', planId);
    await steps();
    expect(await balance()).toEqual({ available: 75, reserved: 0 });
    const counts = (await desk.ask('findPlan', { businessId: null, id: planId }))!.counts;
    expect(counts).toEqual({ submitted: 25, cancelled: 25 });
  });
});

describe('invalid recipients', () => {
  test('are kept as written, cost nothing, and lower what is accepted', async () => {
    await desk.newEvents();
    const accepted = await desk.do(
      'acceptPlan',
      toSend(sender, 2, { total: 6, invalid: ['12', 'x'.repeat(70)], recipients: numbers(2) }),
    );
    const { planId } = accepted;
    expect(accepted).toEqual({ planId, uuid: null, total: 6, accepted: 2 });
    expect(await planOf(desk, planId)).toMatchObject({ total: 6, accepted: 2, invalid: 2, left: 2, sendable: 2 });
    expect(await messageOf(desk, planId, 3)).toMatchObject({ state: 'invalid', recipient: 0, error: 'x'.repeat(64) });
    expect(await balance()).toEqual({ available: 98, reserved: 2 });
    expect((await desk.newEvents()).map(({ body }) => body)).toContainEqual({
      kind: 'message.state',
      state: 'invalid',
      runs: [[planId, 2, 3]],
    });
    const opened = await open(desk, all(planId, 4));
    expect(opened).toHaveLength(2);
    await answerAccepted(
      desk,
      opened.map((message) => ({ ...message, carrierIds: [`c${message.index}`] })),
    );
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done' });
  });

  test('alone are no request', async () => {
    expect(await refusalOf(desk.do('acceptPlan', toSend(sender, [], { total: 1, invalid: ['x'] })))).toMatchObject({
      code: 'invalidField',
      field: 'to',
    });
  });
});

test('custom arguments are kept, up to a size', async () => {
  const customArgs = JSON.stringify({ a: 'x'.repeat(1_016) });
  expect(customArgs).toHaveLength(1_024);
  const request = { ...sender.request, customArgs };
  const { planId } = await desk.do('acceptPlan', toSend(sender, 1, { request }));
  expect(await planOf(desk, planId)).toMatchObject({ customArgs });
  const longer = { ...request, customArgs: JSON.stringify({ a: '字'.repeat(1_016) }) };
  expect(await refusalOf(desk.do('acceptPlan', toSend(sender, 1, { request: longer })))).toMatchObject({
    field: 'custom_args',
  });
});
