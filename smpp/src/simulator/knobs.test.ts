import { describe, expect, it } from 'vitest';
import { seededRandom } from '../lib/random.ts';
import { checkKnobs, DEFAULT_KNOBS, findRule, type Knobs, outcomePicker, pickDelay, ruleStatus } from './knobs.ts';

describe('checkKnobs', () => {
  it.each<[string, Partial<Knobs>]>([
    ['answerMs', { answerMs: -1 }],
    ['receiptDelayMs', { receiptDelayMs: { min: 5, max: 4 } }],
    ['receiptDelayMs', { receiptDelayMs: Number.NaN }],
    ['receipts', { receipts: {} }],
    ['receipts', { receipts: { delivered: 0 } }],
    ['receipts', { receipts: { delivered: 2, expired: -1 } }],
    ['rules', { rules: [{ status: 'ESME_RNONSENSE' as never }] }],
    ['throttle', { throttle: { perSecond: 0 } }],
    ['dropLink', { dropLink: { everyPdus: 0 } }],
    ['dropLink', { dropLink: { afterMs: Number.NaN } }],
    ['dropLink', { dropLink: { chance: 1.5 } }],
    ['halfOpen', { halfOpen: { everyPdus: 0 } }],
    ['rules', { rules: [{ share: -1 }] }],
    ['earlyReceipts', { earlyReceipts: 2 }],
    ['lateReceipts', { lateReceipts: { share: 2, delayMs: 1 } }],
    ['lateReceipts', { lateReceipts: { share: 1, delayMs: -1 } }],
    ['duplicateReceipts', { duplicateReceipts: Number.NaN }],
    ['partReceipts', { partReceipts: 'none' as never }],
    ['garbage', { garbage: { pdus: 1, streams: 7 } }],
    ['readPauseMs', { readPauseMs: -1 }],
    ['ids', { ids: 'roman' as never }],
    ['receiptIds', { receiptIds: 'roman' as never }],
    ['receiptText', { receiptText: false, receiptTlvs: false }],
    ['refuseBinds', { refuseBinds: 'ESME_RNONSENSE' as never }],
  ])('names %s when its value makes no sense', (name, knobs) => {
    expect(() => checkKnobs({ ...DEFAULT_KNOBS, ...knobs })).toThrow(new RegExp(`^${name}`));
  });

  it('takes the defaults', () => {
    expect(() => checkKnobs(DEFAULT_KNOBS)).not.toThrow();
  });
});

describe('picking', () => {
  it('draws delays from their whole range', () => {
    const random = seededRandom(1);
    expect(pickDelay(7, random)).toBe(7);
    const drawn = Array.from({ length: 1000 }, () => pickDelay({ min: 10, max: 20 }, random));
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(20);
    expect(Math.max(...drawn) - Math.min(...drawn)).toBeGreaterThan(9);
  });

  it('draws outcomes by their weights', () => {
    const pick = outcomePicker({ delivered: 95, undeliverable: 5, expired: 0 }, seededRandom(2));
    const counts = { delivered: 0, undeliverable: 0 };
    for (let i = 0; i < 10_000; i++) counts[pick() as keyof typeof counts]++;
    expect(counts.delivered + counts.undeliverable).toBe(10_000);
    expect(counts.undeliverable).toBeGreaterThan(400);
    expect(counts.undeliverable).toBeLessThan(600);
    expect(outcomePicker({ none: 3 }, seededRandom(3))()).toBe('none');
  });

  it('finds the first rule that fits', () => {
    const never = () => expect.unreachable();
    const rules = [
      { prefix: '44', suffix: '9', status: 11 },
      { suffix: '9', receipt: 'expired' as const },
      { prefix: '1' },
    ];
    expect(findRule(rules, '447700900009', never)).toBe(rules[0]);
    expect(findRule(rules, '15550109', never)).toBe(rules[1]);
    expect(findRule(rules, '15550100', never)).toBe(rules[2]);
    expect(findRule(rules, '8613800138000', never)).toBeUndefined();
    expect(rules.map(ruleStatus)).toEqual([11, 0, 0]);
    expect(ruleStatus({ status: 'ESME_RINVDSTADR' })).toBe(0x0b);
  });

  it('leaves to the rules behind whom a share does not strike', () => {
    const rules = [{ share: 0.25, status: 1 }, { status: 2 }];
    const random = seededRandom(4);
    const found = Array.from({ length: 1000 }, () => findRule(rules, '15550100', random)!.status);
    expect(new Set(found)).toEqual(new Set([1, 2]));
    expect(found.filter((status) => status === 1).length).toBeGreaterThan(200);
    expect(found.filter((status) => status === 1).length).toBeLessThan(300);
    expect(findRule([{ share: 0 }], '1', random)).toBeUndefined();
    expect(findRule([{ share: 1, status: 3 }], '1', random)).toMatchObject({ status: 3 });
  });
});
