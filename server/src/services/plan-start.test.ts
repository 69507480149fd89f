import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import {
  accept,
  answerAccepted,
  messageOf,
  NUMBER,
  open,
  openSender,
  planOf,
  type Sender,
  statesOf,
  templateFields,
  toSend,
} from '../../test/traffic.ts';
import { NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import { MemoryFrequencyLimits } from '../limits/memory.ts';
import type { PlanRequest } from './plan-request.ts';
import { send } from './sending.ts';
import { single } from './verb.ts';

const STEP = 3;
const HOUR = 3_600_000;

let desk: TestDesk;
let sender: Sender;

/** Changes what a plan names behind the back of its lock, as nothing in the house does. */
const editTemplate = single(async (tx, ctx, { templateId, text }: { templateId: number; text: string }) => {
  const template = (await tx.templates.byId(templateId))!;
  await tx.templates.edit(templateId, { ...template, text });
  ctx.hot.templates.delete(templateId);
});
const rejectSignature = single(async (tx, ctx, { signatureId }: { signatureId: number }) => {
  await tx.signatures.review(signatureId, { state: 'rejected', reason: '' }, ctx.now());
  ctx.hot.signatures.delete(signatureId);
});
const deleteTemplate = single(async (tx, ctx, { templateId }: { templateId: number }) => {
  await tx.templates.delete(templateId, ctx.now());
  ctx.hot.templates.delete(templateId);
});
const approve = single(async (tx, ctx, { templateId }: { templateId: number }) => {
  await tx.templates.review(templateId, { state: 'approved', reason: '' }, ctx.now());
  ctx.hot.templates.delete(templateId);
});

beforeEach(async () => {
  const limits = new MemoryFrequencyLimits({ ...NO_FREQUENCY_POLICY, all: [{ limit: 2, windowMs: 600_000 }] });
  const verbs = { editBehind: editTemplate, rejectBehind: rejectSignature, deleteBehind: deleteTemplate, approve };
  desk = await TestDesk.open({ limits, verbs, settings: { sweepStep: STEP } });
  sender = await openSender(desk, { credits: 100 });
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const balance = () => desk.ask('balanceOf', { businessId: sender.businessId });
const behind = (verb: string, input: object) => desk.together([verb, input]);
const later = (ms: number, change: Partial<PlanRequest> = {}) => ({
  request: { ...sender.request, startAt: desk.clock.now() + ms, ...change },
});
const schedule = async (count: number | number[], ms = 60_000) =>
  (await desk.do('acceptPlan', toSend(sender, count, later(ms)))).planId;
const startPlans = () => desk.do('startPlans', { limit: 10 });
const sweep = (planId: number) => desk.do('sweepPlan', { planId });
const sweepAll = async () => {
  for (;;) {
    const [planId] = await desk.ask('openSweeps', { limit: 1 });
    if (planId === undefined) return;
    await sweep(planId);
  }
};
const eventsOf = async (kind: string) =>
  (await desk.newEvents()).flatMap(({ body }) => (body.kind === kind ? [body] : []));

describe('a plan that starts later', () => {
  test('reserves its credits, and is not claimed before its time', async () => {
    await desk.newEvents();
    desk.notices.length = 0;
    const planId = await schedule(4);
    expect(await planOf(desk, planId)).toMatchObject({
      state: 'pending',
      accepted: 4,
      sendable: 0,
      left: 4,
      startAt: desk.clock.now() + 60_000,
      startedAt: null,
    });
    expect(await balance()).toEqual({ available: 96, reserved: 4 });
    expect(await eventsOf('plan.state')).toMatchObject([{ plans: [planId], state: 'pending' }]);
    expect(desk.notices).toEqual([{ kind: 'plansToRun' }]);
    expect(await desk.ask('nextStart', {})).toBe(desk.clock.now() + 60_000);
    desk.clock.advance(59_999);
    expect(await startPlans()).toEqual({ started: 0, missed: 0 });
    expect(await open(desk, [{ planId, from: 0, to: 3 }])).toEqual([]);
  });

  test('starts at its time, its messages becoming sendable step by step', async () => {
    const planId = await schedule(7);
    desk.clock.advance(60_000);
    await desk.newEvents();
    expect(await startPlans()).toEqual({ started: 1, missed: 0 });
    expect(await startPlans()).toEqual({ started: 0, missed: 0 });
    expect(await eventsOf('plan.state')).toEqual([{ kind: 'plan.state', plans: [planId], state: 'running' }]);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', sendable: 0, startedAt: desk.clock.now() });
    desk.notices.length = 0;
    await sweep(planId);
    expect(desk.notices).toContainEqual({
      kind: 'plansReopened',
      plans: [{ planId, category: 'notification', range: { from: 0, to: 2 } }],
    });
    expect(await desk.ask('runningPlans', { category: 'notification', after: null, limit: 9 })).toMatchObject([
      { id: planId, businessId: sender.businessId, sendable: 3 },
    ]);
    // Whoever claims more gets what is sendable; all of that sent is not all of the plan.
    const opened = await open(desk, [{ planId, from: 0, to: 6 }]);
    expect(opened).toHaveLength(3);
    await answerAccepted(
      desk,
      opened.map((message) => ({ ...message, carrierIds: [`c${message.index}`] })),
    );
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', left: 4 });
    await sweepAll();
    expect(await planOf(desk, planId)).toMatchObject({ sendable: 7 });
    expect(await open(desk, [{ planId, from: 0, to: 6 }])).toHaveLength(4);
  });

  test('of a large request starts like any other', async () => {
    const rich = await openSender(desk, { credits: 3_000 });
    const request = { ...rich.request, startAt: desk.clock.now() + 60_000 };
    const invalid = Array.from({ length: 1_200 }, (_, i) => `x${i}`);
    const input = toSend(rich, 1_500, { request, total: 2_700, invalid });
    const { planId } = await send(desk, input);
    expect(await planOf(desk, planId)).toMatchObject({
      state: 'pending',
      total: 2_700,
      accepted: 1_500,
      invalid: 1_200,
      sendable: 0,
      left: 1_500,
    });
    expect(await messageOf(desk, planId, 2_699)).toMatchObject({ state: 'invalid', error: 'x1199' });
    desk.clock.advance(60_000);
    await startPlans();
    await sweepAll();
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', sendable: 1_500 });
  });

  test('starts late after the server was down, within what is allowed', async () => {
    const planId = await schedule(1);
    desk.clock.advance(60_000 + HOUR);
    desk.restart();
    expect(await startPlans()).toEqual({ started: 1, missed: 0 });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running' });
  });

  test('lies at most a year and a day ahead', async () => {
    const far = toSend(sender, 1, later(367 * 24 * HOUR));
    expect(await refusalOf(desk.do('acceptPlan', far))).toMatchObject({ code: 'invalidField', field: 'start_at' });
  });

  test('locks what it names, and is no less than others in what it must have', async () => {
    await schedule(1);
    const { actor, signatureId, templateId } = sender;
    const verdict = { state: 'approved', reason: '' } as const;
    const codes = [
      desk.do('editTemplate', { actor, id: templateId, fields: templateFields(signatureId, 'Other') }),
      desk.do('deleteTemplate', { actor, id: templateId, signatureId: null }),
      desk.do('reviewTemplate', { actor: ADMIN, id: templateId, verdict }),
      desk.do('editSignature', { actor, id: signatureId, text: 'Other', source: null, pics: null }),
      desk.do('deleteSignature', { actor, id: signatureId }),
      desk.do('reviewSignature', { actor: ADMIN, id: signatureId, verdict }),
    ].map(async (work) => (await refusalOf(work)).code);
    expect(await Promise.all(codes)).toEqual([
      ...new Array(3).fill('templateInUse'),
      ...new Array(3).fill('signatureInUse'),
    ]);
    expect(await refusalOf(desk.do('acceptPlan', toSend(sender, 101, later(1))))).toMatchObject({
      code: 'balanceTooLow',
    });
  });
});

describe('frequency of a plan that starts later', () => {
  test('counts when it starts: those over their limit fail, and are not paid', async () => {
    const planId = await schedule(5);
    // It has counted nothing so far.
    for (let i = 0; i < 2; i++) await accept(desk, sender, [NUMBER + 1, NUMBER + 4]);
    desk.clock.advance(60_000);
    await startPlans();
    await sweepAll();
    expect(await statesOf(desk, planId)).toEqual(['accepted', 'failed', 'accepted', 'accepted', 'failed']);
    expect((await messageOf(desk, planId, 1)).error).toMatch(/frequency limit/);
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', left: 3 });
    expect(await balance()).toEqual({ available: 93, reserved: 7 });
    // The others have counted now.
    await accept(desk, sender, [NUMBER]);
    expect(await refusalOf(accept(desk, sender, [NUMBER]))).toEqual({ code: 'frequencyExceeded', recipient: NUMBER });
  });

  test('is done at once when nobody may be written to', async () => {
    for (let i = 0; i < 2; i++) await accept(desk, sender, 2);
    const planId = await schedule(2);
    desk.clock.advance(60_000);
    await startPlans();
    await sweepAll();
    expect(await planOf(desk, planId)).toMatchObject({ state: 'done', left: 0 });
  });

  test('is given back when a step is rolled back', async () => {
    const planId = await schedule([NUMBER]);
    desk.clock.advance(60_000);
    await startPlans();
    const settled = await desk.together(['sweepPlan', { planId }], ['editBehind', { templateId: 999, text: '' }]);
    expect(settled.map((each) => 'value' in each)).toEqual([true, false]);
    await accept(desk, sender, [NUMBER]);
    expect(await refusalOf(accept(desk, sender, [NUMBER]))).toEqual({ code: 'frequencyExceeded', recipient: NUMBER });
  });
});

describe('a plan that missed its start', () => {
  const missed = async (planId: number, reason: string, state: string) => {
    await desk.newEvents();
    expect(await startPlans()).toEqual({ started: 0, missed: 1 });
    const told = await desk.newEvents();
    expect(told.map(({ body }) => body)).toEqual([
      { kind: 'plan.missed', planId, reason },
      { kind: 'plan.state', plans: [planId], state: 'cancelled' },
    ]);
    expect(await open(desk, [{ planId, from: 0, to: 3 }])).toEqual([]);
    await sweepAll();
    expect(await statesOf(desk, planId)).toEqual(new Array(4).fill(state));
    expect((await messageOf(desk, planId)).error).not.toBe('');
    expect(await planOf(desk, planId)).toMatchObject({ state: 'cancelled', left: 0, doneAt: desk.clock.now() });
    expect(await balance()).toEqual({ available: 100, reserved: 0 });
    // It counted for nobody.
    for (let i = 0; i < 2; i++) await accept(desk, sender, [NUMBER]);
  };

  test('by more than is allowed sends nothing', async () => {
    const planId = await schedule(4);
    desk.clock.advance(60_001 + HOUR);
    await missed(planId, 'late', 'expired_unsent');
  });

  test('because its business was suspended sends nothing', async () => {
    const planId = await schedule(4);
    desk.clock.advance(60_000);
    const business = { businessId: sender.businessId };
    await desk.do('setBusinessState', { actor: ADMIN, business, state: 'suspended' });
    await desk.newEvents();
    expect(await startPlans()).toEqual({ started: 0, missed: 1 });
    await desk.do('setBusinessState', { actor: ADMIN, business, state: 'active' });
    expect(await eventsOf('plan.missed')).toEqual([{ kind: 'plan.missed', planId, reason: 'businessSuspended' }]);
    await sweepAll();
    expect(await statesOf(desk, planId)).toEqual(new Array(4).fill('failed'));
    expect(await balance()).toEqual({ available: 100, reserved: 0 });
  });

  test.each([
    ['its template was changed', 'editBehind', 'templateNotApproved'],
    ['its template was deleted', 'deleteBehind', 'templateNotFound'],
    ['its signature was rejected', 'rejectBehind', 'signatureNotApproved'],
  ])('because %s sends nothing', async (_why, verb, reason) => {
    const planId = await schedule(4);
    desk.clock.advance(60_000);
    const { signatureId, templateId } = sender;
    expect(await behind(verb, { signatureId, templateId, text: 'Other' })).toEqual([{ value: undefined }]);
    await desk.newEvents();
    expect(await startPlans()).toEqual({ started: 0, missed: 1 });
    expect(await eventsOf('plan.missed')).toEqual([{ kind: 'plan.missed', planId, reason }]);
    await sweepAll();
    expect(await statesOf(desk, planId)).toEqual(new Array(4).fill('failed'));
    expect(await balance()).toEqual({ available: 100, reserved: 0 });
  });

  test('because its template says something else by now sends neither text', async () => {
    const planId = await schedule(4);
    const { templateId } = sender;
    await behind('editBehind', { templateId, text: 'Other' });
    await behind('approve', { templateId });
    desk.clock.advance(60_000);
    await missed(planId, 'templateNotApproved', 'failed');
  });

  test('does not keep others from starting', async () => {
    const [late, good] = [await schedule(1, 1), await schedule(1, HOUR)];
    desk.clock.advance(HOUR + 2);
    expect(await startPlans()).toEqual({ started: 1, missed: 1 });
    expect([(await planOf(desk, late)).state, (await planOf(desk, good)).state]).toEqual(['cancelled', 'running']);
  });
});

describe('before its time a plan', () => {
  const act = (verb: 'pause' | 'resume' | 'cancel', planId: number) =>
    desk.do(`${verb}Plan`, { actor: sender.actor, planId });

  test('that is paused does not start, and waits again once it is resumed', async () => {
    const planId = await schedule(2);
    const { startAt } = await planOf(desk, planId);
    await act('pause', planId);
    expect(await desk.ask('nextStart', {})).toBe(null);
    expect(await act('resume', planId)).toMatchObject({ state: 'pending', startAt });
    expect(await desk.ask('nextStart', {})).toBe(startAt);
  });

  test('that is resumed after its time starts at once, however late that is', async () => {
    const planId = await schedule(2);
    await act('pause', planId);
    desk.clock.advance(5 * HOUR);
    expect(await startPlans()).toEqual({ started: 0, missed: 0 });
    desk.notices.length = 0;
    expect(await act('resume', planId)).toMatchObject({ state: 'pending', startAt: desk.clock.now() });
    expect(desk.notices).toContainEqual({ kind: 'plansToRun' });
    expect(await startPlans()).toEqual({ started: 1, missed: 0 });
  });

  test('that is cancelled is released whole', async () => {
    const planId = await schedule(8);
    await act('cancel', planId);
    await sweepAll();
    desk.clock.advance(60_000);
    expect(await startPlans()).toEqual({ started: 0, missed: 0 });
    expect(await statesOf(desk, planId)).toEqual(new Array(8).fill('cancelled'));
    expect(await balance()).toEqual({ available: 100, reserved: 0 });
  });

  test('that is stopped in the middle of its start goes on from there, or ends', async () => {
    const [one, two] = [await schedule(8), await schedule(8)];
    desk.clock.advance(60_000);
    await startPlans();
    for (const planId of [one, two]) await sweep(planId);
    await act('pause', one);
    await sweep(one);
    expect(await planOf(desk, one)).toMatchObject({ sendable: 3 });
    expect(await desk.ask('openSweeps', { limit: 9 })).toEqual([two]);
    expect(await act('resume', one)).toMatchObject({ state: 'running' });
    await act('cancel', two);
    desk.restart();
    await sweepAll();
    expect(await planOf(desk, one)).toMatchObject({ state: 'running', sendable: 8, left: 8 });
    expect(await planOf(desk, two)).toMatchObject({ state: 'cancelled', left: 0 });
    expect(await balance()).toEqual({ available: 92, reserved: 8 });
  });
});
