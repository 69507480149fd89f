import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import {
  addTemplate,
  approveSignature,
  approveTemplate,
  messageOf,
  NUMBER,
  numbers,
  openSender,
  planOf,
  type Sender,
  templateFields,
  toSend,
} from '../../test/traffic.ts';
import { NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import { MemoryFrequencyLimits } from '../limits/memory.ts';
import type { Desk } from './desk.ts';
import { removeStaged } from './drafting.ts';
import { send } from './sending.ts';

let desk: TestDesk;
let sender: Sender;
beforeEach(async () => {
  desk = await TestDesk.open({
    limits: new MemoryFrequencyLimits({ ...NO_FREQUENCY_POLICY, all: [{ limit: 2, windowMs: 60_000 }] }),
  });
  sender = await openSender(desk, { credits: 10_000 });
  await desk.newEvents();
  desk.notices.length = 0;
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const balance = () => desk.ask('balanceOf', { businessId: sender.businessId });
const plans = () => desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 10 });
/** Everything of the store that a refused request must leave as it was. */
const trace = async () => ({
  balance: await balance(),
  plans: await plans(),
  messages: await desk.ask('listMessages', {
    businessId: null,
    planId: null,
    state: null,
    recipient: null,
    since: null,
    until: null,
    before: null,
    limit: 10,
  }),
  staged: await desk.ask('stagedPlans', {}),
  entries: await desk.ask('statement', { businessId: sender.businessId, before: null, limit: 10 }),
  events: await desk.newEvents(),
});

/** A desk on which `before` runs ahead of each command. */
const interrupted = (before: (verb: string, count: number) => Promise<void>): Desk => {
  let count = 0;
  return {
    ...desk,
    do: async (verb: Parameters<Desk['do']>[0], input: never) => {
      await before(verb, ++count);
      return desk.do(verb, input);
    },
  } as unknown as Desk;
};

describe('a large request', () => {
  test('is written in steps, and one plan in the end', async () => {
    const verbs: string[] = [];
    const observed = interrupted(async (verb) => {
      verbs.push(verb);
      // Nobody sees anything of it yet.
      expect(await plans()).toEqual([]);
      expect(await balance()).toEqual({ available: 10_000, reserved: 0 });
      expect(await desk.ask('runningPlans', { category: 'notification', after: null, limit: 10 })).toEqual([]);
    });
    const accepted = await send(observed, toSend(sender, 2_500));
    expect(verbs).toEqual(['stagePlan', 'stageMessages', 'stageMessages', 'stageMessages', 'acceptStaged']);
    const { planId } = accepted;
    expect(accepted).toEqual({ planId, uuid: null, total: 2_500, accepted: 2_500 });
    expect(await planOf(desk, planId)).toMatchObject({ state: 'running', total: 2_500, accepted: 2_500, left: 2_500 });
    const rows = await desk.ask('messagesOfPlan', { planId, after: -1, limit: 10_000 });
    expect(rows.map(({ index, recipient }) => [index, recipient])).toEqual(numbers(2_500).map((n, i) => [i, n]));
    expect(await balance()).toEqual({ available: 7_500, reserved: 2_500 });
    expect((await desk.newEvents()).map(({ body }) => body)).toEqual([
      { kind: 'plan.state', plans: [planId], state: 'running', accepted: true },
    ]);
    expect(desk.notices).toEqual([{ kind: 'plansReopened', plans: [{ planId, category: 'notification' }] }]);
  });

  test('of a thousand goes in one step, of one more in several', async () => {
    const verbs: string[] = [];
    const observed = interrupted(async (verb) => void verbs.push(verb));
    await send(observed, toSend(sender, 1_000));
    await send(observed, toSend(sender, 1_001));
    expect(verbs).toEqual(['acceptPlan', 'stagePlan', 'stageMessages', 'stageMessages', 'acceptStaged']);
  });

  test('keeps each recipient with its own values over the chunks', async () => {
    const templateId = await addTemplate(desk, sender.actor, sender.signatureId, '{n}');
    const { planId } = await send(desk, {
      ...toSend(sender, 2_100),
      request: { ...sender.request, templateId },
      parameters: { each: numbers(2_100).map((n) => ({ n: n - NUMBER === 1_500 ? 'x'.repeat(70) : n - NUMBER })) },
    });
    const { parameters } = await desk.do('openAttempts', {
      channelId: 1,
      ranges: Float64Array.of(planId, 0, 2_099),
      retries: [],
    });
    const values = parameters!.map((json) => (JSON.parse(json!) as { n: number }).n);
    expect([values[0], values[999], values[1_000], values[2_099]]).toEqual([0, 999, 1_000, 2_099]);
    expect(await messageOf(desk, planId, 1_500)).toMatchObject({ segments: 2, reserved: 2 });
    expect(await balance()).toEqual({ available: 10_000 - 2_101, reserved: 2_101 });
  });

  test.each<[string, () => Promise<Parameters<typeof toSend>[2]>, number]>([
    [
      'a variable without a value in the last chunk',
      async () => {
        const templateId = await addTemplate(desk, sender.actor, sender.signatureId, '{n}');
        await desk.newEvents();
        const each = numbers(1_500).map((n, i) => (i === 1_499 ? {} : { n }));
        return { request: { ...sender.request, templateId }, parameters: { each } };
      },
      1_500,
    ],
    ['too little credit', async () => ({}), 10_001],
    [
      'a number that got too many',
      async () => {
        for (let i = 0; i < 2; i++) await desk.do('acceptPlan', toSend(sender, [NUMBER + 1_200]));
        await desk.newEvents();
        return {};
      },
      1_500,
    ],
  ])('that is refused at the end leaves no trace: %s', async (_why, arrange, count) => {
    const change = await arrange();
    const before = await trace();
    expect((await refusalOf(send(desk, toSend(sender, count, change)))).code).toMatch(
      /variableMissing|balanceTooLow|frequencyExceeded/,
    );
    expect(await trace()).toEqual(before);
    expect(await desk.ask('stagedPlans', {})).toEqual([]);
    // It counted for nobody either.
    await desk.do('acceptPlan', toSend(sender, [NUMBER]));
    await desk.do('acceptPlan', toSend(sender, [NUMBER]));
  });

  test('is refused when what it names is not approved any more, or says something else by now', async () => {
    const { actor, templateId, signatureId } = sender;
    const whileWritten = (work: () => Promise<unknown>) =>
      interrupted(async (verb) => {
        if (verb === 'acceptStaged') await work();
      });
    const editTemplate = () =>
      desk.do('editTemplate', { actor, id: templateId, fields: templateFields(signatureId, 'Other') });
    const editSignature = () =>
      desk.do('editSignature', { actor, id: signatureId, text: 'Other', source: null, pics: null });
    for (const change of [
      () => editTemplate().then(() => approveTemplate(desk, templateId)),
      () => editSignature().then(() => approveSignature(desk, signatureId)),
      editTemplate,
    ]) {
      expect(await refusalOf(send(whileWritten(change), toSend(sender, 1_500)))).toEqual({
        code: 'templateNotApproved',
      });
    }
    const suspend = interrupted(async (verb, count) => {
      const business = { businessId: sender.businessId };
      if (verb === 'stageMessages' && count === 3) {
        await desk.do('setBusinessState', { actor: ADMIN, business, state: 'suspended' });
      }
    });
    await approveTemplate(desk, sender.templateId);
    expect(await refusalOf(send(suspend, toSend(sender, 1_500)))).toEqual({ code: 'businessSuspended' });
    expect(await plans()).toEqual([]);
    expect(await balance()).toEqual({ available: 10_000, reserved: 0 });
  });

  test('that was broken off is removed at the next start', async () => {
    const broken = interrupted(async (_verb, count) => {
      if (count > 2) throw new Error('killed');
    });
    await expect(send(broken, toSend(sender, 2_500))).rejects.toThrow('killed');
    const left = (await desk.ask('stagedPlans', {}))[0]!;
    expect(await desk.read((reader) => reader.messages.ofPlan(left, -1, 2))).toHaveLength(2);
    desk.restart();
    expect(await desk.ask('stagedPlans', {})).toEqual([left]);
    await removeStaged(desk, left);
    expect(await desk.read((reader) => reader.messages.ofPlan(left, -1, 2))).toEqual([]);
    expect(await desk.ask('stagedPlans', {})).toEqual([]);
  });

  test('is removed by nobody once it is accepted', async () => {
    const { planId } = await send(desk, toSend(sender, 1_001));
    expect(await desk.do('dropStaged', { planId })).toEqual({ dropped: false });
    expect(await refusalOf(desk.do('acceptStaged', acceptAgain(planId)))).toEqual({ code: 'planNotFound' });
    expect(await planOf(desk, planId)).toMatchObject({ total: 1_001 });
  });
  const acceptAgain = (planId: number) => ({
    request: sender.request,
    planId,
    total: 1_001,
    accepted: 1_001,
    uncounted: numbers(1_001),
    invalid: 0,
    credits: 1_001,
    idempotency: null,
  });
});

describe('an Idempotency-Key of a large request', () => {
  const keyed = (bodyHash: string) => ({ idempotency: { route: 'send', key: 'k', bodyHash } });
  /** A desk on which another request passes this one before its last step. */
  const overtaken = (by: () => Promise<unknown>) =>
    interrupted(async (verb) => {
      if (verb === 'acceptStaged') await by();
    });

  test('repeats the first answer before anything is written', async () => {
    const first = await send(desk, toSend(sender, 1_500, keyed('h')));
    const before = await trace();
    expect(await send(desk, toSend(sender, 1_500, keyed('h')))).toEqual(first);
    expect(await refusalOf(send(desk, toSend(sender, 1_500, keyed('other'))))).toEqual({ code: 'idempotencyMismatch' });
    expect(await trace()).toEqual({ ...before, events: [] });
  });

  test('gives repeats that pass each other one plan and one answer', async () => {
    let other: unknown;
    const overtaking = async () => {
      other = await send(desk, toSend(sender, 1_500, keyed('h')));
    };
    const own = await send(overtaken(overtaking), toSend(sender, 1_500, keyed('h')));
    expect(own).toEqual(other);
    expect(await plans()).toHaveLength(1);
    expect(await balance()).toEqual({ available: 8_500, reserved: 1_500 });
    expect(await desk.ask('stagedPlans', {})).toEqual([]);
  });

  test('is refused when another body passes it', async () => {
    const overtaking = () => desk.do('acceptPlan', toSend(sender, 1, keyed('other')));
    expect(await refusalOf(send(overtaken(overtaking), toSend(sender, 1_500, keyed('h'))))).toEqual({
      code: 'idempotencyMismatch',
    });
    expect(await plans()).toHaveLength(1);
    expect(await desk.ask('stagedPlans', {})).toEqual([]);
  });
});
