import { countSegments } from '@signet/text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Content, prepareContent, segmentsOf, textOf } from './content.ts';

const content = (templateText: string, change: Partial<Content> = {}): Content => ({
  id: 1,
  templateText,
  signatureText: '示例',
  placement: 'prefix',
  category: 'notification',
  ...change,
});

describe('a text on the air', () => {
  test.each([
    ['prefix', '【示例】Hi Ann'],
    ['suffix', 'Hi Ann【示例】'],
    ['none', 'Hi Ann'],
  ] as const)('carries its signature: %s', (placement, expected) => {
    expect(textOf(prepareContent(content('Hi {name}', { placement })), { name: 'Ann' })).toBe(expected);
    const fixed = prepareContent(content('Hi Ann', { placement }));
    expect([textOf(fixed, null), fixed.fixedText]).toEqual([expected, expected]);
  });

  test('is counted once when it is the same for all', () => {
    const fixed = prepareContent(content('x'.repeat(67)));
    expect(fixed.fixedSegments).toBe(2);
    expect(segmentsOf(fixed, { x: 'ignored' })).toBe(2);
    expect(prepareContent(content('{x}'))).toMatchObject({ fixedSegments: null, fixedText: null });
  });

  test('never finds variables in its signature', () => {
    const prepared = prepareContent(content('{a}', { signatureText: '{a}' }));
    expect(textOf(prepared, { a: 'X' })).toBe('【{a}】X');
    expect(textOf(prepareContent(content('plain', { signatureText: '{a}' })), { a: 'X' })).toBe('【{a}】plain');
  });

  test('costs what is sent', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string({ unit: 'binary', maxLength: 200 }), (before, value) => {
        const prepared = prepareContent(content(`${before}{v}`));
        const parameters = { v: value };
        expect(segmentsOf(prepared, parameters)).toBe(countSegments(textOf(prepared, parameters)));
      }),
    );
  });
});
