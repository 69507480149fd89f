import type { Category } from '../domain/category.ts';
import type { PreparedContent } from '../domain/content.ts';
import type { Plan } from '../domain/plan.ts';
import type { PriceList } from '../domain/price.ts';
import { must, type Refusal, Refused } from '../domain/refusals.ts';
import type { RouteTable } from '../domain/route-table.ts';
import type { InvalidRecipients, NewLedgerEntry, NewMessages, StoppedRecipients, Tx } from '../store/store.ts';
import { type Admitted, admit, prepare } from './admission.ts';
import { ClaimBatch } from './claims.ts';
import { EventBatch } from './event.ts';
import { type Counted, countNow, countsNow, countTogether, giveBack, isCounted, type Taken } from './frequency.ts';
import { hotPrices, hotRouteTable } from './hot-rows.ts';
import { remember, replayed } from './idempotency.ts';
import { tellLowBalance } from './low-balance.ts';
import { afford, checkRequest, countAndAfford, endEmpty, newPlan, reserveEntry } from './new-plan.ts';
import { type LanePlan, packPlans } from './packed.ts';
import { isAlike } from './packed-accepts.ts';
import type { AcceptedPlan, AcceptPlan, PlanRequest } from './plan-request.ts';
import { price } from './pricing.ts';
import type { Gate } from './recipient-lists.ts';
import { countStopped, type Screened, screen, stoppedMessages } from './screening.ts';
import type { Answer, Ctx, Together, Verb } from './verb.ts';

/** Accepts plans: checks, reserves the credits and stores every message, or refuses and leaves no trace. */
export const acceptPlan: Verb<AcceptPlan, AcceptedPlan> = {
  priority: 1,
  rows: (input) => input.recipients.length + input.invalid.length + 2,
  async run(tx, ctx, inputs) {
    const batch = new AcceptBatch(tx, ctx);
    const answers = await batch.run(inputs);
    await batch.end();
    return answers;
  },
  together: (tx, ctx) => new AcceptBatch(tx, ctx),
};

/** What a rule says no with. @throws what is no refusal */
function refusalOf(error: unknown): { refusal: Refusal } {
  if (!(error instanceof Refused)) throw error;
  return { refusal: error.refusal };
}

/** A request is compared with so many others at most: finding out anew what it has in common with them costs less than that. */
const COMPARED = 8;

async function answerOf<T>(work: () => Promise<T>): Promise<Answer<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return refusalOf(error);
  }
}

/** What requests that are the same but for their recipients have in common: nothing of it changes within a batch. */
interface Common {
  admitted: Admitted;
  prepared: PreparedContent;
  gate: Gate | null;
  prices: PriceList | null;
}

/** A request that may be accepted, as far as that does not depend on those before it. */
interface Examined {
  request: PlanRequest;
  total: number;
  invalid: AcceptPlan['invalid'];
  recipients: readonly number[];
  admitted: Admitted;
  prepared: PreparedContent;
  screened: Screened | null;
  priced: ReturnType<typeof price>;
  /** Null: nothing is counted, or the plan starts later and counts then. */
  counted: Counted | null;
}

/** A balance as the requests of a batch leave it. */
interface RunningBalance {
  available: number;
  reserved: number;
  /** Credits reserved since the batch began. */
  moved: number;
  lowBalance: number | null;
}

/**
 * Gathers the rows of a run, so that each table is written once, and what all runs of a transaction come to: balances, events
 * and notices.
 */
class AcceptBatch implements Together<AcceptPlan, AcceptedPlan> {
  readonly #tx: Tx;
  readonly #ctx: Ctx;
  #plans: Omit<Plan, 'startedAt' | 'doneAt'>[] = [];
  #messages: NewMessages[] = [];
  #invalid: InvalidRecipients[] = [];
  #entries: NewLedgerEntry[] = [];
  #stopped: StoppedRecipients[] = [];
  /** Plans all of whose recipients are stopped. */
  #empty: Pick<Plan, 'id' | 'businessId'>[] = [];
  /** Plans whose messages wait for their turn. */
  readonly #waiting: LanePlan[] = [];
  #scheduled = false;
  /** Nothing was accepted. */
  #isEmpty = true;
  /** Messages that are sent at once. */
  readonly #claims = new ClaimBatch();
  /** Room of channels that they take, to be given back with all of this. */
  readonly #granted: { category: Category; channelId: number; count: number }[] = [];
  readonly #events = new EventBatch();
  #routes: RouteTable | null = null;
  /** Balances as they will be: requests of one batch share what is left. */
  readonly #balances = new Map<number, RunningBalance>();
  /** Requests that are alike come as one object from the thread that takes them. */
  readonly #common = new Map<PlanRequest, Common>();

  constructor(tx: Tx, ctx: Ctx) {
    this.#tx = tx;
    this.#ctx = ctx;
  }

  async run(inputs: readonly AcceptPlan[]): Promise<Answer<AcceptedPlan>[]> {
    const answers: Answer<AcceptedPlan>[] = [];
    if (this.#ctx.limits.takeNow === undefined && inputs.length > 1)
      answers.push(...(await this.#acceptTogether(inputs)));
    else for (const input of inputs) answers.push(this.#answerNow(input) ?? (await this.#answer(input)));
    await this.#write();
    return answers;
  }

  /** Accepts a request, or says why not. */
  async #answer(input: AcceptPlan): Promise<Answer<AcceptedPlan>> {
    const { request, idempotency } = input;
    try {
      const earlier =
        idempotency === null ? null : await replayed<AcceptedPlan>(this.#tx, request.businessId, idempotency);
      if (earlier !== null) return { value: earlier };
      checkRequest(this.#ctx, request, input.recipients.length);
      const examined = this.#examine(input, this.#common.get(request) ?? (await this.#commonOf(request)));
      return { value: await this.#accept(input, examined, examined.counted) };
    } catch (error) {
      return refusalOf(error);
    }
  }

  /**
   * The same at once for a request of which everything is known, since requests like it came before in the batch; null for
   * others. With a request of one number each, waiting takes longer than deciding.
   */
  #answerNow(input: AcceptPlan): Answer<AcceptedPlan> | null {
    const { request, idempotency } = input;
    const common = this.#knownOf(request);
    const balance = this.#balances.get(request.businessId);
    if (idempotency !== null || common === undefined || balance === undefined || this.#routes === null) return null;
    if (!countsNow(this.#ctx, common.prepared.content.category)) return null;
    try {
      checkRequest(this.#ctx, request, input.recipients.length);
      const examined = this.#examine(input, common);
      const { credits } = examined.priced;
      const takeBack = examined.counted === null ? null : countNow(this.#ctx, examined.counted);
      if (balance.available < credits) takeBack?.();
      afford(credits, balance.available);
      return { value: this.#take(examined, balance, this.#routes) };
    } catch (error) {
      return refusalOf(error);
    }
  }

  /** Accepts several requests, whose recipients are counted in one step before the first of them is. */
  async #acceptTogether(inputs: readonly AcceptPlan[]): Promise<Answer<AcceptedPlan>[]> {
    const tx = this.#tx;
    const ctx = this.#ctx;
    const examined: Answer<Examined>[] = [];
    for (const input of inputs) {
      const examine = async () => {
        checkRequest(ctx, input.request, input.recipients.length);
        return this.#examine(input, this.#common.get(input.request) ?? (await this.#commonOf(input.request)));
      };
      examined.push(await answerOf(examine));
    }
    const counts = examined.map((each) => ('value' in each ? each.value.counted : null));
    const taken = await countTogether(
      tx,
      ctx,
      counts.filter((counted) => counted !== null),
    );
    const answers: Answer<AcceptedPlan>[] = [];
    let next = 0;
    let someGivenBack = false;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!;
      const each = examined[i]!;
      const counted = counts[i] === null ? null : taken[next++]!;
      let goesOn = false;
      const answer = await answerOf(async () => {
        // What was answered before, also in this very batch, is answered again whatever the rules say now.
        const earlier = await replayed<AcceptedPlan>(tx, input.request.businessId, input.idempotency);
        if (earlier !== null) return earlier;
        if ('refusal' in each) throw new Refused(each.refusal);
        goesOn = true;
        // Whoever was over its limit may not be any more.
        const again = someGivenBack && counted !== null && counted.over !== null;
        return this.#accept(input, each.value, again ? counted.counted : counted);
      });
      if (!goesOn && counted !== null) await giveBack(tx, ctx, counted);
      if (counted?.over === null && counted.givenBack) someGivenBack = true;
      answers.push(answer);
    }
    return answers;
  }

  /** What is known of a request, or of one of the last run that is the same but for its recipients. */
  #knownOf(request: PlanRequest): Common | undefined {
    const known = this.#common.get(request);
    if (known !== undefined) return known;
    let compared = 0;
    for (const [other, common] of this.#common) {
      if (isAlike(other, request)) {
        this.#common.set(request, common);
        return common;
      }
      if (++compared === COMPARED) return undefined;
    }
    return undefined;
  }

  async #commonOf(request: PlanRequest): Promise<Common> {
    const tx = this.#tx;
    const ctx = this.#ctx;
    const { businessId } = request;
    const admitted = await admit(tx, ctx, request);
    const prepared = await prepare(tx, ctx, admitted);
    const gate = ctx.recipientLists.gate(businessId, prepared.content.category);
    const prices = await hotPrices(tx, ctx, businessId, ctx.now());
    const common = { admitted, prepared, gate, prices };
    this.#common.set(request, common);
    return common;
  }

  #examine(input: AcceptPlan, { admitted, prepared, gate, prices }: Common): Examined {
    const { request, total, invalid } = input;
    const { businessId } = request;
    const { category } = prepared.content;
    const screened = screen(gate, input.recipients, input.parameters);
    const { recipients, parameters } = screened ?? input;
    const priced = price(prepared, request, recipients, parameters, prices);
    const isCountedNow = request.startAt === null && isCounted(this.#ctx, category);
    const counted = isCountedNow ? { businessId, category, recipients } : null;
    return { request, total, invalid, recipients, admitted, prepared, screened, priced, counted };
  }

  async #accept(input: AcceptPlan, examined: Examined, counted: Counted | Taken | null): Promise<AcceptedPlan> {
    const { request, idempotency } = input;
    const { businessId } = request;
    const tx = this.#tx;
    const ctx = this.#ctx;
    const balance = this.#balances.get(businessId) ?? (await this.#balanceOf(businessId));
    const { credits } = examined.priced;
    if (counted === null) afford(credits, balance.available);
    else await countAndAfford(tx, ctx, counted, credits, balance.available);
    this.#routes ??= await hotRouteTable(tx, ctx);
    const accepted = this.#take(examined, balance, this.#routes);
    if (idempotency !== null) await remember(tx, ctx, businessId, idempotency, accepted);
    return accepted;
  }

  /** Adds the rows of a request that is paid for. */
  #take(examined: Examined, balance: RunningBalance, routes: RouteTable): AcceptedPlan {
    const { request, total, invalid, recipients, admitted, prepared, screened, priced } = examined;
    const { businessId } = request;
    const ctx = this.#ctx;
    balance.available -= priced.credits;
    balance.reserved += priced.credits;
    balance.moved += priced.credits;

    const planId = ctx.nextId('plan');
    const alike = typeof priced.rows.segments === 'number' ? priced.rows.segments : null;
    const size = { total, accepted: recipients.length, invalid: invalid.length, stopped: 0, segments: alike };
    if (screened !== null) size.stopped = countStopped(screened.stopped);
    const plan = newPlan(ctx, planId, request, admitted, prepared, size);
    this.#plans.push(plan);
    const claims = plan.state === 'running' && recipients.length > 0;
    const line = claims ? routes.lineOfAll(businessId, plan.category, recipients) : null;
    const channelId = line === null ? null : this.#claim(plan.category, line.key, recipients.length);
    const { segments, reserved, parameters } = priced.rows;
    const claim = channelId === null ? undefined : { channelId, at: plan.createdAt };
    const messages: NewMessages = { planId, from: 0, recipients, segments, reserved, parameters, claim };
    if (recipients.length > 0) this.#messages.push(messages);
    if (invalid.length > 0) {
      const from = recipients.length;
      this.#invalid.push({ planId, from, texts: invalid });
      this.#events.messages(businessId, { planId, from, to: from + invalid.length - 1 }, { state: 'invalid' });
    }
    this.#entries.push(reserveEntry(ctx, businessId, planId, priced.credits, balance));
    this.#events.plan(businessId, planId, plan.state, true);
    if (screened !== null) this.#stop(plan, screened);
    if (recipients.length === 0) this.#empty.push(plan);
    else if (channelId !== null) {
      this.#claims.add(channelId, plan, messages);
      this.#events.messages(businessId, { planId, from: 0, to: recipients.length - 1 }, { state: 'dispatching' });
    } else if (plan.state === 'running') {
      this.#waiting.push(line === null || routes.empty ? plan : { ...plan, line: line.key });
    } else this.#scheduled = true;
    return { planId, uuid: plan.uuid, total, accepted: recipients.length };
  }

  #stop(
    { id, businessId, accepted, invalid }: Pick<Plan, 'id' | 'businessId' | 'accepted' | 'invalid'>,
    { stopped }: Screened,
  ): void {
    this.#stopped.push(...stoppedMessages(this.#events, businessId, id, accepted + invalid, stopped));
  }

  async #write(): Promise<void> {
    if (this.#plans.length === 0) return;
    this.#isEmpty = false;
    const at = this.#ctx.now();
    await this.#tx.plans.insert(this.#plans);
    await this.#tx.messages.insert(this.#messages);
    await this.#tx.messages.insertInvalid(this.#invalid, at);
    if (this.#stopped.length > 0) await this.#tx.messages.insertStopped(this.#stopped, at);
    if (this.#empty.length > 0) await endEmpty(this.#tx, this.#events, this.#empty, at);
    await this.#tx.ledger.add(this.#entries);
    this.#plans = [];
    this.#messages = [];
    this.#invalid = [];
    this.#stopped = [];
    this.#empty = [];
    this.#entries = [];
  }

  async end(): Promise<void> {
    if (this.#isEmpty) return;
    // In the order of their ids, so that servers which lock rows never wait for each other in a circle.
    for (const [businessId, { available, moved, lowBalance }] of [...this.#balances].sort((a, b) => a[0] - b[0])) {
      if (moved === 0) continue;
      await this.#tx.businesses.moveCredits(businessId, -moved, moved);
      await tellLowBalance(this.#tx, this.#ctx, { id: businessId, lowBalance }, available + moved, available);
    }
    await this.#events.write(this.#tx, this.#ctx);
    if (this.#waiting.length > 0) {
      this.#ctx.notify({ kind: 'workWaiting', plans: packPlans(this.#waiting), lines: linesOf(this.#waiting) });
    }
    for (const notice of this.#claims.notices()) this.#ctx.notify(notice);
    if (this.#scheduled) this.#ctx.notify({ kind: 'plansToRun' });
  }

  /** The channel that takes these messages at once; null when they wait for their turn. */
  #claim(category: Category, line: string, count: number): number | null {
    const { grants, onRollback } = this.#ctx;
    const channelId = grants.take(category, line, count);
    if (channelId === null) return null;
    if (this.#granted.length === 0) {
      onRollback(() => {
        for (const taken of this.#granted) grants.giveBack(taken.category, taken.channelId, taken.count);
      });
    }
    const last = this.#granted.at(-1);
    if (last?.category === category && last.channelId === channelId) last.count += count;
    else this.#granted.push({ category, channelId, count });
    return channelId;
  }

  async #balanceOf(businessId: number): Promise<RunningBalance> {
    const business = await this.#tx.businesses.byId(businessId);
    must(business !== null, { code: 'businessNotFound' });
    const { available, reserved, lowBalance } = business;
    const balance = { available, reserved, moved: 0, lowBalance };
    this.#balances.set(businessId, balance);
    return balance;
  }
}

/** The line of each plan; undefined when none has one, as without routes. */
function linesOf(plans: readonly LanePlan[]): (string | undefined)[] | undefined {
  return plans.some(({ line }) => line !== undefined) ? plans.map(({ line }) => line) : undefined;
}
