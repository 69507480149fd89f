import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import {
  addTemplate,
  answerAccepted,
  answerFailed,
  numbers,
  open,
  openSender,
  type Sender,
  toSend,
} from '../../test/traffic.ts';
import { FINAL, type MessageState, messageId, type ReportedState, UNANSWERED } from '../domain/message.ts';
import type { MessageRow } from '../store/store.ts';

const CREDITS = 30;
const FAILURES = ['later', 'elsewhere', 'never', 'unknown', 'notSent'] as const;
const REPORTED: readonly ReportedState[] = ['delivered', 'undelivered', 'expired', 'rejected'];

/** One thing that happens; `pick` chooses among what there is. */
type Step =
  | { do: 'accept'; sender: 0 | 1; long: boolean; count: number }
  | { do: 'open'; pick: number; before: number; count: number }
  | { do: 'accepted'; pick: number; count: number; ids: 'new' | 'old' }
  | { do: 'failed'; pick: number; outcome: (typeof FAILURES)[number] }
  | { do: 'stale'; pick: number; outcome: (typeof FAILURES)[number] | 'accepted' }
  | { do: 'report'; pick: number; state: ReportedState; recipient: boolean; known: boolean }
  | { do: 'retry' }
  | { do: 'pass'; ms: number }
  | { do: 'decide' }
  | { do: 'age' }
  | { do: 'crash'; knows: boolean; left: number };

const pick = fc.nat(1_000);
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const is = <T extends string>(name: T) => fc.constant(name);
const step: fc.Arbitrary<Step> = fc.oneof(
  often(
    3,
    fc.record({
      do: is('accept'),
      sender: fc.constantFrom<0 | 1>(0, 1),
      long: fc.boolean(),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  ),
  often(5, fc.record({ do: is('open'), pick, before: fc.nat(2), count: fc.integer({ min: 1, max: 5 }) })),
  often(
    5,
    fc.record({
      do: is('accepted'),
      pick,
      count: fc.integer({ min: 1, max: 3 }),
      ids: fc.constantFrom<'new' | 'old'>('new', 'old'),
    }),
  ),
  often(5, fc.record({ do: is('failed'), pick, outcome: fc.constantFrom(...FAILURES, 'unknown', 'unknown') })),
  often(1, fc.record({ do: is('stale'), pick, outcome: fc.constantFrom(...FAILURES, 'accepted') })),
  often(
    6,
    fc.record({
      do: is('report'),
      pick,
      state: fc.constantFrom(...REPORTED, 'delivered', 'delivered'),
      recipient: fc.boolean(),
      known: fc.constantFrom(true, true, false),
    }),
  ),
  often(4, fc.constant<Step>({ do: 'retry' })),
  often(3, fc.record({ do: is('pass'), ms: fc.constantFrom(1, 1_000, 60_000, 3_600_000, 80 * 3_600_000) })),
  often(4, fc.constant<Step>({ do: 'decide' })),
  often(1, fc.constant<Step>({ do: 'age' })),
  often(1, fc.record({ do: is('crash'), knows: fc.boolean(), left: fc.nat(0xffff) })),
);

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

  private constructor(desk: TestDesk, senders: readonly Sender[], longTemplates: readonly number[]) {
    this.desk = desk;
    this.senders = senders;
    this.#longTemplates = longTemplates;
  }

  static async open(): Promise<World> {
    const desk = await TestDesk.open();
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

  messages(): Promise<MessageRow[]> {
    const filter = { businessId: null, planId: null, state: null, recipient: null, before: null, limit: 10_000 };
    return this.desk.ask('listMessages', filter);
  }

  async take(step: Step): Promise<void> {
    const { desk } = this;
    switch (step.do) {
      case 'accept': {
        const sender = this.senders[step.sender]!;
        const templateId = step.long ? this.#longTemplates[step.sender]! : sender.templateId;
        const good = toSend(sender, step.count, { request: { ...sender.request, templateId } });
        const foreign = toSend(sender, 1, { request: { ...sender.request, templateId: 999 } });
        const [, settled] = await desk.together(['acceptPlan', foreign], ['acceptPlan', good]);
        if (!('value' in settled!)) {
          expect(settled).toMatchObject({ refusal: { code: 'balanceTooLow' } });
          return;
        }
        const { planId } = settled.value as { planId: number };
        this.#plans.push(planId);
        for (const [index] of numbers(step.count).entries()) {
          this.#told.set(messageId(planId, index), 'accepted');
          this.#parts.set(messageId(planId, index), step.long ? 2 : 1);
        }
        return;
      }
      case 'open': {
        const waiting = (await this.messages()).filter(({ state }) => state === 'accepted');
        const row = waiting[step.pick % Math.max(1, waiting.length)];
        if (row === undefined) return;
        const from = Math.max(0, row.index - step.before);
        await open(desk, [{ planId: row.planId, from, to: from + step.count - 1 }]);
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
              group: 1,
              carrierId: step.known && said !== undefined ? said.carrierId : `unknown-${step.pick % 3}`,
              recipient: step.recipient ? recipient : null,
              state: step.state,
              error: '',
              at: desk.clock.now(),
            },
          ],
        });
        return;
      }
      case 'retry': {
        const due = await desk.do('leaseRetries', { limit: 3 });
        await open(
          desk,
          due.map(({ planId, index }) => ({ planId, from: index, to: index })),
          1,
          due,
        );
        return;
      }
      case 'pass':
        desk.clock.advance(step.ms);
        return;
      case 'decide':
        await desk.do('decideUncertain', { limit: 2 });
        return;
      case 'age': {
        const now = desk.clock.now();
        const before = { parkedBefore: now - 600_000, awaitingBefore: now - 72 * 3_600_000, forgottenBefore: 0 };
        await desk.do('ageReceipts', { ...before, after: null, limit: 100 });
        return;
      }
      case 'crash': {
        desk.restart();
        const left = (await this.messages()).filter((_, i) => (step.left >> (i % 16)) & 1);
        await desk.do('recoverDispatching', { left: step.knows ? left : null });
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
      expect([plan.left, plan.state, plan.doneAt !== null]).toEqual([
        left,
        left === 0 ? 'done' : 'running',
        left === 0,
      ]);
    }
    for (const row of messages) await this.#checkMessage(row);
    await this.#checkEvents(messages);
  }

  async #checkMessage(row: MessageRow): Promise<void> {
    const { state, reserved, settled, released, attempts, repeats } = row;
    const given = ['refused', 'failed'].includes(state);
    expect([settled, released]).toEqual(UNANSWERED.includes(state) ? [0, 0] : given ? [0, reserved] : [reserved, 0]);
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
    const done = await this.desk.ask('listPlans', { businessId: null, state: 'done', before: null, limit: 1_000 });
    expect(new Set(done.map(({ id }) => id))).toEqual(this.#toldDone);
  }

  /** Lets a patient house and a willing carrier finish everything. */
  async finish(): Promise<void> {
    for (let round = 0; round < 6; round++) {
      for (const planId of this.#plans) {
        await open(this.desk, await this.desk.ask('waitingRanges', { planId, from: 0, limit: 1_000 }));
      }
      this.desk.clock.advance(3_600_000);
      const due = await this.desk.do('leaseRetries', { limit: 1_000 });
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
    const running = await this.desk.ask('listPlans', { businessId: null, state: 'running', before: null, limit: 10 });
    expect(running).toEqual([]);
    expect(await this.desk.ask('nextRetry', {})).toBe(null);
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
