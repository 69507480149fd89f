import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OpenPlan, Range, WaitingMessages } from '../store/store.ts';
import { FairLane, type OwnOf, type RestsOf } from './fair-lane.ts';

/** A plan with what its messages weigh, and which of them wait. */
interface StoredPlan extends OpenPlan {
  weights: number[];
  waits: boolean[];
  runs: boolean;
}

/** A store of plans that answers a lane's questions, and takes what the lane gives out. */
class Fixture {
  readonly plans = new Map<number, StoredPlan>();
  readonly weights = new Map<number, number>();
  readonly lane: FairLane;
  /** Segments given out, by business and in order: [business, plan, index, segments]. */
  readonly given: [businessId: number, planId: number, index: number, segments: number][] = [];
  questions = 0;

  constructor(rests: RestsOf | null = null, ownOf: OwnOf = () => null) {
    this.lane = new FairLane(this.weights, rests, ownOf);
  }

  /** A plan that runs from now on. Weights that are all the same are known to the lane. */
  plan(id: number, businessId: number, weights: number[], { told = true, begun = false } = {}): void {
    const alike = weights.every((weight) => weight === weights[0]);
    const plan: StoredPlan = {
      id,
      businessId,
      sendable: weights.length,
      accepted: weights.length,
      segments: alike ? weights[0]! : null,
      expiresAt: id,
      weights,
      waits: weights.map(() => true),
      runs: true,
    };
    this.plans.set(id, plan);
    if (told) this.lane.add(plan, begun);
  }

  /** Lets the lane give out so many segments, answering what it asks; returns how many it gave. */
  take(room: number, turn = 10): number {
    const ranges: Range[] = [];
    let taken = 0;
    for (let again = true; again && taken < room; ) {
      taken += this.lane.take(room - taken, turn, ranges);
      again = this.answer();
    }
    this.claim(ranges);
    return taken;
  }

  claim(ranges: readonly Range[]): void {
    for (const { planId, from, to } of ranges) {
      const plan = this.plans.get(planId)!;
      for (let index = from; index <= to; index++) {
        // Claims are guarded: what does not wait is not sent.
        if (!plan.runs || plan.waits[index] !== true) continue;
        plan.waits[index] = false;
        this.given.push([plan.businessId, planId, index, plan.weights[index]!]);
      }
    }
  }

  /** Whether there was a question. */
  answer(): boolean {
    const { wanted } = this.lane;
    if (wanted === null) return false;
    this.questions++;
    if (wanted.kind === 'messages') this.lane.listMessages(this.messages(wanted.plans, wanted.limit));
    else {
      const seen = [...this.plans.values()]
        .filter(({ businessId, id }) => businessId === wanted.businessId && id > wanted.after)
        .sort((a, b) => a.id - b.id)
        .slice(0, wanted.limit);
      const next = seen.length === wanted.limit ? seen.at(-1)!.id : null;
      this.lane.listPlans({ plans: seen.filter(({ runs }) => runs), next });
    }
    return true;
  }

  messages(asked: readonly { planId: number; from: number }[], limit: number): WaitingMessages {
    const rows: [number, number, number][] = [];
    const plans: WaitingMessages['plans'] = [];
    for (const { planId, from } of asked) {
      if (rows.length === limit) break;
      const plan = this.plans.get(planId)!;
      let index = from;
      let count = 0;
      for (; plan.runs && index < plan.sendable && rows.length < limit; index++) {
        if (plan.waits[index] !== true) continue;
        rows.push([index, plan.weights[index]!, planId * 1_000 + index]);
        count++;
      }
      plans.push({ planId, count, next: index });
    }
    return {
      plans,
      indexes: Uint32Array.from(rows, ([index]) => index),
      segments: Uint8Array.from(rows, ([, segments]) => segments),
      recipients: Float64Array.from(rows, ([, , recipient]) => recipient),
    };
  }

  /** Segments of each business among the last `count` given out. */
  shares(count: number): Map<number, number> {
    const shares = new Map<number, number>();
    let left = count;
    for (let i = this.given.length - 1; i >= 0 && left > 0; i--) {
      const [businessId, , , segments] = this.given[i]!;
      shares.set(businessId, (shares.get(businessId) ?? 0) + segments);
      left -= segments;
    }
    return shares;
  }

  /** The plans given out, each run once, in order. */
  order(): number[] {
    const order: number[] = [];
    for (const [, planId] of this.given) if (order.at(-1) !== planId) order.push(planId);
    return order;
  }
}

const ones = (count: number, weight = 1): number[] => Array(count).fill(weight);

describe('a lane', () => {
  test('of one business gives out its plans in the order they came', () => {
    const it = new Fixture();
    for (let id = 1; id <= 5; id++) it.plan(id, 7, ones(id));
    expect(it.take(1_000)).toBe(15);
    expect(it.given.map(([, planId]) => planId)).toEqual([1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5]);
    expect(it.lane.empty).toBe(true);
    expect(it.questions).toBe(0);
  });

  test('shares evenly in segments between businesses, whatever they have waiting and however long their texts', () => {
    const it = new Fixture();
    const random = (seed: number) => ((seed * 7_919) % 101) / 101;
    for (let business = 1; business <= 10; business++) {
      const count = business === 1 ? 1_000 : 5_000;
      const long = business % 3;
      const weights = Array.from({ length: count }, (_, i) =>
        long === 0 ? 1 : long === 1 ? 4 : 1 + Math.floor(random(i) * 4),
      );
      it.plan(business, business, weights);
    }
    // 10 s of a channel of 500 a second, while all of them wait.
    for (let stretch = 0; it.plans.get(1)!.waits.filter(Boolean).length > 600 && stretch < 20; stretch++) {
      it.take(5_000);
      const shares = it.shares(5_000);
      expect(shares.size).toBe(10);
      for (const share of shares.values()) {
        expect(share).toBeGreaterThanOrEqual(475);
        expect(share).toBeLessThanOrEqual(525);
      }
    }
    expect(it.given.length).toBeGreaterThan(2_000);
  });

  test('follows weights, also when they change', () => {
    const it = new Fixture();
    it.weights.set(2, 4);
    it.plan(1, 1, ones(10_000));
    it.plan(2, 2, ones(10_000));
    it.take(1_000);
    expect(it.shares(1_000).get(2)! / it.shares(1_000).get(1)!).toBeCloseTo(4, 0);
    it.weights.set(2, 1);
    it.lane.weigh(2);
    it.take(1_000);
    it.take(1_000);
    expect(it.shares(1_000).get(2)! / it.shares(1_000).get(1)!).toBeCloseTo(1, 1);
  });

  test('serves a business that comes late at once, and no more than its share', () => {
    const it = new Fixture();
    it.plan(1, 1, ones(10_000));
    it.take(3_000);
    it.plan(2, 2, ones(10_000));
    it.take(40);
    expect(it.shares(40).get(2)).toBeGreaterThanOrEqual(10);
    it.take(1_000);
    expect(it.shares(1_000).get(2)).toBeLessThanOrEqual(520);
  });

  test('lets a small plan pass a large one of the same business', () => {
    const it = new Fixture();
    it.plan(1, 1, ones(100_000));
    it.take(1_000);
    it.plan(2, 1, ones(3));
    it.take(1_000);
    expect(it.given.filter(([, planId]) => planId === 2)).toHaveLength(3);
    it.take(2_000);
    expect(it.given.map(([, planId, index]) => (planId === 1 ? index : -1)).filter((index) => index >= 0)).toEqual(
      Array.from({ length: 3_997 }, (_, index) => index),
    );
  });

  test('asks which messages of a plan wait that was begun before', () => {
    const it = new Fixture();
    it.plan(1, 1, ones(9), { told: false });
    for (const index of [0, 2, 3]) it.plans.get(1)!.waits[index] = false;
    it.lane.add(it.plans.get(1)!, true);
    expect(it.take(100)).toBe(6);
    expect(it.given.map(([, , index]) => index)).toEqual([1, 4, 5, 6, 7, 8]);
  });

  test('asks for many small plans that were begun at once', () => {
    const it = new Fixture();
    for (let id = 1; id <= 400; id++) it.plan(id, 1, [1], { begun: true });
    expect(it.take(1_000)).toBe(400);
    expect(it.questions).toBeLessThan(10);
  });

  test('has a plan that goes on take the next turn', () => {
    const it = new Fixture();
    for (let id = 1; id <= 3; id++) it.plan(id, 1, ones(1_000));
    it.take(100);
    it.lane.stop(new Set([1]));
    it.take(1_200);
    expect(it.given.filter(([, planId]) => planId === 1)).toHaveLength(100);
    it.lane.reopen(it.plans.get(1)!);
    const before = it.given.length;
    it.take(600);
    expect(it.given.slice(before).filter(([, planId]) => planId === 1).length).toBeGreaterThanOrEqual(250);
    it.take(10_000);
    expect(it.given).toHaveLength(3_000);
  });

  test('takes the messages of a start as they become sendable', () => {
    const it = new Fixture();
    it.plan(1, 1, ones(3_000), { told: false });
    const plan = it.plans.get(1)!;
    it.lane.extend(plan, { from: 0, to: 999 });
    it.lane.extend(plan, { from: 1_000, to: 1_999 });
    expect(it.take(5_000)).toBe(2_000);
    it.lane.extend(plan, { from: 2_000, to: 2_999 });
    expect(it.take(5_000)).toBe(1_000);
    expect(it.questions).toBe(0);
  });

  test('holds a bounded list, and finds the rest in the store', () => {
    const it = new Fixture();
    let id = 0;
    for (let i = 0; i < 12_000; i++) it.plan(++id, 1, [1]);
    it.plan(++id, 2, [1]);
    expect(it.lane.listed).toBeLessThanOrEqual(5_001);
    expect(it.take(20)).toBe(20);
    expect(it.given.map(([businessId]) => businessId)).toContain(2);
    for (let taken = 20; taken < 12_001; taken += 500) {
      it.take(500);
      // More come all the time.
      if (taken < 6_000) it.plan(++id, 1, [1]);
      expect(it.lane.listed).toBeLessThanOrEqual(6_200);
    }
    it.take(100);
    expect(it.given).toHaveLength(id);
    expect(it.given.filter(([businessId]) => businessId === 1).map(([, planId]) => planId)).toEqual(
      Array.from({ length: id }, (_, i) => i + 1).filter((planId) => planId !== 12_001),
    );
    expect(it.lane.empty).toBe(true);
  });

  test('does not lose a plan that goes on while its business is being listed', () => {
    const it = new Fixture();
    for (let id = 1; id <= 6_000; id++) it.plan(id, 1, [1]);
    it.plans.get(5_500)!.runs = false;
    const ranges: Range[] = [];
    while (it.lane.wanted === null) it.lane.take(100, 10, ranges);
    it.claim(ranges);
    expect(it.lane.wanted).toMatchObject({ kind: 'plans' });
    // The store answers while it stands still; it goes on before the answer comes.
    const plan = it.plans.get(5_500)!;
    const { listPlans } = it.lane;
    it.lane.listPlans = (answer) => {
      it.lane.listPlans = listPlans;
      plan.runs = true;
      it.lane.reopen(plan);
      it.lane.listPlans(answer);
    };
    it.take(10_000);
    expect(it.given).toHaveLength(6_000);
  });

  test('asks again what could not be answered', () => {
    const it = new Fixture();
    it.plan(1, 1, [1, 2, 3]);
    const ranges: Range[] = [];
    expect(it.lane.take(100, 10, ranges)).toBe(0);
    expect(it.lane.wanted).not.toBe(null);
    it.lane.unanswered();
    expect(it.take(100)).toBe(6);
  });

  test('passes by those who rest, and comes back to them', () => {
    let resting = true;
    // Messages with odd indexes go to somebody who rests until 500.
    const it = new Fixture((recipient) => (resting && recipient % 2 === 1 ? 500 : null));
    it.plan(1, 1, ones(2_500));
    it.plan(2, 2, ones(3));
    it.take(5_000);
    expect(it.given).toHaveLength(1_252);
    expect(it.lane.empty).toBe(true);
    it.lane.resume(499);
    expect(it.lane.empty).toBe(true);
    resting = false;
    it.plan(3, 1, ones(2));
    it.lane.resume(500);
    it.take(5_000);
    expect(it.given).toHaveLength(2_505);
    expect(it.lane.empty).toBe(true);
  });

  test('gives out every message exactly once, whatever happens in between', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ add: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 }), by: fc.nat(3) }),
        fc.record({ take: fc.integer({ min: 1, max: 60 }) }),
        fc.record({ stop: fc.nat(30) }),
        fc.record({ reopen: fc.nat(30) }),
        fc.record({ resume: fc.constant(true) }),
      ),
      { minLength: 10, maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.boolean(), (steps, quiet) => {
        let resting = quiet;
        const it = new Fixture(quiet ? (recipient) => (resting && recipient % 3 === 0 ? 1 : null) : null);
        let id = 0;
        for (const step of steps) {
          if ('add' in step) it.plan(++id, step.by, step.add);
          else if ('take' in step) it.take(step.take, 7);
          else if ('resume' in step) it.lane.resume(1);
          else {
            const plan = it.plans.get('stop' in step ? step.stop : step.reopen);
            if (plan === undefined) continue;
            if ('stop' in step) {
              plan.runs = false;
              it.lane.stop(new Set([plan.id]));
            } else if (!plan.runs) {
              plan.runs = true;
              it.lane.reopen(plan);
            }
          }
        }
        resting = false;
        for (const plan of it.plans.values()) {
          if (plan.runs) continue;
          plan.runs = true;
          it.lane.reopen(plan);
        }
        it.lane.resume(1);
        it.take(1_000_000);
        it.lane.resume(1);
        it.take(1_000_000);
        const all = [...it.plans.values()].reduce((sum, { weights }) => sum + weights.length, 0);
        expect(it.given).toHaveLength(all);
        expect(it.lane.empty).toBe(true);
        expect(it.lane.listed).toBe(0);
      }),
    );
  });
});

test('a plan that is told of twice is charged once', () => {
  const it = new Fixture();
  it.plan(1, 7, Array(2_000).fill(1));
  it.take(100);
  it.lane.add(it.plans.get(1)!, false);
  it.plan(2, 8, Array(2_000).fill(1));
  it.given.length = 0;
  it.take(1_600);
  const of = (businessId: number) => it.given.filter(([business]) => business === businessId).length;
  expect([of(7), of(8)]).toEqual([800, 800]);
});

describe('a lane that shares its plans with others', () => {
  /** Whose a message is: recipients end in the plan's index. */
  const every = (count: number, own: number) => (recipient: number) => recipient % count === own;

  test('gives out only what is its own, and reads each message once', () => {
    const COUNT = 40_000;
    const seen: number[] = [];
    let questions = 0;
    for (let own = 0; own < 4; own++) {
      const fixture = new Fixture(null, () => every(4, own));
      fixture.plan(1, 1, ones(COUNT));
      while (fixture.take(100, 500) > 0);
      seen.push(...fixture.given.map(([, , index]) => index));
      expect(fixture.given).toHaveLength(COUNT / 4);
      expect(fixture.given.every(([, , index]) => index % 4 === own)).toBe(true);
      expect(fixture.lane.empty).toBe(true);
      questions += fixture.questions;
    }
    expect(new Set(seen).size).toBe(COUNT);
    // A thousand messages a question, for each of the four.
    expect(questions).toBeLessThanOrEqual((4 * COUNT) / 1_000 + 4);
  });

  test('passes by what others have, ten times as much at once where nothing is its own', () => {
    const fixture = new Fixture(null, () => () => false);
    fixture.plan(1, 1, ones(100_000));
    expect(fixture.take(100)).toBe(0);
    expect(fixture.lane.empty).toBe(true);
    expect(fixture.questions).toBeLessThanOrEqual(12);
  });

  test('asks nothing about businesses all of whose messages are its own', () => {
    const fixture = new Fixture(null, (businessId) => (businessId === 1 ? null : every(2, 0)));
    fixture.plan(1, 1, ones(50));
    expect(fixture.take(50)).toBe(50);
    expect(fixture.questions).toBe(0);
    fixture.plan(2, 2, ones(50));
    expect(fixture.take(50)).toBe(25);
    expect(fixture.questions).toBe(1);
  });

  test('asks nothing about a plan that is known to be its own', () => {
    const fixture = new Fixture(null, () => every(2, 0));
    fixture.plan(1, 1, ones(50), { told: false });
    fixture.lane.add(fixture.plans.get(1)!, false, true);
    expect(fixture.take(100)).toBe(50);
    expect(fixture.questions).toBe(0);
  });

  test('goes on with a plan that was stopped or grows', () => {
    const fixture = new Fixture(null, () => every(2, 0));
    fixture.plan(1, 1, ones(10));
    expect(fixture.take(2)).toBe(2);
    fixture.lane.stop(new Set([1]));
    expect(fixture.take(10)).toBe(0);
    fixture.lane.reopen(fixture.plans.get(1)!);
    expect(fixture.take(10)).toBe(3);
    expect(fixture.given.map(([, , index]) => index)).toEqual([0, 2, 4, 6, 8]);
  });
});
