import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FINAL,
  MESSAGE_STATES,
  messageCode,
  messageId,
  messageStateOfCode,
  parseMessageId,
  UNANSWERED,
} from './message.ts';

describe('message states', () => {
  test('have the codes that are stored', () => {
    expect(MESSAGE_STATES.map((state) => [state, messageCode(state)])).toEqual([
      ['accepted', 0],
      ['queued', 1],
      ['dispatching', 2],
      ['submitted', 3],
      ['delivered', 4],
      ['undelivered', 5],
      ['expired', 6],
      ['rejected', 7],
      ['unreported', 8],
      ['cancelled', 9],
      ['expired_unsent', 10],
      ['refused', 11],
      ['failed', 12],
      ['uncertain', 13],
      ['unknown', 14],
      ['invalid', 15],
    ]);
    for (const state of MESSAGE_STATES) expect(messageStateOfCode(messageCode(state))).toBe(state);
    for (const code of [-1, 16, 0.5]) expect(() => messageStateOfCode(code)).toThrow();
  });

  test('are each unanswered, final, or submitted', () => {
    for (const state of MESSAGE_STATES) {
      const kinds = [UNANSWERED.includes(state), FINAL.includes(state), state === 'submitted'];
      expect([state, kinds.filter(Boolean).length]).toEqual([state, 1]);
    }
  });
});

describe('a message id', () => {
  test('is the digits of its plan, then eight of its index', () => {
    expect(messageId(129_171_456_000_000, 7)).toBe('12917145600000000000007');
    expect(parseMessageId('12917145600000000000007')).toEqual({ planId: 129_171_456_000_000, index: 7 });
    expect(messageId(1, 99_999_999)).toBe('199999999');
  });

  test('tells plan and index again', () => {
    const planId = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    const index = fc.integer({ min: 0, max: 99_999_999 });
    fc.assert(
      fc.property(planId, index, (planId, index) => {
        expect(parseMessageId(messageId(planId, index))).toEqual({ planId, index });
      }),
    );
  });

  test.each([
    '',
    '1',
    '12345678',
    '012345678',
    '1234567890123456789012345',
    'x12345678',
    '12345678x',
    ' 123456789',
    '-12345678',
    '1e1000000000',
  ])('is not %j', (text) => {
    expect(parseMessageId(text)).toBe(null);
  });

  test('has a plan whose id is exact', () => {
    expect(parseMessageId(`${2 ** 53}00000000`)).toBe(null);
    expect(parseMessageId(`${2 ** 53 - 1}00000000`)).toEqual({ planId: 2 ** 53 - 1, index: 0 });
  });
});
