import { FairShare, newSharer, type Sharer } from '../domain/fair-share.ts';
import { Fifo } from '../lib/fifo.ts';
import type { OpenPlan, Range, WaitingMessages } from '../store/store.ts';

/** Plans a lane lists in memory, and those of one business among them; what is beyond is found in the store. */
const MAX_LISTED = 20_000;
const MAX_LISTED_OF_ONE = 5_000;
/** A business of which fewer are listed than this asks for more, if there are. */
const LIST_BELOW = 100;
/** Plans looked at by one question to the store, while there is room for them and while there is none. */
const PLANS_AT_ONCE = 1_000;
const PLANS_WHEN_FULL = 20;
/** Messages, and plans, of one question for messages. */
const MESSAGES_AT_ONCE = 1_000;
/** As many when those before were all to wait. */
const MESSAGES_TO_PASS_BY = 10_000;
const PLANS_OF_A_QUESTION = 200;
/** Segments a plan may send before the business's next plan has its turn. */
const PLAN_TURN = 500;

/** A plan in its business's round. */
interface ListedPlan {
  readonly id: number;
  /** Messages from here on may not be sent yet, or there are none. */
  end: number;
  /** Of each message; 0: the store is asked which messages wait, and what they weigh. */
  readonly segments: number;
  /** Whether all its messages are this lane's, whatever is so of others of its business. */
  readonly whole: boolean;
  /** Messages before this have been given out or passed by. */
  next: number;
  /** Messages from `next` on that are known to wait. */
  page: Page | null;
  /** When messages that were passed by may be sent; Infinity when there are none. */
  resumeAt: number;
}

/** A plan's piece of an answer of the store. */
interface Page {
  readonly messages: WaitingMessages;
  at: number;
  readonly end: number;
  /** Whether anything of it has been given out. */
  used: boolean;
  /** Where to go on in the plan behind it. */
  readonly next: number;
}

/** A business in the lane. */
interface Claimant extends Sharer {
  readonly businessId: number;
  /** Tells its messages that are this lane's from those that are not; null: all are. */
  readonly owns: ((recipient: number) => boolean) | null;
  /** The plan whose turn it is, and what is left of the turn. */
  inHand: ListedPlan | null;
  turnLeft: number;
  /** Those that come next, in order. */
  readonly plans: Fifo<ListedPlan>;
  /** Plans up to this one are listed or done with; those behind it are in the store, unless nothing is missing. */
  listedTo: number;
  complete: boolean;
  /** A plan came that was not listed. */
  missed: boolean;
  /** Some messages of plans up to this one may have been given out before. */
  begunTo: number;
  /** The first plan of which messages were passed by, and when to come back to it. */
  resumeFrom: number;
  resumeAt: number;
  /** Whether the last page had nothing that may be sent now. */
  passing: boolean;
}

/** What a lane has to be told before it can go on. */
export type Wanted =
  | { kind: 'plans'; businessId: number; after: number; limit: number }
  | { kind: 'messages'; plans: { planId: number; from: number }[]; limit: number };

/** When a recipient may be written to: null for now, or a time to come. */
export type RestsOf = (recipient: number) => number | null;

/** Which messages of a business are this lane's, where others of the same plans are not; null: all. */
export type OwnOf = (businessId: number) => ((recipient: number) => boolean) | null;

/**
 * Chooses what a lane sends next: between businesses by weighted shares of segments, within a business its plans in a
 * round, so that a small plan never waits for the end of a large one. It holds a bounded list of plans and knows where in
 * the store the others are. It asks nobody: what it is missing it says.
 */
export class FairLane {
  readonly #claimants = new Map<number, Claimant>();
  readonly #share = new FairShare<Claimant>();
  readonly #weights: ReadonlyMap<number, number>;
  /** Null: nobody ever rests. */
  readonly #rests: RestsOf | null;
  readonly #ownOf: OwnOf;
  #listed = 0;
  /** Listed plans whose start goes on. */
  readonly #growing = new Map<number, ListedPlan>();
  /** What the next question is about. */
  #asking: { claimant: Claimant; plans: ListedPlan[]; stale: boolean } | null = null;

  /** @param weights of businesses whose weight is not 1 */
  constructor(weights: ReadonlyMap<number, number>, rests: RestsOf | null = null, ownOf: OwnOf = () => null) {
    this.#weights = weights;
    this.#rests = rests;
    this.#ownOf = ownOf;
  }

  /** Whether nothing waits that could be given out. */
  get empty(): boolean {
    return this.#share.size === 0;
  }

  /** Plans in memory. */
  get listed(): number {
    return this.#listed;
  }

  /** A plan runs. `begun`: some of its messages may have been sent. `whole`: all of them are this lane's. */
  add(plan: OpenPlan, begun: boolean, whole = false): void {
    const claimant = this.#claimantOf(plan.businessId, plan.id - 1);
    // A new plan may have been found in the store before the notice of it comes; twice in the round, it would be charged twice.
    if (plan.id <= claimant.listedTo && this.#lists(claimant, plan)) return;
    if (plan.id <= claimant.listedTo) this.#list(claimant, plan, begun, whole);
    else if (claimant.complete && !this.#full(claimant)) {
      claimant.listedTo = plan.id;
      this.#list(claimant, plan, begun, whole);
    } else {
      claimant.complete = false;
      claimant.missed = true;
      if (begun) claimant.begunTo = Math.max(claimant.begunTo, plan.id);
    }
    this.#share.join(claimant);
  }

  /** A plan runs again: it has the next turn of its business, from its first message that waits. */
  reopen(plan: OpenPlan): void {
    const claimant = this.#claimantOf(plan.businessId, plan.id);
    this.#forgetAnswer(claimant);
    this.#drop(claimant, (id) => id === plan.id);
    if (plan.id > claimant.listedTo && !claimant.complete) claimant.begunTo = Math.max(claimant.begunTo, plan.id);
    else {
      claimant.listedTo = Math.max(claimant.listedTo, plan.id);
      this.#listed++;
      claimant.plans.unshift(this.#newPlan(plan, true));
    }
    this.#share.join(claimant);
  }

  /** More messages of a plan may be sent, none of which was tried: a start goes through its messages in steps. */
  extend(plan: OpenPlan, { from, to }: { from: number; to: number }): void {
    const claimant = this.#claimantOf(plan.businessId, plan.id);
    // What is in the store is found there with all that may be sent by then.
    if (plan.id <= claimant.listedTo || claimant.complete) {
      claimant.listedTo = Math.max(claimant.listedTo, plan.id);
      const growing = this.#growing.get(plan.id);
      if (growing?.end === from) growing.end = to + 1;
      else {
        const added = { ...this.#newPlan(plan, false), next: from, end: to + 1 };
        this.#growing.set(plan.id, added);
        this.#listed++;
        claimant.plans.push(added);
      }
    }
    this.#share.join(claimant);
  }

  /** Forgets plans that do not run any more. */
  stop(planIds: ReadonlySet<number>): void {
    for (const claimant of this.#claimants.values()) this.#drop(claimant, (id) => planIds.has(id));
  }

  /** The weight of a business has changed. */
  weigh(businessId: number): void {
    const claimant = this.#claimants.get(businessId);
    if (claimant !== undefined) claimant.weight = this.#weights.get(businessId) ?? 1;
  }

  /** A business was given something that did not stand in the lane. */
  charge(businessId: number, segments: number): void {
    const claimant = this.#claimants.get(businessId);
    if (claimant !== undefined) this.#share.charge(claimant, segments);
  }

  /**
   * Moves messages worth `room` segments into `ranges`, at most `turn` of one business at a time, and returns what they
   * weigh. It stops early when nothing waits, or when it wants to know something.
   */
  take(room: number, turn: number, ranges: Range[]): number {
    let taken = 0;
    while (taken < room && this.#asking === null) {
      const claimant = this.#share.first;
      if (claimant === null) break;
      const left = room - taken;
      const cost = this.#serve(claimant, this.#share.size === 1 ? left : Math.min(turn, left), ranges);
      this.#share.served(cost);
      taken += cost;
      if (isEmpty(claimant)) this.#share.leave(claimant);
    }
    return taken;
  }

  /** What it has to be told before it can go on; null when nothing. */
  get wanted(): Wanted | null {
    if (this.#asking === null) return null;
    const { claimant, plans } = this.#asking;
    if (plans.length === 0) {
      claimant.missed = false;
      const limit = this.#listed < MAX_LISTED ? PLANS_AT_ONCE : PLANS_WHEN_FULL;
      return { kind: 'plans', businessId: claimant.businessId, after: claimant.listedTo, limit };
    }
    const limit = claimant.passing ? MESSAGES_TO_PASS_BY : MESSAGES_AT_ONCE;
    return { kind: 'messages', plans: plans.map(({ id, next }) => ({ planId: id, from: next })), limit };
  }

  /** Answers the question for plans. */
  listPlans({ plans, next }: { plans: readonly OpenPlan[]; next: number | null }): void {
    const { claimant, stale } = this.#asking!;
    this.#asking = null;
    if (stale) return;
    for (const plan of plans) {
      claimant.listedTo = plan.id;
      this.#list(claimant, plan, plan.id <= claimant.begunTo);
    }
    if (next !== null) claimant.listedTo = next;
    else if (!claimant.missed) claimant.complete = true;
    if (isEmpty(claimant)) this.#share.leave(claimant);
  }

  /** Answers the question for messages. */
  listMessages(messages: WaitingMessages): void {
    const { plans } = this.#asking!;
    this.#asking = null;
    let at = 0;
    for (let i = 0; i < messages.plans.length; i++) {
      const { count, next } = messages.plans[i]!;
      plans[i]!.page = { messages, at, end: at + count, used: false, next };
      at += count;
    }
  }

  /** Gives up a question that could not be answered; it will be asked again. */
  unanswered(): void {
    this.#asking = null;
  }

  /** Lets those go on whose messages were passed by until now, and forgets businesses that have nothing to come back to. */
  resume(now: number): void {
    for (const claimant of this.#claimants.values()) {
      if (claimant.resumeAt === Number.POSITIVE_INFINITY && this.#share.forgettable(claimant)) {
        this.#claimants.delete(claimant.businessId);
      }
      if (claimant.resumeAt > now) continue;
      this.#forgetAnswer(claimant);
      const from = claimant.resumeFrom;
      // Those behind it are found in the store again, with what of them still waits.
      claimant.begunTo = Math.max(claimant.begunTo, claimant.listedTo);
      this.#drop(claimant, (id) => id >= from);
      claimant.listedTo = Math.min(claimant.listedTo, from - 1);
      claimant.complete = false;
      claimant.resumeFrom = Number.POSITIVE_INFINITY;
      claimant.resumeAt = Number.POSITIVE_INFINITY;
      this.#share.join(claimant);
    }
  }

  /** Gives out up to `room` segments of one business. */
  #serve(claimant: Claimant, room: number, ranges: Range[]): number {
    let cost = 0;
    while (cost < room) {
      const plan = this.#inHand(claimant);
      if (plan === null) break;
      const most = Math.min(room - cost, claimant.turnLeft);
      const given =
        plan.segments > 0 && !this.#reads(claimant, plan)
          ? giveAlike(plan, most, ranges)
          : this.#givePage(claimant, plan, most, ranges);
      if (given === null) {
        this.#ask(claimant, plan);
        break;
      }
      cost += given;
      claimant.turnLeft -= given;
      if (plan.page === null && plan.next >= plan.end) this.#finish(claimant, plan);
      else if (claimant.turnLeft <= 0) {
        claimant.plans.push(plan);
        claimant.inHand = null;
      }
    }
    return cost;
  }

  /** The plan whose turn it is. */
  #inHand(claimant: Claimant): ListedPlan | null {
    if (claimant.inHand !== null) return claimant.inHand;
    if (!claimant.complete && claimant.plans.size < (this.#listed < MAX_LISTED ? LIST_BELOW : 1)) {
      this.#asking = { claimant, plans: [], stale: false };
      return null;
    }
    claimant.inHand = claimant.plans.shift() ?? null;
    claimant.turnLeft = PLAN_TURN;
    return claimant.inHand;
  }

  /** Gives out of what the store said; null when it has to be asked first. */
  #givePage(claimant: Claimant, plan: ListedPlan, room: number, ranges: Range[]): number | null {
    const { page } = plan;
    if (page === null) return null;
    const { indexes, segments, recipients } = page.messages;
    const { owns } = claimant;
    let cost = 0;
    while (page.at < page.end && cost < room) {
      const at = page.at++;
      if (owns !== null && !owns(recipients[at]!)) continue;
      const resumeAt = this.#rests === null ? null : this.#rests(recipients[at]!);
      if (resumeAt !== null) {
        plan.resumeAt = Math.min(plan.resumeAt, resumeAt);
        continue;
      }
      page.used = true;
      addIndex(ranges, plan.id, indexes[at]!);
      cost += segments[at]!;
    }
    if (page.at === page.end) {
      claimant.passing = !page.used;
      plan.next = page.next;
      plan.page = null;
    }
    return cost;
  }

  #ask(claimant: Claimant, first: ListedPlan): void {
    const plans = [first];
    for (const plan of claimant.plans) {
      if (plans.length === PLANS_OF_A_QUESTION) break;
      if (plan.page === null && (plan.segments === 0 || this.#reads(claimant, plan))) plans.push(plan);
    }
    this.#asking = { claimant, plans, stale: false };
  }

  /** Whether it has to be known who is written to. */
  #reads({ owns }: Claimant, { whole }: ListedPlan): boolean {
    return this.#rests !== null || (owns !== null && !whole);
  }

  /** A plan has been gone through. */
  #finish(claimant: Claimant, plan: ListedPlan): void {
    claimant.inHand = null;
    this.#listed--;
    this.#growing.delete(plan.id);
    if (plan.resumeAt === Number.POSITIVE_INFINITY) return;
    claimant.resumeFrom = Math.min(claimant.resumeFrom, plan.id);
    claimant.resumeAt = Math.min(claimant.resumeAt, plan.resumeAt);
  }

  /** Whether all of a plan is listed already. */
  #lists(claimant: Claimant, { id, sendable }: OpenPlan): boolean {
    const isIt = (listed: ListedPlan) => listed.id === id && listed.end >= sendable && this.#growing.get(id) !== listed;
    if (claimant.inHand !== null && isIt(claimant.inHand)) return true;
    for (const listed of claimant.plans) if (isIt(listed)) return true;
    return false;
  }

  #list(claimant: Claimant, plan: OpenPlan, begun: boolean, whole = false): void {
    this.#listed++;
    claimant.plans.push(this.#newPlan(plan, begun, whole));
  }

  #newPlan({ id, sendable, segments }: OpenPlan, begun: boolean, whole = false): ListedPlan {
    return {
      id,
      end: sendable,
      segments: begun ? 0 : (segments ?? 0),
      whole,
      next: 0,
      page: null,
      resumeAt: Number.POSITIVE_INFINITY,
    };
  }

  #full(claimant: Claimant): boolean {
    return this.#listed >= MAX_LISTED || claimant.plans.size >= MAX_LISTED_OF_ONE;
  }

  #drop(claimant: Claimant, gone: (planId: number) => boolean): void {
    const before = claimant.plans.size + (claimant.inHand === null ? 0 : 1);
    if (claimant.inHand !== null && gone(claimant.inHand.id)) claimant.inHand = null;
    claimant.plans.filter(({ id }) => !gone(id));
    for (const id of this.#growing.keys()) if (gone(id)) this.#growing.delete(id);
    this.#listed -= before - claimant.plans.size - (claimant.inHand === null ? 0 : 1);
  }

  /** The list of a business is about to change: what is on its way to it from the store may not fit any more. */
  #forgetAnswer(claimant: Claimant): void {
    if (this.#asking?.claimant === claimant) this.#asking.stale = true;
  }

  #claimantOf(businessId: number, listedTo: number): Claimant {
    let claimant = this.#claimants.get(businessId);
    if (claimant === undefined) {
      claimant = {
        ...newSharer(this.#weights.get(businessId) ?? 1),
        businessId,
        owns: this.#ownOf(businessId),
        inHand: null,
        turnLeft: 0,
        plans: new Fifo(),
        listedTo,
        complete: true,
        missed: false,
        begunTo: 0,
        resumeFrom: Number.POSITIVE_INFINITY,
        resumeAt: Number.POSITIVE_INFINITY,
        passing: false,
      };
      this.#claimants.set(businessId, claimant);
    }
    return claimant;
  }
}

/** Whether nothing of a business waits, neither here nor in the store. */
const isEmpty = (claimant: Claimant): boolean =>
  claimant.inHand === null && claimant.plans.size === 0 && claimant.complete;

/** Gives out of a plan whose messages weigh the same and all wait. */
function giveAlike(plan: ListedPlan, room: number, ranges: Range[]): number {
  const count = Math.min(plan.end - plan.next, Math.ceil(room / plan.segments));
  const from = plan.next;
  plan.next += count;
  const last = ranges.at(-1);
  if (last !== undefined && last.planId === plan.id && last.to === from - 1) last.to += count;
  else ranges.push({ planId: plan.id, from, to: from + count - 1 });
  return count * plan.segments;
}

function addIndex(ranges: Range[], planId: number, index: number): void {
  const last = ranges.at(-1);
  if (last !== undefined && last.planId === planId && last.to === index - 1) last.to = index;
  else ranges.push({ planId, from: index, to: index });
}
