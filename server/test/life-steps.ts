import fc from 'fast-check';
import { RECIPIENT_LISTS, type RecipientList } from '../src/domain/listed.ts';
import type { ReportedState } from '../src/domain/message.ts';
import type { PlanVerb } from '../src/domain/plan.ts';

export const FAILURES = ['later', 'elsewhere', 'never', 'unknown', 'notSent'] as const;
const REPORTED: readonly ReportedState[] = ['delivered', 'undelivered', 'expired', 'rejected'];

/** One thing that happens; `pick` chooses among what there is. */
export type Step =
  | { do: 'accept'; sender: 0 | 1; long: boolean; count: number; invalid: number; inMs: number | null }
  | { do: 'verb'; pick: number; verb: PlanVerb }
  | { do: 'start' }
  | { do: 'sweep'; pick: number }
  | { do: 'open'; pick: number; before: number; count: number }
  | { do: 'accepted'; pick: number; count: number; ids: 'new' | 'old' }
  | { do: 'failed'; pick: number; outcome: (typeof FAILURES)[number] }
  | { do: 'inParts'; pick: number; parts: string; late: boolean }
  | { do: 'stale'; pick: number; outcome: (typeof FAILURES)[number] | 'accepted' }
  | { do: 'report'; pick: number; state: ReportedState; recipient: boolean; known: boolean }
  | { do: 'list'; sender: 0 | 1 | null; list: RecipientList; change: 'added' | 'removed'; recipient: number }
  | { do: 'retry' }
  | { do: 'pass'; ms: number }
  | { do: 'settle' }
  | { do: 'decide' }
  | { do: 'expire' }
  | { do: 'age' }
  | { do: 'crash'; knows: boolean; left: number };

const pick = fc.nat(1_000);
const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });
const is = <T extends string>(name: T) => fc.constant(name);
export const step: fc.Arbitrary<Step> = fc.oneof(
  often(
    3,
    fc.record({
      do: is('accept'),
      sender: fc.constantFrom<0 | 1>(0, 1),
      long: fc.boolean(),
      count: fc.integer({ min: 1, max: 5 }),
      invalid: fc.constantFrom(0, 0, 2),
      inMs: fc.constantFrom(null, null, 1, 60_000),
    }),
  ),
  often(4, fc.record({ do: is('verb'), pick, verb: fc.constantFrom<PlanVerb>('pause', 'resume', 'resume', 'cancel') })),
  often(3, fc.constant<Step>({ do: 'start' })),
  often(4, fc.record({ do: is('sweep'), pick })),
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
  often(
    5,
    fc.record({
      do: is('inParts'),
      pick,
      parts: fc.string({ unit: fc.constantFrom('a', 'a', 'u', 'n', 'l', 'e', 'x'), minLength: 2, maxLength: 2 }),
      late: fc.constantFrom(false, false, false, true),
    }),
  ),
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
  often(
    3,
    fc.record({
      do: is('list'),
      // Null: the installation's blacklist.
      sender: fc.constantFrom<0 | 1 | null>(0, 1, 1, null),
      list: fc.constantFrom(...RECIPIENT_LISTS),
      change: fc.constantFrom<'added' | 'removed'>('added', 'added', 'removed', 'removed', 'removed'),
      recipient: fc.nat(4),
    }),
  ),
  often(4, fc.constant<Step>({ do: 'retry' })),
  often(3, fc.record({ do: is('pass'), ms: fc.constantFrom(1, 1_000, 60_000, 3_600_000, 80 * 3_600_000) })),
  often(4, fc.constant<Step>({ do: 'decide' })),
  often(3, fc.constant<Step>({ do: 'settle' })),
  often(2, fc.constant<Step>({ do: 'expire' })),
  often(1, fc.constant<Step>({ do: 'age' })),
  often(1, fc.record({ do: is('crash'), knows: fc.boolean(), left: fc.nat(0xffff) })),
);
