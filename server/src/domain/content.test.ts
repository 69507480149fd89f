import { countSegments } from '@signet/text';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Content, FORMS, formFor, prepareContent, segmentsOf, textOf } from './content.ts';
import { BRACKETS, PLACEMENTS } from './signature.ts';
import { renderTemplate } from './template.ts';

const MAINLAND = 8613800138000;
const BRITISH = 447400123456;

const content = (templateText: string, change: Partial<Content> = {}): Content => ({
  id: 1,
  templateId: null,
  templateText,
  signatureText: '示例',
  placement: 'prefix',
  brackets: 'fullWidth',
  category: 'notification',
  ...change,
});

describe('a text on the air', () => {
  test.each([
    ['prefix', '【示例】Hi Ann'],
    ['suffix', 'Hi Ann【示例】'],
    ['none', 'Hi Ann'],
  ] as const)('carries its signature: %s', (placement, expected) => {
    expect(textOf(prepareContent(content('Hi {name}', { placement })), { name: 'Ann' }, MAINLAND)).toBe(expected);
    const fixed = prepareContent(content('Hi Ann', { placement }));
    expect([textOf(fixed, null, BRITISH), fixed.fixedText]).toEqual([expected, expected]);
  });

  test('is counted once when it is the same for all', () => {
    const fixed = prepareContent(content('x'.repeat(67)));
    expect(fixed.fixedSegments).toBe(2);
    expect(segmentsOf(fixed, { x: 'ignored' }, MAINLAND)).toBe(2);
    expect(prepareContent(content('{x}'))).toMatchObject({ fixedSegments: null, fixedText: null });
  });

  test('never finds variables in its signature', () => {
    const prepared = prepareContent(content('{a}', { signatureText: '{a}' }));
    expect(textOf(prepared, { a: 'X' }, MAINLAND)).toBe('【{a}】X');
    expect(textOf(prepareContent(content('plain', { signatureText: '{a}' })), { a: 'X' }, MAINLAND)).toBe(
      '【{a}】plain',
    );
  });

  test('costs what is sent', () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 200 }),
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.constantFrom(...BRACKETS),
        fc.constantFrom(...PLACEMENTS),
        fc.constantFrom('Acme', '示例'),
        fc.constantFrom(MAINLAND, BRITISH),
        (before, value, brackets, placement, signatureText, recipient) => {
          const prepared = prepareContent(content(`${before}{v}`, { brackets, placement, signatureText }));
          const parameters = { v: value };
          const text = textOf(prepared, parameters, recipient);
          expect(segmentsOf(prepared, parameters, recipient)).toBe(countSegments(text));
          // The same text without a variable.
          const plain = prepareContent(content(renderTemplate(prepared.template, parameters), prepared.content));
          if (plain.template.names.length > 0) return;
          expect(textOf(plain, null, recipient)).toBe(text);
        },
      ),
    );
  });
});

describe('brackets that fit', () => {
  const fitting = (templateText: string, change: Partial<Content> = {}) =>
    prepareContent(content(templateText, { brackets: 'fitting', signatureText: 'Acme', ...change }));

  test.each([
    [8613800138000, '【Acme】Hi'],
    [85251234567, '【Acme】Hi'],
    [85366123456, '【Acme】Hi'],
    [886912345678, '【Acme】Hi'],
    [447400123456, '[Acme]Hi'],
    [12015550123, '[Acme]Hi'],
    [85512345678, '[Acme]Hi'],
    [88015123456, '[Acme]Hi'],
    [819012345678, '[Acme]Hi'],
  ])('to %d', (recipient, expected) => {
    expect(textOf(fitting('Hi'), null, recipient)).toBe(expected);
    expect(textOf(fitting('{x}'), { x: 'Hi' }, recipient)).toBe(expected);
  });

  test.each([
    ['a text', '您好', 'Acme', '【Acme】您好'],
    ['a signature', 'Hi', '示例', '【示例】Hi'],
  ])('are full-width where %s is UCS-2 anyway', (_what, text, signatureText, expected) => {
    const fixed = fitting(text, { signatureText });
    expect([fixed.fixedText, textOf(fixed, null, BRITISH)]).toEqual([expected, expected]);
    expect(textOf(fitting('{x}', { signatureText }), { x: text }, BRITISH)).toBe(expected);
  });

  test('stand where the signature stands', () => {
    expect(textOf(fitting('Hi', { placement: 'suffix' }), null, BRITISH)).toBe('Hi[Acme]');
    const none = fitting('Hi', { placement: 'none', signatureText: '' });
    expect([none.fixedText, none.fixedSegments]).toEqual(['Hi', 1]);
  });

  test('keep a text of the GSM alphabet in one segment where it can be', () => {
    const prepared = fitting('x'.repeat(152));
    expect(segmentsOf(prepared, null, BRITISH)).toBe(1);
    expect(segmentsOf(prepared, null, MAINLAND)).toBe(3);
  });

  test('tell recipients of one form apart from others', () => {
    const forms = [MAINLAND, 85251234567, BRITISH, 12015550123].map((each) => formFor(fitting('Hi'), each));
    expect(forms).toEqual([forms[0], forms[0], forms[2], forms[2]]);
    expect(new Set(forms).size).toBe(FORMS);
    expect(formFor(prepareContent(content('Hi')), BRITISH)).toBe(formFor(prepareContent(content('Hi')), MAINLAND));
  });
});
