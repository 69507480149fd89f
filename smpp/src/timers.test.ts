import { describe, expect, it } from 'vitest';
import { isLateWake, LATE_WAKE_MS, nextStep, type TimerLimits, type TimerState } from './timers.ts';

const LIMITS: TimerLimits = { bindTimeoutMs: 10, responseTimeoutMs: 30, enquireLinkMs: 50, inactivityMs: 0 };

const state = (given: Partial<TimerState>): TimerState => ({
  bindingSince: undefined,
  lastReceivedAt: 1000,
  lastMessageAt: 1000,
  enquiringSince: undefined,
  oldestSentAt: undefined,
  unbindingSince: undefined,
  paused: false,
  resumedAt: 0,
  congestedSince: undefined,
  ...given,
});

describe('nextStep', () => {
  it('gives a bind its time, and nothing else before it', () => {
    const binding = state({ bindingSince: 1000 });
    expect(nextStep(binding, LIMITS, 1009)).toEqual({ due: [], wakeAt: 1010 });
    expect(nextStep(binding, LIMITS, 1010)).toEqual({ due: [{ kind: 'bind-timeout' }], wakeAt: undefined });
  });

  it('asks a silent peer whether it lives, and gives it up without an answer', () => {
    expect(nextStep(state({}), LIMITS, 1049)).toEqual({ due: [], wakeAt: 1050 });
    expect(nextStep(state({}), LIMITS, 1050).due).toEqual([{ kind: 'enquire' }]);
    const asked = state({ enquiringSince: 1050 });
    expect(nextStep(asked, LIMITS, 1079)).toEqual({ due: [], wakeAt: 1080 });
    expect(nextStep(asked, LIMITS, 1080).due).toEqual([{ kind: 'link-dead' }]);
  });

  it('expires requests by the oldest, once the peer has outlived them', () => {
    expect(nextStep(state({ oldestSentAt: 1010 }), LIMITS, 1039)).toEqual({ due: [], wakeAt: 1040 });
    expect(nextStep(state({ oldestSentAt: 1010, lastReceivedAt: 1041 }), LIMITS, 1042).due).toEqual([
      { kind: 'expire', sentAtOrBefore: 1011 },
    ]);
  });

  it('asks at once whether a peer lives that is silent about an overdue request, and expires nothing meanwhile', () => {
    expect(nextStep(state({ oldestSentAt: 1010, lastReceivedAt: 1039 }), LIMITS, 1040).due).toEqual([
      { kind: 'enquire' },
    ]);
    const asked = state({ oldestSentAt: 1010, lastReceivedAt: 1039, enquiringSince: 1040 });
    expect(nextStep(asked, LIMITS, 1069)).toEqual({ due: [], wakeAt: 1070 });
    expect(nextStep(asked, LIMITS, 1070).due).toEqual([{ kind: 'link-dead' }]);
  });

  it('expires requests by time alone where nobody is asked', () => {
    const expired = [{ kind: 'expire', sentAtOrBefore: 1010 }];
    expect(nextStep(state({ oldestSentAt: 1010 }), { ...LIMITS, enquireLinkMs: 0 }, 1040).due).toEqual(expired);
    expect(nextStep(state({ oldestSentAt: 1010, unbindingSince: 1020 }), LIMITS, 1040).due).toEqual(expired);
  });

  it('wakes for the first of several', () => {
    expect(nextStep(state({ oldestSentAt: 1025 }), LIMITS, 1030).wakeAt).toBe(1050);
    expect(nextStep(state({ oldestSentAt: 1005 }), LIMITS, 1030).wakeAt).toBe(1035);
  });

  it('names everything that is due at once', () => {
    const limits = { ...LIMITS, inactivityMs: 60 };
    const kinds = nextStep(state({ oldestSentAt: 1000, lastReceivedAt: 1035 }), limits, 1100).due.map(
      ({ kind }) => kind,
    );
    expect(kinds).toEqual(['expire', 'enquire', 'inactive']);
  });

  it('gives up a session without messages', () => {
    const limits = { ...LIMITS, enquireLinkMs: 0, inactivityMs: 60 };
    expect(nextStep(state({}), limits, 1059)).toEqual({ due: [], wakeAt: 1060 });
    expect(nextStep(state({}), limits, 1060).due).toEqual([{ kind: 'inactive' }]);
  });

  it('bounds an unbind, and asks nothing meanwhile', () => {
    const unbinding = state({ unbindingSince: 1000 });
    expect(nextStep(unbinding, LIMITS, 1029)).toEqual({ due: [], wakeAt: 1030 });
    expect(nextStep(unbinding, LIMITS, 1100).due).toEqual([{ kind: 'unbind-timeout' }]);
  });

  it('misses nothing while nothing is read, and starts over when reading goes on', () => {
    const waiting = { oldestSentAt: 1000, enquiringSince: 1000 };
    expect(nextStep(state({ ...waiting, paused: true }), LIMITS, 9000)).toEqual({ due: [], wakeAt: undefined });
    expect(nextStep(state({ ...waiting, resumedAt: 9000 }), LIMITS, 9001)).toEqual({ due: [], wakeAt: 9030 });
  });

  it('gives up a peer that does not read', () => {
    const stuck = state({ paused: true, congestedSince: 1000 });
    expect(nextStep(stuck, LIMITS, 1029)).toEqual({ due: [], wakeAt: 1030 });
    expect(nextStep(stuck, LIMITS, 1030).due).toEqual([{ kind: 'link-dead' }]);
  });

  it('does nothing where limits are 0', () => {
    const off = { bindTimeoutMs: 0, responseTimeoutMs: 0, enquireLinkMs: 0, inactivityMs: 0 };
    const everything = state({ bindingSince: 1, oldestSentAt: 1, congestedSince: 1 });
    expect(nextStep(everything, off, 1e9)).toEqual({ due: [], wakeAt: undefined });
    expect(nextStep({ ...everything, bindingSince: undefined }, off, 1e9)).toEqual({ due: [], wakeAt: undefined });
  });
});

describe('isLateWake', () => {
  it('suspects this process once a timer fires far too late', () => {
    expect(isLateWake(1000, 1000 + LATE_WAKE_MS)).toBe(false);
    expect(isLateWake(1000, 1001 + LATE_WAKE_MS)).toBe(true);
  });
});
