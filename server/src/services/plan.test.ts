import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, type Settled, TestDesk } from '../../test/desk.ts';
import {
  accept,
  addTemplate,
  answerFailed,
  approveSignature,
  EVERYTHING,
  messageOf,
  NUMBER,
  numbers,
  openSender,
  planOf,
  type Sender,
  statesOf,
  templateFields,
  toSend,
} from '../../test/traffic.ts';
import { NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import type { Parameters } from '../domain/template.ts';
import { MemoryFrequencyLimits } from '../limits/memory.ts';
import { admit, prepare } from './admission.ts';
import { packPlans } from './packed.ts';
import type { AcceptedPlan, AcceptPlan, PlanRequest } from './plan-request.ts';
import { single } from './verb.ts';

let desk: TestDesk;
let sender: Sender;
const explode = single(async () => {
  throw new Error('broken');
});
/** Changes a template, reads the change into the caches, and breaks. */
const editAndBreak = single(async (tx, ctx, request: PlanRequest) => {
  const template = (await tx.templates.byId(request.templateId))!;
  await tx.templates.edit(template.id, { ...template, text: 'A text nobody approved' });
  await tx.templates.review(template.id, { state: 'approved', reason: '' }, ctx.now());
  ctx.hot.templates.delete(template.id);
  await prepare(tx, ctx, await admit(tx, ctx, request));
  throw new Error('broken');
});

beforeEach(async () => {
  const limits = new MemoryFrequencyLimits({ ...NO_FREQUENCY_POLICY, all: [{ limit: 2, windowMs: 60_000 }] });
  desk = await TestDesk.open({ limits, verbs: { explode, editAndBreak } });
  sender = await openSender(desk, { credits: 10 });
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const balance = (businessId = sender.businessId) => desk.ask('balanceOf', { businessId });
const codesOf = (settled: readonly Settled[]) =>
  settled.map((each) => ('refusal' in each ? each.refusal.code : 'defect' in each ? each.defect : 'done'));
const refused = (change: Partial<AcceptPlan>, recipients: number | number[] = 1) =>
  refusalOf(desk.do('acceptPlan', toSend(sender, recipients, change)));
const naming = (change: Partial<Sender['request']>) => ({ request: { ...sender.request, ...change } });

describe('accepting a plan', () => {
  test('stores every message, reserves the credits, and says what happened', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'x'.repeat(160));
    await desk.newEvents();
    desk.notices.length = 0;
    const accepted = await desk.do(
      'acceptPlan',
      toSend(sender, 3, naming({ templateId, dialect: 'tsms', name: 'spring' })),
    );
    const { planId } = accepted;
    expect(accepted).toEqual({ planId, uuid: expect.stringMatching(/^[0-9a-f-]{36}$/), total: 3, accepted: 3 });
    expect(await desk.ask('findPlanByUuid', { businessId: sender.businessId, uuid: accepted.uuid! })).toEqual({
      plan: {
        id: planId,
        uuid: accepted.uuid,
        businessId: sender.businessId,
        dialect: 'tsms',
        name: 'spring',
        category: 'notification',
        templateId,
        signatureId: sender.signatureId,
        contentId: expect.any(Number),
        state: 'running',
        total: 3,
        accepted: 3,
        invalid: 0,
        stopped: 0,
        sendable: 3,
        left: 3,
        segments: 3,
        testChannelId: null,
        customArgs: null,
        createdAt: desk.clock.now(),
        startAt: null,
        startedAt: null,
        expiresAt: desk.clock.now() + 259_200_000,
        doneAt: null,
      },
      counts: { accepted: 3 },
    });
    // 【Signet】 makes it UCS-2: 168 characters, 67 a part.
    expect(await messageOf(desk, planId, 2)).toMatchObject({ recipient: NUMBER + 2, segments: 3, reserved: 3 });
    expect(await balance()).toEqual({ available: 1, reserved: 9 });
    const [entry] = await desk.ask('statement', { businessId: sender.businessId, before: null, limit: 1 });
    expect(entry).toMatchObject({ kind: 'reserve', credits: 9, planId, availableAfter: 1, reservedAfter: 9 });
    expect((await desk.newEvents()).map(({ businessId, body }) => [businessId, body])).toEqual([
      [sender.businessId, { kind: 'plan.state', plans: [planId], state: 'running', accepted: true }],
    ]);
    expect(desk.notices).toMatchObject([{ kind: 'workWaiting' }]);
    expect(await desk.ask('findContent', { id: (await planOf(desk, planId)).contentId })).toMatchObject({
      templateText: 'x'.repeat(160),
      signatureText: 'Signet',
      placement: 'prefix',
    });
  });

  test('claims messages at once for a channel with room for the whole plan', async () => {
    sender = await openSender(desk);
    desk.grants.add([
      { lane: 'verification', channelId: 3, room: 100, lines: EVERYTHING },
      { lane: 'notification', channelId: 4, room: 3, lines: EVERYTHING },
    ]);
    desk.notices.length = 0;
    await desk.newEvents();
    const answers = await desk.together(
      ['acceptPlan', toSend(sender, 2)],
      // Refused, so it takes no room.
      ['acceptPlan', toSend(sender, 3, naming({ templateId: 99 }))],
      ['acceptPlan', toSend(sender, 2)],
      ['acceptPlan', toSend(sender, [NUMBER + 5])],
    );
    const [two, , waiting, one] = answers.map((answer) =>
      'value' in answer ? (answer.value as AcceptedPlan).planId : 0,
    );
    expect(await messageOf(desk, two!, 1)).toMatchObject({
      state: 'dispatching',
      attempts: 1,
      channelId: 4,
      dispatchedAt: desk.clock.now(),
    });
    expect(await messageOf(desk, waiting!, 0)).toMatchObject({ state: 'accepted', attempts: 0, channelId: null });
    expect(desk.notices).toEqual([
      { kind: 'workWaiting', plans: packPlans([await planOf(desk, waiting!)]) },
      {
        kind: 'claimed',
        lane: 'notification',
        channelId: 4,
        opened: {
          planIds: Float64Array.of(two!, two!, one!),
          businessIds: new Float64Array(3).fill(sender.businessId),
          indexes: Uint32Array.of(0, 1, 0),
          recipients: Float64Array.of(NUMBER, NUMBER + 1, NUMBER + 5),
          contentIds: new Float64Array(3).fill((await planOf(desk, one!)).contentId),
          parameters: null,
        },
      },
    ]);
    expect((await desk.newEvents()).map(({ body }) => body)).toContainEqual({
      kind: 'message.state',
      state: 'dispatching',
      runs: [
        [two, 0, 1],
        [one, 0, 0],
      ],
    });
    expect(desk.grants.rest()).toEqual([{ lane: 'verification', channelId: 3, room: 100, lines: EVERYTHING }]);
    // Claimed once: a task that comes as well finds nothing.
    const again = { channelId: 4, ranges: Float64Array.of(two!, 0, 1), retries: [] };
    expect((await desk.do('openAttempts', again)).planIds).toHaveLength(0);
  });

  test('claims nothing of what starts later', async () => {
    desk.grants.add([{ lane: 'notification', channelId: 4, room: 3, lines: EVERYTHING }]);
    const startAt = desk.clock.now() + 600_000;
    const { planId } = await desk.do('acceptPlan', toSend(sender, 2, naming({ startAt })));
    expect(await messageOf(desk, planId, 0)).toMatchObject({ state: 'accepted', attempts: 0 });
    expect(desk.grants.rest()).toHaveLength(1);
  });

  test('gives uuids to tsms plans only, and keeps contents that are the same once', async () => {
    const one = await desk.do('acceptPlan', toSend(sender, [NUMBER]));
    const two = await desk.do('acceptPlan', toSend(sender, [NUMBER + 1]));
    expect([one.uuid, two.uuid]).toEqual([null, null]);
    expect(two.planId).toBeGreaterThan(one.planId);
    expect((await planOf(desk, one.planId)).contentId).toBe((await planOf(desk, two.planId)).contentId);
  });

  test('prices each recipient by its own text, and keeps only values the text has variables for', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'Hi {name}');
    const { planId } = await desk.do(
      'acceptPlan',
      toSend(sender, 3, {
        ...naming({ templateId }),
        parameters: {
          each: [{ name: 'A', other: 1 }, { name: 'x'.repeat(60) }, { name: true, constructor: 'x' }],
        },
      }),
    );
    const opened = await desk.do('openAttempts', {
      channelId: 1,
      ranges: Float64Array.of(planId, 0, 2),
      retries: [],
    });
    expect(opened.parameters).toEqual(['{"name":"A"}', `{"name":"${'x'.repeat(60)}"}`, '{"name":true}']);
    const rows = await desk.ask('messagesOfPlan', { planId, after: -1, limit: 10 });
    expect(rows.map(({ segments, reserved }) => [segments, reserved])).toEqual([
      [1, 1],
      [2, 2],
      [1, 1],
    ]);
    expect(await balance()).toEqual({ available: 6, reserved: 4 });
  });

  test('takes one set of values for all', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'Hi {name}');
    const { planId } = await desk.do(
      'acceptPlan',
      toSend(sender, 5, { ...naming({ templateId }), parameters: { shared: { name: 'all', other: 'x' } } }),
    );
    const opened = await desk.do('openAttempts', { channelId: 1, ranges: Float64Array.of(planId, 0, 4), retries: [] });
    expect(opened.parameters).toEqual(new Array(5).fill('{"name":"all"}'));
  });

  test('sends variables without a value literally where that is asked for', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, 'Hi {name}');
    const { accepted } = await desk.do(
      'acceptPlan',
      toSend(sender, 1, naming({ templateId, unsetVariables: 'literal' })),
    );
    expect(accepted).toBe(1);
  });

  test('sends a template without a signature when none is named', async () => {
    const templateId = await addTemplate(desk, sender.actor, null, 'Hello');
    const { signatureId: _, ...request } = sender.request;
    const { planId } = await desk.do('acceptPlan', toSend(sender, 1, { request: { ...request, templateId } }));
    const plan = await planOf(desk, planId);
    expect(plan.signatureId).toBe(null);
    expect(await desk.ask('findContent', { id: plan.contentId })).toMatchObject({
      signatureText: '',
      placement: 'none',
    });
  });
});

describe('brackets that fit', () => {
  test.each(['x'.repeat(150), `${'x'.repeat(149)}{a}`])('are priced as they go out: %.3s…', async (text) => {
    const writer = await openSender(desk, { text });
    const recipients = [NUMBER, 447400123456, NUMBER + 1, 447400123457];
    const request: PlanRequest = { ...writer.request, dialect: 'engagelab' };
    const { planId } = await desk.do('acceptPlan', {
      ...toSend(writer, recipients),
      request,
      parameters: { shared: { a: 'y', b: 'not asked for' } },
    });
    const rows = await desk.ask('messagesOfPlan', { planId, after: -1, limit: 10 });
    expect(rows.map(({ segments, reserved }) => [segments, reserved])).toEqual([
      [3, 3],
      [1, 1],
      [3, 3],
      [1, 1],
    ]);
  });
});

describe('a request is refused', () => {
  test('when nobody sends, or a suspended business', async () => {
    expect(await refused(naming({ businessId: 999 }))).toEqual({ code: 'businessNotFound' });
    await accept(desk, sender, [NUMBER + 5]);
    const business = { businessId: sender.businessId };
    await desk.do('setBusinessState', { actor: ADMIN, business, state: 'suspended' });
    expect(await refused({})).toEqual({ code: 'businessSuspended' });
    await desk.do('setBusinessState', { actor: ADMIN, business, state: 'active' });
    expect(await accept(desk, sender, 1)).toBeGreaterThan(0);
  });

  test('when signature or template are missing, deleted or foreign, or do not belong together', async () => {
    const other = await openSender(desk);
    const loose = await addTemplate(desk, sender.actor, null, 'Loose');
    expect(await refused(naming({ signatureId: 999 }))).toEqual({ code: 'signatureNotFound' });
    expect(await refused(naming({ signatureId: other.signatureId }))).toEqual({ code: 'signatureNotFound' });
    expect(await refused(naming({ templateId: 999 }))).toEqual({ code: 'templateNotFound' });
    expect(await refused(naming({ templateId: other.templateId }))).toEqual({ code: 'templateNotFound' });
    expect(await refused(naming({ templateId: loose }))).toEqual({ code: 'templateNotOfSignature' });
    await desk.do('deleteTemplate', { actor: sender.actor, id: loose, signatureId: null });
    expect(await refused(naming({ templateId: loose }))).toEqual({ code: 'templateNotFound' });
  });

  test('when signature or template are not approved, whatever they were a moment ago', async () => {
    await accept(desk, sender, [NUMBER + 5]);
    // What a plan in its last state names is not in use.
    await finish();
    const { actor, signatureId, templateId } = sender;
    await desk.do('editTemplate', { actor, id: templateId, fields: templateFields(signatureId, 'Other') });
    expect(await refused({})).toEqual({ code: 'templateNotApproved' });
    await desk.do('editSignature', { actor, id: signatureId, text: 'Other', source: null, pics: null });
    expect(await refused({})).toEqual({ code: 'signatureNotApproved' });
    await approveSignature(desk, signatureId);
    expect(await refused({})).toEqual({ code: 'templateNotApproved' });
    const verdict = { state: 'rejected', reason: 'no' } as const;
    await desk.do('reviewTemplate', { actor: ADMIN, id: templateId, verdict });
    expect(await refused({})).toEqual({ code: 'templateNotApproved' });
    await desk.do('reviewTemplate', { actor: ADMIN, id: templateId, verdict: { ...verdict, state: 'approved' } });
    const planId = await accept(desk, sender, 1);
    expect(await desk.ask('findContent', { id: (await planOf(desk, planId)).contentId })).toMatchObject({
      templateText: 'Other',
      signatureText: 'Other',
    });
  });

  /** Brings the newest plan to its end. */
  async function finish() {
    const [plan] = await desk.ask('listPlans', { businessId: null, state: 'running', before: null, limit: 1 });
    await desk.do('openAttempts', { channelId: 1, ranges: Float64Array.of(plan!.id, 0, plan!.total - 1), retries: [] });
    for (let index = 0; index < plan!.total; index++) await answerFailed(desk, { planId: plan!.id, index }, 'never');
  }

  test('when a variable has no value, for any of its recipients', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, '{a} and {b}');
    const request = naming({ templateId });
    expect(await refused(request)).toEqual({ code: 'variableMissing', name: 'a' });
    expect(await refused({ ...request, parameters: { shared: { a: 1, b: null } } })).toEqual({
      code: 'variableMissing',
      name: 'b',
    });
    const each: Parameters[] = [{ a: 1, b: 2 }, { a: '' }];
    expect(await refused({ ...request, parameters: { each } }, 2)).toEqual({ code: 'variableMissing', name: 'b' });
    expect(await refused({ ...request, parameters: { each: [{ a: 1, b: 2 }] } }, 2)).toMatchObject({ name: 'a' });
  });

  test('when a text has more parts than a message may have', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, '{a}');
    const change = { ...naming({ templateId }), parameters: { shared: { a: 'x'.repeat(256 * 67) } } };
    expect(await refused(change)).toEqual({ code: 'textTooLong', segments: 257 });
  });

  test('when one of its numbers got too many; what was refused counts for nobody', async () => {
    await accept(desk, sender, [NUMBER]);
    await accept(desk, sender, [NUMBER]);
    expect(await refused({}, [NUMBER + 1, NUMBER])).toEqual({ code: 'frequencyExceeded', recipient: NUMBER });
    expect(await refused({}, [NUMBER + 1, NUMBER])).toEqual({ code: 'frequencyExceeded', recipient: NUMBER });
    await accept(desk, sender, [NUMBER + 1]);
    await accept(desk, sender, [NUMBER + 1]);
    expect(await refused({}, [NUMBER + 1])).toEqual({ code: 'frequencyExceeded', recipient: NUMBER + 1 });
    desk.clock.advance(120_000);
    await accept(desk, sender, [NUMBER + 1]);
  });

  test('when it is not paid for; then nothing is counted and nothing remains', async () => {
    const before = await desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 10 });
    await desk.newEvents();
    for (let i = 0; i < 3; i++) {
      expect(await refused({}, 11)).toEqual({ code: 'balanceTooLow', needed: 11, available: 10 });
    }
    expect(await balance()).toEqual({ available: 10, reserved: 0 });
    expect(await desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 10 })).toEqual(before);
    expect(await desk.newEvents()).toEqual([]);
    await accept(desk, sender, 10);
    expect(await balance()).toEqual({ available: 0, reserved: 10 });
  });
});

describe('requests accepted together', () => {
  test('share the balance, first come first served; a refusal touches only its own request', async () => {
    const other = await openSender(desk, { credits: 3 });
    const settled = await desk.together(
      ['acceptPlan', toSend(sender, numbers(4))],
      ['acceptPlan', toSend(other, numbers(2))],
      ['acceptPlan', toSend(sender, numbers(7))],
      ['acceptPlan', toSend(sender, [NUMBER + 50], naming({ templateId: 999 }))],
      ['acceptPlan', toSend(sender, numbers(6))],
      ['acceptPlan', toSend(other, numbers(2))],
      ['acceptPlan', toSend(sender, [NUMBER + 51])],
    );
    expect(settled.map((each) => ('refusal' in each ? each.refusal : 'accepted'))).toEqual([
      'accepted',
      'accepted',
      { code: 'balanceTooLow', needed: 7, available: 6 },
      { code: 'templateNotFound' },
      'accepted',
      { code: 'balanceTooLow', needed: 2, available: 1 },
      { code: 'balanceTooLow', needed: 1, available: 0 },
    ]);
    expect(await balance()).toEqual({ available: 0, reserved: 10 });
    expect(await balance(other.businessId)).toEqual({ available: 1, reserved: 2 });
    const entries = await desk.ask('statement', { businessId: sender.businessId, before: null, limit: 10 });
    expect(
      entries.map(({ kind, credits, availableAfter, reservedAfter }) => [kind, credits, availableAfter, reservedAfter]),
    ).toEqual([
      ['reserve', 6, 0, 10],
      ['reserve', 4, 6, 4],
      ['top-up', 10, 10, 0],
    ]);
  });

  test('are each looked at, however alike they are', async () => {
    const equals = [toSend(sender, [NUMBER]), toSend(sender, []), toSend(sender, [NUMBER + 1])];
    expect(new Set(equals.map(({ request }) => request)).size).toBe(1);
    const settled = await desk.together(...equals.map((input): ['acceptPlan', AcceptPlan] => ['acceptPlan', input]));
    expect(codesOf(settled)).toEqual(['done', 'invalidField', 'done']);
  });

  test('write one event a business', async () => {
    const other = await openSender(desk);
    await desk.newEvents();
    const settled = await desk.together(
      ['acceptPlan', toSend(sender, [NUMBER])],
      ['acceptPlan', toSend(other, [NUMBER])],
      ['acceptPlan', toSend(sender, [NUMBER + 1])],
    );
    const [a, b, c] = settled.map((each) => ('value' in each ? (each.value as { planId: number }).planId : 0));
    expect((await desk.newEvents()).map(({ businessId, body }) => [businessId, body])).toEqual([
      [sender.businessId, { kind: 'plan.state', plans: [a, c], state: 'running', accepted: true }],
      [other.businessId, { kind: 'plan.state', plans: [b], state: 'running', accepted: true }],
    ]);
  });

  test('are accepted one by one when the batch breaks, and count once', async () => {
    const settled = await desk.together(
      ['acceptPlan', toSend(sender, [NUMBER])],
      ['explode', null],
      ['acceptPlan', toSend(sender, [NUMBER])],
      ['acceptPlan', toSend(sender, [NUMBER])],
    );
    expect(codesOf(settled)).toEqual(['done', 'broken', 'done', 'frequencyExceeded']);
    expect(await balance()).toEqual({ available: 8, reserved: 2 });
    expect(await desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 10 })).toHaveLength(2);
  });

  test('never send with what a broken batch had changed', async () => {
    expect(await desk.together(['editAndBreak', sender.request])).toEqual([{ defect: 'broken' }]);
    const planId = await accept(desk, sender, 1);
    const content = await desk.ask('findContent', { id: (await planOf(desk, planId)).contentId });
    expect(content?.templateText).toBe('Hello');
  });
});

describe('an Idempotency-Key', () => {
  const idempotency = (key: string, bodyHash: string, route = 'send') => ({ idempotency: { route, key, bodyHash } });

  test('repeats the first answer and changes nothing', async () => {
    const first = await desk.do('acceptPlan', toSend(sender, 2, idempotency('k', 'h')));
    await desk.newEvents();
    expect(await desk.do('acceptPlan', toSend(sender, 2, idempotency('k', 'h')))).toEqual(first);
    expect(await desk.do('acceptPlan', toSend(sender, 2, idempotency('k', 'h')))).toEqual(first);
    expect(await balance()).toEqual({ available: 8, reserved: 2 });
    expect(await desk.newEvents()).toEqual([]);
  });

  test('is refused with another body', async () => {
    await desk.do('acceptPlan', toSend(sender, 2, idempotency('k', 'h')));
    expect(await refused(idempotency('k', 'other'))).toEqual({ code: 'idempotencyMismatch' });
    expect(await balance()).toEqual({ available: 8, reserved: 2 });
  });

  test('repeats the first answer when the time to start is not far enough ahead any more', async () => {
    const request: PlanRequest = { ...sender.request, dialect: 'engagelab', startAt: desk.clock.now() + 180_000 };
    const change = { request, ...idempotency('k', 'h') };
    const first = await desk.do('acceptPlan', toSend(sender, 2, change));
    desk.clock.advance(600_000);
    expect(await desk.do('acceptPlan', toSend(sender, 2, change))).toEqual(first);
    const staged = await desk.do('stagePlan', { request, idempotency: change.idempotency });
    expect(staged).toEqual({ replayed: first });
    const late = { code: 'invalidField', field: 'start_at', rule: 'at least 3 minutes and at most 30 days ahead' };
    expect(await refused({ request, ...idempotency('new', 'h') })).toEqual(late);
  });

  test('belongs to a business and a route', async () => {
    const other = await openSender(desk);
    const plans = new Set<number>();
    plans.add((await desk.do('acceptPlan', toSend(sender, [NUMBER], idempotency('k', 'h')))).planId);
    plans.add((await desk.do('acceptPlan', toSend(sender, [NUMBER], idempotency('k', 'x', 'other route')))).planId);
    plans.add((await desk.do('acceptPlan', toSend(other, [NUMBER], idempotency('k', 'x')))).planId);
    expect(plans.size).toBe(3);
  });

  test('works within one batch', async () => {
    const settled = await desk.together(
      ['acceptPlan', toSend(sender, [NUMBER], idempotency('k', 'h'))],
      ['acceptPlan', toSend(sender, [NUMBER], idempotency('k', 'h'))],
      ['acceptPlan', toSend(sender, [NUMBER], idempotency('k', 'other'))],
    );
    expect(settled[1]).toEqual(settled[0]);
    expect(settled[2]).toEqual({ refusal: { code: 'idempotencyMismatch' } });
    expect(await balance()).toEqual({ available: 9, reserved: 1 });
  });

  test('remembers no refusal', async () => {
    expect(await refused(idempotency('k', 'h'), 11)).toMatchObject({ code: 'balanceTooLow' });
    await desk.do('topUp', { actor: ADMIN, business: { businessId: sender.businessId }, credits: 1, reason: '' });
    expect((await desk.do('acceptPlan', toSend(sender, 11, idempotency('k', 'h')))).accepted).toBe(11);
  });

  test('is forgotten a day after the answer', async () => {
    const first = await desk.do('acceptPlan', toSend(sender, [NUMBER], idempotency('k', 'h')));
    desk.clock.advance(24 * 3_600_000);
    expect(await desk.do('forgetIdempotency', {})).toEqual({ dropped: 0 });
    expect(await desk.do('acceptPlan', toSend(sender, [NUMBER], idempotency('k', 'h')))).toEqual(first);
    desk.clock.advance(1);
    expect(await desk.do('forgetIdempotency', {})).toEqual({ dropped: 1 });
    const second = await desk.do('acceptPlan', toSend(sender, [NUMBER], idempotency('k', 'other')));
    expect(second.planId).not.toBe(first.planId);
    expect(await statesOf(desk, second.planId)).toEqual(['accepted']);
  });
});
