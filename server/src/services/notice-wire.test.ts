import { expect, test } from 'vitest';
import { readNotices, writeNotices } from './notice-wire.ts';
import { packPlans } from './packed.ts';
import type { Notice } from './verb.ts';

const plan = (id: number) => ({
  id,
  businessId: 3,
  category: 'marketing' as const,
  sendable: 5,
  accepted: 5,
  segments: null,
  expiresAt: 1_767_225_600_000,
});

test('notices come through as they were, but for what concerns this process alone', () => {
  const notices: Notice[] = [
    { kind: 'workWaiting' },
    { kind: 'workWaiting', plans: packPlans([plan(1), plan(Number.MAX_SAFE_INTEGER)]) },
    { kind: 'workWaiting', plans: packPlans([plan(2), plan(3)]), lines: ['1*70', undefined] },
    { kind: 'businessChanged', businessId: 4 },
    { kind: 'credentialChanged', key: 'sk_1' },
    { kind: 'channelsChanged' },
    { kind: 'routesChanged' },
    { kind: 'plansReopened', plans: [{ planId: 7, category: 'notification', range: { from: 0, to: 9 } }] },
    { kind: 'plansStopped', planIds: [1, 2] },
    { kind: 'plansToRun' },
    { kind: 'missed' },
    { kind: 'queuesChanged' },
    { kind: 'tasksAsked' },
    { kind: 'taskRevoked', id: 5 },
  ];
  const opened = { planIds: new Float64Array(0) } as never;
  const all: Notice[] = [...notices, { kind: 'claimed', lane: 'verification', channelId: 1, opened }];
  expect(readNotices(writeNotices(all)!)).toEqual(notices);
});

test('what concerns nobody else is not told', () => {
  expect(writeNotices([])).toBe(null);
  const opened = { planIds: new Float64Array(0) } as never;
  expect(writeNotices([{ kind: 'claimed', lane: 'verification', channelId: 1, opened }])).toBe(null);
});

test('what would be too long, or is not known yet, makes others look at everything', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => plan(Number.MAX_SAFE_INTEGER - i));
  const text = writeNotices([{ kind: 'workWaiting', plans: packPlans(many) }])!;
  expect(text.length).toBeLessThan(100);
  expect(readNotices(text)).toEqual([{ kind: 'missed' }]);
  expect(readNotices('[{"kind":"moonRises"},{"kind":"plansToRun"}]')).toEqual([
    { kind: 'missed' },
    { kind: 'plansToRun' },
  ]);
});
