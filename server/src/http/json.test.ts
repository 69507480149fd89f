import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_NESTING, parseStrictJson } from './json.ts';

const parse = (text: string) => parseStrictJson(Buffer.from(text, 'utf8'));
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

describe('what is JSON', () => {
  it('gives the value of any JSON text', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/"(__proto__|constructor)"|\\u/.test(text));
        expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
      }),
    );
  });

  it.each([
    '',
    ' ',
    '{',
    '{"a":1,}',
    "{'a':1}",
    '{"a":NaN}',
    '{"a":01}',
    '{"a":"\u0000"}',
    '{"a":"\n"}',
    '\ufeff{}',
    'a=1&b=2',
    '{}{}',
    '[[[[',
    '<html>',
    '"\\x"',
  ])('refuses %j', (text) => {
    expect(parse(text)).toEqual({ ok: false, why: 'notJson' });
  });

  it.each([
    [[0x22, 0xff, 0x22]],
    [[0x22, 0xc0, 0x80, 0x22]],
    [[0x22, 0xed, 0xa0, 0x80, 0x22]],
    [[0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
    [[0x7b, 0x00, 0x7d, 0x00]],
  ])('refuses octets that are not UTF-8 text: %j', (octets) => {
    expect(parseStrictJson(Buffer.from(octets))).toEqual({ ok: false, why: 'notJson' });
  });

  it('keeps the last of repeated keys', () => {
    expect(parse('{"a":1,"a":2}')).toEqual({ ok: true, value: { a: 2 } });
  });

  it('reads numbers too large for a double as Infinity', () => {
    expect(parse(`{"a":1${'0'.repeat(400)}}`)).toEqual({ ok: true, value: { a: Number.POSITIVE_INFINITY } });
  });
});

describe('what is hostile', () => {
  it.each([
    '{"__proto__":{}}',
    '{"constructor":1}',
    '{"a":[{"b":{"__proto__" \r\n\t: 1}}]}',
    '{"\\u005f_proto__":1}',
    '{"\\u005F\\u005fproto\\u005f_":1}',
    '{"c\\u006fnstructor":1}',
    '{"constructo\\u0072":1}',
    '{"a":{"__proto__":1},"a":1}',
    '{"a":"\\u0000"}',
    '{"\\u0000":1}',
    '{"a":"x\\u0000y"}',
    '{"a":"\\ud800"}',
    '{"a":"\\uDC00"}',
    '{"a":"\\ud83d\\ud83d\\ude00"}',
    '{"a":"\\ude00\\ud83d"}',
    '{"\\udbff":1}',
    '"\\ud800"',
    '{"a":["\\\\","\\ud800"]}',
    nested(MAX_NESTING + 1),
    `{"a":${nested(MAX_NESTING)}}`,
    nested(100_000),
    `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`,
  ])('refuses %j', (text) => {
    expect(parse(text)).toEqual({ ok: false, why: 'hostile' });
  });

  it.each([
    '{"a":"__proto__"}',
    '["constructor","__proto__"]',
    '{"a":"constructor","b":1}',
    '{"prototype":1}',
    '{"Constructor":1}',
    '{"__proto___":1}',
    '{"a":"\\\\u0000"}',
    '{"a":"\\\\\\\\ud800"}',
    '{"a":"\\ud83d\\ude00"}',
    '{"a":"\\uD83D\\uDE00\\u4f60"}',
    '{"a":"\\"__proto__\\":1"}',
    '{"a":"[[[[{{{{"}',
    nested(MAX_NESTING),
    `[${Array(200).fill('[]').join()}]`,
    `["${'['.repeat(200)}"]`,
    `["${'\\"['.repeat(200)}"]`,
  ])('takes %j', (text) => {
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  it('finds exactly what a walk over the value finds', () => {
    const strings = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\0', '\ud800', '\udc00', '{', '[', '中') });
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        strings,
        fc.integer(),
        fc.array(tie('value')),
        fc.dictionary(strings, tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(values, (value) => {
        expect(parse(JSON.stringify(value)).ok).toBe(!holdsBadString(value));
      }),
    );
  });
});

function holdsBadString(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0') || /\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, member]) => holdsBadString(key) || holdsBadString(member));
}
