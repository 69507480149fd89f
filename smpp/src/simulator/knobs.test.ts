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
    const rules = [
      { prefix: '44', suffix: '9', status: 11 },
      { suffix: '9', receipt: 'expired' as const },
      { prefix: '1' },
    ];
    expect(findRule(rules, '447700900009')).toBe(rules[0]);
    expect(findRule(rules, '15550109')).toBe(rules[1]);
    expect(findRule(rules, '15550100')).toBe(rules[2]);
    expect(findRule(rules, '8613800138000')).toBeUndefined();
    expect(rules.map(ruleStatus)).toEqual([11, 0, 0]);
    expect(ruleStatus({ status: 'ESME_RINVDSTADR' })).toBe(0x0b);
  });
});
