import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultAlphabet, extensionTable } from './alphabet.ts';
import { countSegments } from './count.ts';
import { decodeGsm7 } from './gsm7.ts';
import { userDataHeader } from './header.ts';
import { type NationalTable, nationalTables, shiftTableOf, singleShiftTables } from './national.ts';
import { type SegmentedText, segmentText } from './segment.ts';
import { packSeptets } from './septets.ts';
import { decodeUcs2 } from './ucs2.ts';

const plain = fc.constantFrom(...defaultAlphabet.replace('\u001b', ''));
const extension = fc.constantFrom(...Object.values(extensionTable));
const national = fc.constantFrom(...nationalTables.flatMap((table) => Object.values(singleShiftTables[table])));
const wide = fc.constantFrom(
  ...'你好信号验证码，。かなハ한글абв',
  '\u{1f600}',
  '\u{1f469}\u200d\u{1f4bb}',
  '\u{20000}',
  '`\u001b',
);
const loneSurrogate = fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '\ud83d');

/** Mixtures that stay within one alphabet, else long texts would nearly always be UCS-2. */
const text = fc
  .constantFrom<fc.Arbitrary<string>>(
    plain,
    fc.oneof({ weight: 5, arbitrary: plain }, extension),
    fc.oneof({ weight: 5, arbitrary: plain }, extension, national),
    ...nationalTables.map((table) => fc.oneof(plain, fc.constantFrom(...Object.values(singleShiftTables[table])))),
    wide,
    fc.oneof(plain, extension, national, wide, loneSurrogate),
  )
  .chain((character) => fc.array(character, { maxLength: 500, size: 'max' }))
  .map((characters) => characters.join(''));

const allowed = fc.uniqueArray(fc.constantFrom(...nationalTables));

function forEveryText(check: (text: string, cut: SegmentedText, allowed: readonly NationalTable[]) => void): void {
  fc.assert(
    fc.property(text, allowed, (sample, tables) => check(sample, segmentText(sample, { national: tables }), tables)),
    { numRuns: 400 },
  );
}

/** Units of one character, by looking it up in the printed tables. */
function price(character: string, table: NationalTable | null): number {
  if (character !== '\u001b' && defaultAlphabet.includes(character)) return 1;
  return Object.values(shiftTableOf(table)).includes(character) ? 2 : Number.POSITIVE_INFINITY;
}

function fits(sample: string, table: NationalTable | null): boolean {
  return [...sample].every((character) => price(character, table) < Number.POSITIVE_INFINITY);
}

/** Segment texts as a reader of the rules would cut them: whole characters, each taken while it still fits. */
function cutSlowly(sample: string, { encoding, national: table }: SegmentedText): string[] {
  const priced = [...sample].map((character) => ({
    character,
    units: encoding === 'ucs2' ? character.length : price(character, table),
  }));
  const [single, part] = encoding === 'ucs2' ? [70, 67] : table === null ? [160, 153] : [155, 149];
  if (priced.reduce((sum, { units }) => sum + units, 0) <= single) return [sample];
  const segments = [''];
  let room = part;
  for (const { character, units } of priced) {
    if (units > room) {
      segments.push('');
      room = part;
    }
    segments[segments.length - 1] += character;
    room -= units;
  }
  return segments;
}

describe('for every text', () => {
  it('the segments joined are the text', () => {
    forEveryText((sample, cut) => {
      expect(cut.segments.map((segment) => segment.text).join('')).toBe(sample);
    });
  });

  it('the cuts are those of the slow reading', () => {
    forEveryText((sample, cut) => {
      expect(cut.segments.map((segment) => segment.text)).toEqual(cutSlowly(sample, cut));
    });
  });

  it('counting agrees with cutting', () => {
    forEveryText((sample, cut, tables) => {
      expect(countSegments(sample, { national: tables })).toBe(cut.segments.length);
    });
  });

  it('no segment is over its limit, and the units are those of the payload', () => {
    forEveryText((_sample, cut) => {
      for (const segment of cut.segments) {
        expect(segment.units).toBeLessThanOrEqual(cut.limit);
        expect(segment.payload).toHaveLength(cut.encoding === 'ucs2' ? 2 * segment.units : segment.units);
      }
      expect(cut.segments.reduce((sum, segment) => sum + segment.units, 0)).toBe(cut.units);
    });
  });

  it('every segment with its header is at most 140 octets on the air', () => {
    forEveryText((_sample, cut) => {
      const total = cut.segments.length;
      cut.segments.forEach(({ payload }, index) => {
        const part = total === 1 ? null : { reference: 1, total, index: index + 1 };
        const header = userDataHeader(part, cut.national);
        const body = cut.encoding === 'gsm7' ? packSeptets(payload, header.length) : payload;
        expect(header.length + body.length).toBeLessThanOrEqual(140);
      });
    });
  });

  it('each payload reads back as its own text', () => {
    forEveryText((_sample, { encoding, national: table, segments }) => {
      for (const segment of segments) {
        const shown = encoding === 'gsm7' ? decodeGsm7(segment.payload, table) : decodeUcs2(segment.payload);
        expect(shown).toBe(segment.text);
      }
    });
  });

  it('the encoding is the default alphabet if it fits, else the cheapest allowed table in their order, else UCS-2', () => {
    forEveryText((sample, cut, tables) => {
      if (fits(sample, null)) {
        expect(cut).toMatchObject({ encoding: 'gsm7', national: null });
        return;
      }
      const fitting = tables.filter((table) => fits(sample, table));
      expect(cut.encoding).toBe(fitting.length === 0 ? 'ucs2' : 'gsm7');
      expect(cut.national).toBe(fitting[0] ?? null);
      for (const table of fitting) {
        const other = segmentText(sample, { national: [table] });
        expect(cut.segments.length).toBeLessThanOrEqual(other.segments.length);
        expect(cut.units).toBeLessThanOrEqual(other.units);
      }
    });
  });
});

it('carries every single code unit unchanged', () => {
  for (const tables of [[], nationalTables]) {
    for (let unit = 0; unit < 0x10000; unit++) {
      const character = String.fromCharCode(unit);
      const { encoding, national: table, segments } = segmentText(character, { national: tables });
      const payload = segments[0]!.payload;
      const shown = encoding === 'gsm7' ? decodeGsm7(payload, table) : decodeUcs2(payload);
      if (shown !== character) expect.fail(`U+${unit.toString(16)} came back as ${JSON.stringify(shown)}`);
    }
  }
});
