import { describe, expect, test } from 'vitest';
import { endOfMissed, hasStarted, MISSED_REASONS, missedBy, PLAN_STATES, type PlanVerb, stateAfter } from './plan.ts';

const AT = 1_767_225_600_000;
const now = { startAt: null, startedAt: null };
const waits = { startAt: AT, startedAt: null };
const started = { startAt: AT, startedAt: AT + 5 };

test('a plan without a start time has started when it is accepted, another when its time came', () => {
  expect([now, waits, started].map(hasStarted)).toEqual([true, false, true]);
});

describe('a verb brings a plan', () => {
  const table: Record<PlanVerb, Partial<Record<(typeof PLAN_STATES)[number], string>>> = {
    pause: { pending: 'paused', running: 'paused' },
    resume: { paused: 'running' },
    cancel: { pending: 'cancelled', running: 'cancelled', paused: 'cancelled' },
  };
  test.each(Object.keys(table) as PlanVerb[])('%s', (verb) => {
    for (const state of PLAN_STATES) {
      expect([state, stateAfter(verb, { state, ...started })]).toEqual([state, table[verb][state] ?? null]);
    }
  });

  test('back to waiting, when it was paused before its time', () => {
    expect(stateAfter('resume', { state: 'paused', ...waits })).toBe('pending');
    expect(stateAfter('resume', { state: 'paused', ...now })).toBe('running');
  });
});

describe('a start is missed', () => {
  const rules = { maxLateMs: 1_000, quietSince: () => false };
  const notification = { category: 'notification', startAt: AT } as const;

  test('when it would be later than allowed', () => {
    expect(missedBy(notification, AT, rules)).toBe(null);
    expect(missedBy(notification, AT + 1_000, rules)).toBe(null);
    expect(missedBy(notification, AT + 1_001, rules)).toBe('late');
    expect(missedBy(notification, AT + 1, { ...rules, maxLateMs: 0 })).toBe('late');
  });

  test('by marketing, when quiet hours have begun meanwhile', () => {
    const asked: unknown[][] = [];
    const quietSince = (...args: unknown[]) => asked.push(args) > 0;
    const marketing = { category: 'marketing', startAt: AT } as const;
    expect(missedBy(marketing, AT + 5, { ...rules, quietSince })).toBe('quietHours');
    expect(asked).toEqual([['marketing', AT, AT + 5]]);
    expect(missedBy(notification, AT + 5, { ...rules, quietSince })).toBe(null);
    expect(missedBy(marketing, AT + 2_000, { ...rules, quietSince })).toBe('late');
  });

  test('and its messages say why', () => {
    for (const reason of MISSED_REASONS) {
      const { state, error } = endOfMissed(reason);
      expect(error).toMatch(/\w/);
      expect(state).toBe(reason === 'late' || reason === 'quietHours' ? 'expired_unsent' : 'failed');
    }
    expect(new Set(MISSED_REASONS.map((reason) => endOfMissed(reason).error)).size).toBe(MISSED_REASONS.length);
  });
});
