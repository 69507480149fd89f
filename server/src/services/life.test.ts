import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ADMIN, refusalOf, TestDesk } from '../../test/desk.ts';
import { type Step, step } from '../../test/life-steps.ts';
import {
  addTemplate,
  answerAccepted,
  answerFailed,
  answerInParts,
  expire,
  leaseDue,
  NUMBER,
  nextRetry,
  numbers,
  open,
  openSender,
  type Sender,
  toSend,
  waitingOf,
} from '../../test/traffic.ts';
import { NO_FREQUENCY_POLICY } from '../domain/frequency.ts';
import { EVERYBODY } from '../domain/listed.ts';
import { FINAL, type MessageState, messageId, UNANSWERED } from '../domain/message.ts';
import { type PlanState, stateAfter } from '../domain/plan.ts';
import { MemoryFrequencyLimits } from '../limits/memory.ts';
import type { MessageRow } from '../store/store.ts';

const CREDITS = 30;
/** Messages to one number in ten minutes. */
const LIMIT = 5;
/** A step of a sweep is smaller than most plans, so that everything else happens between two of them. */
const SWEEP_STEP = 2;
/** A desk, its senders, and what carriers have said so far. */
class World {
  readonly desk: TestDesk;
  readonly senders: readonly Sender[];
  readonly #longTemplates: readonly number[];
  readonly #plans: number[] = [];
  readonly #said: { carrierId: string; recipient: number }[] = [];
  readonly #parts: Map<string, number> = new Map();
  /** What the events so far say of each message. */
  readonly #told = new Map<string, MessageState>();
  readonly #toldDone = new Set<number>();
  /** What the events so far say of each plan. */
  readonly #toldState = new Map<number, PlanState>();

  private constructor(desk: TestDesk, senders: readonly Sender[], longTemplates: readonly number[]) {
    this.desk = desk;
    this.senders = senders;
    this.#longTemplates = longTemplates;
  }

  static async open(): Promise<World> {
    const desk = await TestDesk.open({
      limits: new MemoryFrequencyLimits({ ...NO_FREQUENCY_POLICY, all: [{ limit: LIMIT, windowMs: 600_000 }] }),
      settings: { sweepStep: SWEEP_STEP },
    });
    const senders = [
      await openSender(desk, { credits: CREDITS, category: 'verification' }),
      await openSender(desk, { credits: CREDITS, category: 'marketing' }),
    ];
    const long = [];
    for (const { actor, signatureId } of senders) {
      long.push(await addTemplate(desk, actor, signatureId, 'x'.repeat(100), 'notification'));
    }
    await desk.newEvents();
    return new World(desk, senders, long);
  }

  async messages(): Promise<MessageRow[]> {
    const filter = {
      businessId: null,
      planId: null,
      state: null,
      recipient: null,
      since: null,
      until: null,
      before: null,
      limit: 10_000,
    };
    return (await this.desk.ask('listMessages', filter)).messages;
  }

  async take(step: Step): Promise<void> {
    const { desk } = this;
    switch (step.do) {
      case 'accept': {
        const sender = this.senders[step.sender]!;
        const templateId = step.long ? this.#longTemplates[step.sender]! : sender.templateId;
        const startAt = step.inMs === null ? null : desk.clock.now() + step.inMs;
        const good = toSend(sender, step.count, {
          request: { ...sender.request, templateId, startAt },
          total: step.count + step.invalid,
          invalid: numbers(step.invalid).map(String),
        });
        const foreign = toSend(sender, 1, { request: { ...sender.request, templateId: 999 } });
        const [, settled] = await desk.together(['acceptPlan', foreign], ['acceptPlan', good]);
        if (!('value' in settled!)) {
          const code = expect.stringMatching(startAt === null ? /balanceTooLow|frequencyExceeded/ : /balanceTooLow/);
          expect(settled).toMatchObject({ refusal: { code } });
          return;
        }
        const { planId, accepted } = settled.value as { planId: number; accepted: number };
        this.#plans.push(planId);
        for (const [index] of numbers(accepted).entries()) {
          this.#told.set(messageId(planId, index), 'accepted');
          this.#parts.set(messageId(planId, index), step.long ? 2 : 1);
        }
        return;
      }
      case 'verb': {
        const planId = this.#plans[step.pick % Math.max(1, this.#plans.length)];
        if (planId === undefined) return;
        const { plan } = (await desk.ask('findPlan', { businessId: null, id: planId }))!;
        const wanted = stateAfter(step.verb, plan);
        const doing = desk.do(`${step.verb}Plan`, { actor: { businessId: plan.businessId, admin: false }, planId });
        if (wanted !== null) expect((await doing).state).toBe(wanted);
        else expect(await refusalOf(doing)).toEqual({ code: 'planStateWrong', state: plan.state });
        return;
      }
      case 'list': {
        const everybody = step.sender === null;
        await desk.do('editList', {
          actor: ADMIN,
          list: everybody ? 'blacklist' : step.list,
          businessId: step.sender === null ? EVERYBODY : this.senders[step.sender]!.businessId,
          change: step.change,
          recipients: [NUMBER + step.recipient],
          note: '',
        });
        return;
      }
      case 'start':
        await desk.do('startPlans', { limit: 1 });
        return;
      case 'sweep': {
        const open = await desk.ask('openSweeps', { limit: 10 });
        const planId = open[step.pick % Math.max(1, open.length)];
        if (planId !== undefined) await desk.do('sweepPlan', { planId });
        return;
      }
      case 'open': {
        const waiting = (await this.messages()).filter(({ state }) => state === 'accepted');
        const row = waiting[step.pick % Math.max(1, waiting.length)];
        if (row === undefined) return;
        const from = Math.max(0, row.index - step.before);
        const opened = await open(desk, [{ planId: row.planId, from, to: from + step.count - 1 }]);
        const { plan } = (await desk.ask('findPlan', { businessId: null, id: row.planId }))!;
        for (const { index } of opened) expect([plan.state, index < plan.sendable]).toEqual(['running', true]);
        return;
      }
      case 'accepted': {
        const waiting = (await this.messages()).filter(({ state }) => state === 'dispatching');
        const from = step.pick % Math.max(1, waiting.length);
        await answerAccepted(
          desk,
          waiting.slice(from, from + step.count).map((row) => this.#answer(row, step.ids)),
        );
        return;
      }
      case 'failed': {
        const waiting = (await this.messages()).filter(({ state }) => state === 'dispatching');
        const row = waiting[step.pick % Math.max(1, waiting.length)];
        if (row !== undefined) await answerFailed(desk, row, step.outcome);
        return;
      }
      case 'inParts': {
        // What a channel says of a long text that the carrier has in part, or that it had before.
        const long = (await this.messages()).filter(
          (row) =>
            this.#parts.get(messageId(row.planId, row.index)) === 2 && (step.late || row.state === 'dispatching'),
        );
        const row = long[step.pick % Math.max(1, long.length)];
        if (row === undefined) return;
        const before = await desk.store.transact((tx) => tx.inParts.byMessage(row.planId, row.index));
        if (before === null && !/[au]/.test(step.parts)) return;
        const { carrierIds: ids } = this.#answer(row, 'new');
        await answerInParts(desk, row, step.parts, { round: step.late ? null : (before?.round ?? 0), ids });
        return;
      }
      case 'stale': {
        // An answer for a message that is somewhere else by now.
        const rows = (await this.messages()).filter(({ attempts }) => attempts > 0);
        const row = rows[step.pick % Math.max(1, rows.length)];
        if (row === undefined) return;
        if (step.outcome === 'accepted') await answerAccepted(desk, [this.#answer(row, 'new')]);
        else if (row.state !== 'dispatching') await answerFailed(desk, row, step.outcome);
        return;
      }
      case 'report': {
        const said = this.#said[step.pick % Math.max(1, this.#said.length)];
        const recipient = said?.recipient ?? numbers(5)[step.pick % 5]!;
        await desk.do('recordReceipts', {
          reports: [
            {
              channelId: 1,
              carrierId: step.known && said !== undefined ? said.carrierId : `unknown-${step.pick % 3}`,
              recipient: step.recipient ? recipient : null,
              state: step.state,
              error: '',
              userReference: null,
              at: desk.clock.now(),
            },
          ],
          batch: null,
        });
        return;
      }
      case 'retry': {
        const due = await leaseDue(desk, 3);
        await open(
          desk,
          due.map(({ planId, index }) => ({ planId, from: index, to: index })),
          1,
          due,
        );
        return;
      }
      case 'expire':
        await expire(desk);
        return;
      case 'pass':
        desk.clock.advance(step.ms);
        return;
      case 'settle':
        await desk.do('settleParked', { limit: 2 });
        return;
      case 'decide':
        await desk.do('decideUncertain', { limit: 2 });
        return;
      case 'age': {
        const now = desk.clock.now();
        const before = { awaitingBefore: now - 72 * 3_600_000, forgottenBefore: 0 };
        await desk.do('orphanReports', { limit: 100 });
        await desk.do('ageReceipts', { ...before, after: null, limit: 100 });
        return;
      }
      case 'crash': {
        desk.restart();
        const left = (await this.messages()).filter((_, i) => (step.left >> (i % 16)) & 1);
        await desk.do('recoverDispatching', { left: step.knows ? left : null, channelId: null, limit: 1_000 });
        return;
      }
    }
  }

  /** What must hold whatever happens. */
  async check(): Promise<void> {
    const { desk } = this;
    expect(await desk.faults()).toEqual([]);
    const messages = await this.messages();
    for (const { businessId } of this.senders) {
      const own = messages.filter((row) => row.businessId === businessId);
      const { available, reserved } = await desk.ask('balanceOf', { businessId });
      expect(available + reserved + sum(own.map(({ settled }) => settled))).toBe(CREDITS);
      expect(reserved).toBe(sum(own.filter(({ state }) => UNANSWERED.includes(state)).map((row) => row.reserved)));
    }
    for (const planId of this.#plans) {
      const { plan } = (await desk.ask('findPlan', { businessId: null, id: planId }))!;
      const left = messages.filter((row) => row.planId === planId && UNANSWERED.includes(row.state)).length;
      expect([plan.left, plan.doneAt !== null]).toEqual([left, left === 0]);
      if (plan.state !== 'cancelled') expect(plan.state === 'done').toBe(left === 0);
    }
    for (const row of messages) await this.#checkMessage(row);
    // Nothing is kept of messages that have ended.
    const inParts = await desk.store.transact((tx) =>
      Promise.all(messages.map(({ planId, index }) => tx.inParts.byMessage(planId, index))),
    );
    for (const [i, row] of inParts.entries()) if (row !== null) expect(UNANSWERED).toContain(messages[i]!.state);
    await this.#checkEvents(messages);
  }

  async #checkMessage(row: MessageRow): Promise<void> {
    const { state, reserved, settled, released, attempts, repeats } = row;
    const given = ['refused', 'failed', 'cancelled', 'expired_unsent'].includes(state);
    // What may have reached a carrier is not called off.
    if (state === 'cancelled') expect(repeats).toBe(0);
    if (UNANSWERED.includes(state)) expect([settled, released]).toEqual([0, 0]);
    else if (/accepted: \d of 2 parts/.test(row.error)) {
      // A carrier has, or may have, some of its parts: they are paid.
      expect(settled).toBeGreaterThan(0);
      expect(settled + released).toBe(reserved);
    } else expect([settled, released]).toEqual(given ? [0, reserved] : [reserved, 0]);
    expect(repeats).toBeLessThanOrEqual(1);
    expect(row.finalAt !== null).toBe(FINAL.includes(state));
    const later = await this.desk.read((reader) => reader.messages.attempts(row.planId, row.index));
    expect(later.map(({ number }) => number)).toEqual(
      Array.from({ length: Math.max(0, attempts - 1) }, (_, i) => i + 2),
    );
    expect(later.filter(({ repeat }) => repeat).length).toBeLessThanOrEqual(repeats);
  }

  /** The events tell of every change: whoever has read them all knows every state. */
  async #checkEvents(messages: readonly MessageRow[]): Promise<void> {
    for (const { body } of await this.desk.newEvents()) {
      if (body.kind === 'message.state') {
        for (const [planId, from, to] of body.runs) {
          for (let index = from; index <= to; index++) this.#told.set(messageId(planId, index), body.state);
        }
      }
      if (body.kind === 'plan.state') for (const planId of body.plans) this.#toldState.set(planId, body.state);
      if (body.kind === 'plan.state' && body.state === 'done') {
        for (const planId of body.plans) {
          expect(this.#toldDone).not.toContain(planId);
          this.#toldDone.add(planId);
        }
      }
    }
    for (const { planId, index, state } of messages) {
      expect([messageId(planId, index), this.#told.get(messageId(planId, index))]).toEqual([
        messageId(planId, index),
        state,
      ]);
    }
    const plans = await this.desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 1_000 });
    expect(new Map(plans.map(({ id, state }) => [id, state]))).toEqual(this.#toldState);
  }

  /** Lets a patient house and a willing carrier finish everything. */
  async finish(): Promise<void> {
    for (const planId of this.#plans) {
      const { plan } = (await this.desk.ask('findPlan', { businessId: null, id: planId }))!;
      const actor = { businessId: plan.businessId, admin: false };
      if (plan.state === 'paused') await this.desk.do('resumePlan', { actor, planId });
    }
    this.desk.clock.advance(60_000);
    await this.desk.do('startPlans', { limit: 1_000 });
    for (let open = await this.#sweeps(); open.length > 0; open = await this.#sweeps()) {
      await this.desk.do('sweepPlan', { planId: open[0]! });
    }
    for (let round = 0; round < 6; round++) {
      for (const planId of this.#plans) {
        const waiting = await waitingOf(this.desk, planId);
        await open(
          this.desk,
          waiting.map((index) => ({ planId, from: index, to: index })),
        );
      }
      this.desk.clock.advance(3_600_000);
      await expire(this.desk);
      const due = await leaseDue(this.desk, 1_000);
      await open(
        this.desk,
        due.map(({ planId, index }) => ({ planId, from: index, to: index })),
        1,
        due,
      );
      const waiting = (await this.messages()).filter(({ state }) => state === 'dispatching');
      await answerAccepted(
        this.desk,
        waiting.map((row) => this.#answer(row, 'new')),
      );
      await this.desk.do('decideUncertain', { limit: 1_000 });
    }
    const plans = await this.desk.ask('listPlans', { businessId: null, state: null, before: null, limit: 1_000 });
    expect(plans.filter(({ doneAt }) => doneAt === null)).toEqual([]);
    expect(await nextRetry(this.desk)).toBe(null);
  }

  #sweeps(): Promise<number[]> {
    return this.desk.ask('openSweeps', { limit: 1 });
  }

  #answer({ planId, index, recipient }: MessageRow, ids: 'new' | 'old') {
    const carrierIds = Array.from({ length: this.#parts.get(messageId(planId, index))! }, (_, part) =>
      ids === 'new' ? `${this.#said.length}-${part}` : `used-${part}`,
    );
    for (const carrierId of carrierIds) this.#said.push({ carrierId, recipient });
    return { planId, index, recipient, carrierIds };
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

test('whatever happens in whatever order, credits, plans and events agree, and everything can be finished', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 40, maxLength: 60, size: 'max' }), async (steps) => {
      const world = await World.open();
      try {
        for (const step of steps) {
          await world.take(step);
          await world.check();
        }
        await world.finish();
        await world.check();
      } finally {
        await world.desk.close();
      }
    }),
    { numRuns: 25 },
  );
});
