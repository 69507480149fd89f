import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  codePoints,
  missingVariable,
  namedValues,
  type Parameters,
  parseTemplate,
  renderTemplate,
} from './template.ts';

const render = (text: string, parameters: Parameters | null = null) => renderTemplate(parseTemplate(text), parameters);
const namesIn = (text: string) => parseTemplate(text).names;

/** Texts in which variables, near misses and plain text come thick and fast. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '{',
        '}',
        '{{',
        '}}',
        ' ',
        'a',
        'b1',
        '_',
        '码',
        '{a}',
        '{{a}}',
        '{ b1 }',
        '{码}',
        '{a',
        'a}',
        '😀',
      ),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));

describe('variables', () => {
  test.each<[string, string[]]>([
    ['{code}', ['code']],
    ['{{code}}', ['code']],
    ['{ code }', ['code']],
    ['{{  code }}', ['code']],
    ['a{x}b{{y}}c{x}', ['x', 'y', 'x']],
    ['{验证码}', ['验证码']],
    ['{ключ_1}', ['ключ_1']],
    ['{٣}', ['٣']],
    ['{_}', ['_']],
    ['{0}', ['0']],
    [`{${'x'.repeat(32)}}`, ['x'.repeat(32)]],
    [`{${'😀'.repeat(0)}${'𠀀'.repeat(32)}}`, ['𠀀'.repeat(32)]],
    ['{__proto__}', ['__proto__']],
    ['{{{code}}}', ['code']],
    ['{{code}', ['code']],
    ['{code}}', ['code']],
    ['{a}{b}', ['a', 'b']],
  ])('stand in %s', (written, names) => {
    expect(namesIn(written)).toEqual(names);
  });

  test.each([
    '',
    'code',
    '{}',
    '{{}}',
    '{ }',
    '{co de}',
    '{co-de}',
    '{code',
    'code}',
    '{\tcode}',
    '{\ncode\n}',
    '{code\u00a0}',
    `{${'x'.repeat(33)}}`,
    `{{${'x'.repeat(33)}}}`,
    '{😀}',
    '{a.b}',
    '{ {a',
    '｛code｝',
  ])('stand not in %j, which is sent as it is', (written) => {
    expect(namesIn(written)).toEqual([]);
    expect(render(written, { code: 'x', a: 'x', '': 'x' })).toBe(written);
  });

  test('take the braces that fit and leave the others', () => {
    expect(render('{{{code}}}', { code: 'X' })).toBe('{X}');
    expect(render('{{code}', { code: 'X' })).toBe('{X');
    expect(render('{code}}', { code: 'X' })).toBe('X}');
    expect(render('{ {code} }', { code: 'X' })).toBe('{ X }');
  });

  test('match exactly', () => {
    expect(render('{Code}{code}', { code: 'X' })).toBe('{Code}X');
    expect(missingVariable(parseTemplate('{code}'), { Code: 'X' })).toBe('code');
  });

  test.each<[unknown, string]>([
    ['', ''],
    [0, '0'],
    [-0, '0'],
    [1.5, '1.5'],
    [1e21, '1e+21'],
    [true, 'true'],
    [false, 'false'],
    ['  x ', '  x '],
  ])('are written as JSON writes %j', (value, written) => {
    expect(render('<{v}>', { v: value as string })).toBe(`<${written}>`);
  });

  test('without a value stay as they were written, and the first is named', () => {
    const template = parseTemplate('{a} {{ b }} {c}');
    expect(renderTemplate(template, { a: 'A', b: null })).toBe('A {{ b }} {c}');
    expect(renderTemplate(template, null)).toBe('{a} {{ b }} {c}');
    expect(missingVariable(template, { a: 'A', b: null })).toBe('b');
    expect(missingVariable(template, { a: '', b: false, c: 0 })).toBe(null);
    expect(missingVariable(template, null)).toBe('a');
    expect(missingVariable(parseTemplate('plain'), null)).toBe(null);
  });

  test('never take what every object has', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      expect(missingVariable(parseTemplate(`{${name}}`), {})).toBe(name);
      expect(render(`{${name}}`, {})).toBe(`{${name}}`);
    }
  });

  test('and literals in turn make the text again', () => {
    fc.assert(
      fc.property(text, (written) => {
        const { literals, names, written: variables } = parseTemplate(written);
        expect(literals).toHaveLength(names.length + 1);
        expect(variables).toHaveLength(names.length);
        expect(literals.map((literal, i) => literal + (variables[i] ?? '')).join('')).toBe(written);
        expect(render(written, null)).toBe(written);
        for (const [i, name] of names.entries()) {
          expect(variables[i]).toMatch(/^\{\{? *[\p{L}\p{Nd}_]+ *\}\}?$/u);
          expect(variables[i]!.replace(/[{} ]/g, '')).toBe(name);
        }
      }),
    );
  });

  test('are looked for in the template only, never in values or where a value meets the text', () => {
    fc.assert(
      fc.property(text, text, (written, value) => {
        const template = parseTemplate(written);
        const parameters = Object.fromEntries(template.names.map((name) => [name, value]));
        expect(renderTemplate(template, parameters)).toBe(template.literals.join(value));
      }),
    );
  });
});

describe('the values a text needs', () => {
  test('are kept, and no others', () => {
    const template = parseTemplate('{a}{b}{c}');
    expect(namedValues(template, { a: 1, b: null, d: 'x' })).toEqual({ a: 1 });
  });

  test('send the same after they were stored', () => {
    const name = fc.constantFrom('a', 'b1', '码', '__proto__', 'constructor', 'toString');
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.constant(null),
    );
    const template = fc.array(
      fc.oneof(
        name.map((n) => `{${n}}`),
        fc.constantFrom('x', ' '),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(template, fc.array(fc.tuple(name, value)), (parts, values) => {
        const parsed = parseTemplate(parts.join(''));
        const parameters: Parameters = Object.fromEntries(values);
        const stored = JSON.parse(JSON.stringify(namedValues(parsed, parameters))) as Parameters;
        expect(renderTemplate(parsed, stored)).toBe(renderTemplate(parsed, parameters));
        expect(missingVariable(parsed, stored)).toBe(missingVariable(parsed, parameters));
      }),
    );
  });
});

describe('lengths', () => {
  test('are counted in code points', () => {
    for (const [counted, length] of [
      ['', 0],
      ['abc', 3],
      ['示例', 2],
      ['😀', 1],
      ['a😀b😀', 4],
      ['e\u0301', 2],
      ['\ud83d', 1],
      ['\ude00\ud83d', 2],
    ] as const) {
      expect(codePoints(counted)).toBe(length);
    }
  });

  test('are those of a text taken apart', () => {
    const anyText = fc.string({
      unit: fc.integer({ min: 0xd7f0, max: 0xe010 }).map((unit) => String.fromCharCode(unit)),
    });
    fc.assert(
      fc.property(anyText, (counted) => {
        expect(codePoints(counted)).toBe([...counted].length);
      }),
    );
  });
});
