import { describe, expect, test } from 'vitest';
import { CATEGORIES, categoryCode, categoryOfCode } from './category.ts';
import { DIALECTS, PLAN_STATES, planCode, planStateOfCode } from './plan.ts';
import { must, Refused } from './refusals.ts';
import { REVIEW_STATES, reviewCode, reviewOfCode } from './review.ts';
import {
  BRACKETS,
  bracketsCode,
  bracketsOfCode,
  checkSignatureText,
  PLACEMENTS,
  placementCode,
  placementOfCode,
} from './signature.ts';
import { DELIVERY_STATES, deliveryCode, deliveryStateOfCode } from './webhook.ts';

describe('codes that are stored', () => {
  test.each<[string, readonly string[], (word: never) => number, (code: number) => string, [string, number][]]>([
    [
      'categories',
      CATEGORIES,
      categoryCode,
      categoryOfCode,
      [
        ['verification', 1],
        ['notification', 2],
        ['marketing', 3],
      ],
    ],
    [
      'reviews',
      REVIEW_STATES,
      reviewCode,
      reviewOfCode,
      [
        ['pending', 1],
        ['approved', 2],
        ['rejected', 3],
      ],
    ],
    [
      'placements',
      PLACEMENTS,
      placementCode,
      placementOfCode,
      [
        ['none', 0],
        ['prefix', 1],
        ['suffix', 2],
      ],
    ],
    [
      'brackets',
      BRACKETS,
      bracketsCode,
      bracketsOfCode,
      [
        ['fullWidth', 0],
        ['fitting', 1],
      ],
    ],
    [
      'deliveries',
      DELIVERY_STATES,
      deliveryCode,
      deliveryStateOfCode,
      [
        ['waiting', 0],
        ['succeeded', 1],
        ['dead', 2],
      ],
    ],
    [
      'plan states',
      PLAN_STATES,
      planCode,
      planStateOfCode,
      [
        ['staged', 0],
        ['pending', 1],
        ['running', 2],
        ['paused', 3],
        ['done', 4],
        ['cancelled', 5],
        ['draft', 6],
      ],
    ],
  ])('of %s do not change', (_what, words, codeOf, wordOf, expected) => {
    expect(words.map((word) => [word, codeOf(word as never)])).toEqual(expected);
    for (const [word, code] of expected) expect(wordOf(code)).toBe(word);
    expect(() => wordOf(-1)).toThrow();
    expect(() => wordOf(99)).toThrow();
  });

  test('of dialects do not change', () => {
    expect(DIALECTS).toEqual(['tsms', 'engagelab', 'native']);
  });
});

describe('a refusal', () => {
  test('is thrown unless the condition holds', () => {
    const refusal = { code: 'planNotFound' } as const;
    expect(() => must(false, refusal)).toThrow(Refused);
    expect(() => must(null, refusal)).toThrow('planNotFound');
    must('anything', refusal);
  });
});

describe('the text of a signature', () => {
  const refusal = (text: string) => {
    try {
      checkSignatureText(text);
    } catch (error) {
      if (error instanceof Refused) return error.refusal;
      throw error;
    }
    return null;
  };

  test.each(['x', '示例', '😀'.repeat(60), 'a b', '(x)', '《x》', '{x}'])('may be %j', (text) => {
    expect(refusal(text)).toBe(null);
  });

  test.each(['', ' ', '\u3000', 'x'.repeat(61), '【x', 'x】', '[x', 'x]'])('may not be %j', (text) => {
    expect(refusal(text)).toMatchObject({ code: 'invalidField', field: 'signature' });
  });
});
