import fc from 'fast-check';
import { type CountryCode, getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/mobile';
import examples from 'libphonenumber-js/mobile/examples';
import metadata from 'libphonenumber-js/mobile/metadata';
import { describe, expect, it } from 'vitest';
import { callingCodeOf, countryOf, isCountry, parseRecipient, parseRecipientInteger } from './recipient.ts';

/** What the library itself answers within our grammar. */
function byLibrary(text: string, defaultCountry: string | null): number | null {
  if (!/^\+?[0-9]+$/.test(text)) return null;
  const asked = defaultCountry === null && !text.startsWith('+') ? `+${text}` : text;
  const parsed = parsePhoneNumberFromString(asked, (defaultCountry ?? undefined) as CountryCode | undefined);
  return parsed?.isValid() ? Number(parsed.number) : null;
}

function countryByLibrary(recipient: number): string | null {
  return parsePhoneNumberFromString(`+${recipient}`)?.country ?? null;
}

/** Collects disagreements, so that a failure names them all instead of stopping at the first of a long run. */
function disagreements(cases: Iterable<[text: string, defaultCountry: string | null]>): string[] {
  const found: string[] = [];
  for (const [text, country] of cases) {
    const [ours, theirs] = [parseRecipient(text, country), byLibrary(text, country)];
    if (ours !== theirs) found.push(`${text} in ${country}: ${ours}, library ${theirs}`);
    if (theirs !== null && countryOf(theirs) !== countryByLibrary(theirs)) found.push(`country of ${theirs}`);
  }
  return found;
}

const COUNTRIES = getCountries();
const CALLING_CODES = [...Object.keys(metadata.country_calling_codes), ...Object.keys(metadata.nonGeographic)];
const codeOf = (country: string): string => callingCodeOf(country)!;
/** National and dialling-out prefixes, carrier codes and calling codes: what may stand before a number. */
const BEFORE = [
  '0',
  '00',
  '1',
  '8',
  '06',
  '011',
  '0011',
  '810',
  '90',
  '01',
  '015',
  '180020',
  '17951',
  '1212',
  '0031',
  '10',
];

describe('the grammar', () => {
  it.each([
    ['+8613800138000', 'CN', 8613800138000],
    ['+8613800138000', null, 8613800138000],
    ['8613800138000', null, 8613800138000],
    ['13800138000', 'CN', 8613800138000],
    ['13800138000', null, null],
    ['+13800138000', 'CN', null],
    ['013800138000', 'CN', 8613800138000],
    ['8613800138000', 'CN', 8613800138000],
    ['008613800138000', 'CN', 8613800138000],
    ['+86013800138000', 'CN', 8613800138000],
    ['07400123456', 'GB', 447400123456],
    ['7400123456', 'GB', 447400123456],
    ['+4407400123456', 'CN', 447400123456],
    ['07400123456', null, null],
    ['2015550123', 'US', 12015550123],
    ['12015550123', 'US', 12015550123],
    ['13800138000', 'XX', null],
    ['13800138000', 'cn', null],
    ['13800138000', 'toString', null],
    ['+8613800138000', 'XX', 8613800138000],
  ])('%s in %s is %s', (text, country, recipient) => {
    expect(parseRecipient(text, country)).toBe(recipient);
  });

  it.each([
    '',
    '+',
    '++8613800138000',
    ' +8613800138000',
    '+8613800138000 ',
    '+8613800138000\n',
    '+86 13800138000',
    '+86-13800138000',
    '+86(138)00138000',
    '8613800138000+',
    '+8613800138000x1',
    '+86138OO138000',
    'tel:+8613800138000',
    '+８６１３８００１３８０００',
    '＋8613800138000',
    '+٨٦١٣٨٠٠١٣٨٠٠٠',
    '+1',
    '+86',
    '+999123456789',
    '+0',
    '9'.repeat(300),
    `+86${'1'.repeat(300)}`,
  ])('refuses %j', (text) => {
    expect(parseRecipient(text, null)).toBeNull();
    expect(parseRecipient(text, 'CN')).toBeNull();
  });

  it('refuses fixed lines where numbering tells them apart', () => {
    expect(parseRecipient('+861012345678', null)).toBeNull();
    expect(parseRecipient('+442071234567', null)).toBeNull();
  });

  it('reads only safe positive integers, as their digits', () => {
    expect(parseRecipientInteger(13800138000, 'CN')).toBe(8613800138000);
    expect(parseRecipientInteger(8613800138000, null)).toBe(8613800138000);
    for (const value of [0, -13800138000, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21, 2 ** 53]) {
      expect(parseRecipientInteger(value, 'CN')).toBeNull();
      expect(parseRecipientInteger(value, null)).toBeNull();
    }
  });
});

describe('equality with libphonenumber', () => {
  it('holds for every example number with each digit replaced, added and dropped', () => {
    function* cases(): Generator<[string, string | null]> {
      for (const country of COUNTRIES) {
        const example = examples[country];
        const neighbours = new Set([example, example.slice(0, -1), example.slice(1), `${example}0`, `${example}00`]);
        for (let at = 0; at < example.length; at++) {
          for (let digit = 0; digit <= 9; digit++) {
            neighbours.add(example.slice(0, at) + digit + example.slice(at + 1));
          }
        }
        for (const national of neighbours) {
          yield [`+${codeOf(country)}${national}`, 'CN'];
          yield [national, country];
        }
      }
    }
    expect(disagreements(cases())).toEqual([]);
  });

  it('holds for every example number behind every prefix, in its own country and as E.164', () => {
    function* cases(): Generator<[string, string | null]> {
      for (const country of COUNTRIES) {
        const example = examples[country];
        for (const before of [...BEFORE, codeOf(country), `00${codeOf(country)}`, `0${codeOf(country)}`]) {
          yield [before + example, country];
          yield [`+${codeOf(country)}${before}${example}`, null];
        }
      }
    }
    expect(disagreements(cases())).toEqual([]);
  });

  it('holds for every head of four digits after the calling codes that countries share', () => {
    function* cases(): Generator<[string, string | null]> {
      for (const [code, countries] of Object.entries(metadata.country_calling_codes)) {
        if (countries.length === 1) continue;
        const rest = '2345678901'.slice(0, examples[countries[0]!].length - 4);
        for (let head = 0; head < 10_000; head += code === '1' ? 3 : 17) {
          yield [`+${code}${String(head).padStart(4, '0')}${rest}`, null];
        }
      }
    }
    expect(disagreements(cases())).toEqual([]);
  });

  const country = fc.constantFrom(...COUNTRIES);
  const digits = (maxLength: number) => fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 0, maxLength });
  /** An example's beginning, then other digits, of about its length. */
  const near = fc
    .tuple(country, fc.nat(8), digits(10), fc.integer({ min: -2, max: 2 }))
    .map(([of, kept, tail, longer]) => {
      const example = examples[of];
      return { of, national: (example.slice(0, kept) + tail.padEnd(10, '7')).slice(0, example.length + longer) };
    });
  const before = fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.constantFrom(...BEFORE, ...CALLING_CODES));

  it('holds for numbers near the patterns, behind any prefix, read in their own country, another, or none', () => {
    fc.assert(
      fc.property(near, before, country, ({ of, national }, prefix, other) => {
        const cases: [string, string | null][] = [
          [prefix + national, of],
          [prefix + national, other],
          [`+${codeOf(of)}${prefix}${national}`, other],
          [`${prefix}${codeOf(of)}${national}`, null],
          [`${prefix}${codeOf(of)}${national}`, of],
        ];
        expect(disagreements(cases)).toEqual([]);
      }),
      { numRuns: 10_000 },
    );
  });

  it('holds for random digits of any length after any calling code', () => {
    fc.assert(
      fc.property(fc.constantFrom('', '0', '9', ...CALLING_CODES), digits(20), country, (code, tail, other) => {
        const text = code + tail;
        expect(
          disagreements([
            [`+${text}`, null],
            [text, null],
            [text, other],
          ]),
        ).toEqual([]);
        const value = Number(text);
        if (text.length > 0 && Number.isSafeInteger(value)) {
          expect(parseRecipientInteger(value, other)).toBe(value === 0 ? null : byLibrary(String(value), other));
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('holds for any text of digits and near misses of digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789+- x#٣３'), maxLength: 18 }), (text) => {
        expect(
          disagreements([
            [text, null],
            [text, 'CN'],
            [text, 'US'],
          ]),
        ).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the metadata', () => {
  it('keeps recipients within the 15 digits of E.164, and lengths of types among those of their plan', () => {
    type Row = readonly [code: string, ...unknown[]];
    const rows = [...Object.values(metadata.countries), ...Object.values(metadata.nonGeographic)] as unknown as Row[];
    for (const row of rows) {
      const [code, lengths] = [row[0], row[3] as number[]];
      const types = (row[11] || []) as (0 | [string, number[]?])[];
      for (const type of types) {
        for (const length of (type !== 0 && type[1]) || []) {
          expect(lengths).toContain(length);
          expect(code.length + length).toBeLessThanOrEqual(15);
        }
      }
    }
  });
});

describe('countries', () => {
  it('are found by the national number under shared calling codes, and are null without one', () => {
    expect(countryOf(8613800138000)).toBe('CN');
    expect(countryOf(12015550123)).toBe('US');
    expect(countryOf(15062345678)).toBe('CA');
    expect(countryOf(12684641234)).toBe('AG');
    expect(countryOf(447781123456)).toBe('GG');
    expect(countryOf(77710009998)).toBe('KZ');
    expect(countryOf(8821612345678)).toBeNull();
    expect(countryOf(999123456789)).toBeNull();
    expect(countryOf(0)).toBeNull();
  });

  it('have calling codes', () => {
    for (const code of COUNTRIES) {
      expect(isCountry(code)).toBe(true);
      expect(callingCodeOf(code)).toBe((metadata.countries[code] as unknown as string[])[0]);
    }
    for (const code of ['XX', 'cn', '', '001', 'constructor', 'CHN']) {
      expect(isCountry(code)).toBe(false);
      expect(callingCodeOf(code)).toBeNull();
    }
  });
});
