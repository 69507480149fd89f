import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultAlphabet, extensionTable } from './alphabet.ts';
import type { SegmentOptions } from './choice.ts';
import { countSegments } from './count.ts';
import { decodeGsm7 } from './gsm7.ts';
import { readUserDataHeader, userDataHeader } from './header.ts';
import { decodeLatin1 } from './latin1.ts';
import {
  alphabetOf,
  type LockingTable,
  lockingShiftTables,
  lockingTables,
  type NationalTable,
  nationalTables,
  shiftTableOf,
  singleShiftTables,
} from './national.ts';
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
const locked = fc.constantFrom(
  ...lockingTables.flatMap((table) => [...lockingShiftTables[table].replace('\u001b', '')]),
);
const latin1 = fc.integer({ min: 0xa0, max: 0xff }).map((unit) => String.fromCharCode(unit));
const loneSurrogate = fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '\ud83d');

/** Mixtures that stay within one alphabet, else long texts would nearly always be UCS-2. */
const text = fc
  .constantFrom<fc.Arbitrary<string>>(
    plain,
    fc.oneof({ weight: 5, arbitrary: plain }, extension),
    fc.oneof({ weight: 5, arbitrary: plain }, extension, national),
    ...nationalTables.map((table) => fc.oneof(plain, fc.constantFrom(...Object.values(singleShiftTables[table])))),
    ...lockingTables.map((table) =>
      fc.oneof(fc.constantFrom(...lockingShiftTables[table].replace('\u001b', '')), extension),
    ),
    fc.oneof({ weight: 5, arbitrary: locked }, national),
    fc.oneof(plain, latin1),
    wide,
    fc.oneof(plain, extension, national, locked, latin1, wide, loneSurrogate),
  )
  .chain((character) => fc.array(character, { maxLength: 500, size: 'max' }))
  .map((characters) => characters.join(''));

const options: fc.Arbitrary<SegmentOptions> = fc.record(
  {
    alphabets: fc.shuffledSubarray(['gsm7', 'latin1'] as const),
    national: fc.shuffledSubarray([...nationalTables], { maxLength: 5 }),
    locking: fc.shuffledSubarray([...lockingTables], { maxLength: 5 }),
  },
  { requiredKeys: [] },
);

function forEveryText(check: (text: string, cut: SegmentedText, options: SegmentOptions) => void): void {
  fc.assert(
    fc.property(text, options, (sample, allowed) => check(sample, segmentText(sample, allowed), allowed)),
    { numRuns: 400 },
  );
}

/** A way of carrying texts, as a carrier's list would name it. */
interface Way {
  encoding: string;
  locking: LockingTable | null;
  national: NationalTable | null;
}

/** Every allowed way, in the order of preference between equals. */
function waysOf({ alphabets = ['gsm7'], national: singles = [], locking = [] }: SegmentOptions): Way[] {
  const gsm7 = [
    { encoding: 'gsm7', locking: null, national: null },
    ...singles.map((single) => ({ encoding: 'gsm7', locking: null, national: single })),
    ...locking.map((table) => ({ encoding: 'gsm7', locking: table, national: null })),
    ...locking.flatMap((table) => singles.map((single) => ({ encoding: 'gsm7', locking: table, national: single }))),
  ];
  return [
    ...alphabets.flatMap((each) => (each === 'gsm7' ? gsm7 : [{ encoding: each, locking: null, national: null }])),
    { encoding: 'ucs2', locking: null, national: null },
  ];
}

/** Units of one character, by looking it up in the printed tables; Infinity where it is in none. */
function price(character: string, { encoding, locking, national: single }: Way): number {
  if (encoding === 'ucs2') return character.length;
  if (encoding === 'latin1') return character.length === 1 && character <= '\xff' ? 1 : Number.POSITIVE_INFINITY;
  if (character !== '\u001b' && alphabetOf(locking).includes(character)) return 1;
  return Object.values(shiftTableOf(single)).includes(character) ? 2 : Number.POSITIVE_INFINITY;
}

/** Octets of 140 that the header takes, counted element by element. */
function headerOctets({ locking, national: single }: Way, concatenated: boolean): number {
  const elements = (concatenated ? 5 : 0) + (locking === null ? 0 : 3) + (single === null ? 0 : 3);
  return elements === 0 ? 0 : elements + 1;
}

/** Segment texts as a reader of the rules would cut them; undefined where the way does not hold the text. */
function cutSlowly(sample: string, way: Way): string[] | undefined {
  const bits = { gsm7: 7, latin1: 8, ucs2: 16 }[way.encoding]!;
  const room = (concatenated: boolean) => Math.floor(((140 - headerOctets(way, concatenated)) * 8) / bits);
  const priced = [...sample].map((character) => ({ character, units: price(character, way) }));
  const total = priced.reduce((sum, { units }) => sum + units, 0);
  if (total === Number.POSITIVE_INFINITY) return undefined;
  if (total <= room(false)) return [sample];
  const segments = [''];
  let left = room(true);
  for (const { character, units } of priced) {
    if (units > left) {
      segments.push('');
      left = room(true);
    }
    segments[segments.length - 1] += character;
    left -= units;
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

  it('the way is the first of those that take the fewest segments', () => {
    forEveryText((sample, cut, allowed) => {
      const costs = waysOf(allowed).map((way) => cutSlowly(sample, way)?.length ?? Number.POSITIVE_INFINITY);
      const best = waysOf(allowed)[costs.indexOf(Math.min(...costs))];
      expect({ encoding: cut.encoding, locking: cut.locking, national: cut.national }).toEqual(best);
    });
  });

  it('counting agrees with cutting', () => {
    forEveryText((sample, cut, allowed) => {
      expect(countSegments(sample, allowed)).toBe(cut.segments.length);
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
        const header = userDataHeader(part, cut.national, cut.locking);
        const body = cut.encoding === 'gsm7' ? packSeptets(payload, header.length) : payload;
        expect(header.length + body.length).toBeLessThanOrEqual(140);
      });
    });
  });

  it('each payload reads back as its own text, by its own header', () => {
    forEveryText((_sample, { encoding, national: single, locking, segments }) => {
      segments.forEach((segment, index) => {
        const part = segments.length === 1 ? null : { reference: 1, total: segments.length, index: index + 1 };
        const header = userDataHeader(part, single, locking);
        const read = readUserDataHeader(header.length === 0 ? Uint8Array.of(0) : header);
        expect(read.part).toEqual(part);
        expect(shown(encoding, segment.payload, read)).toBe(segment.text);
      });
    });
  });
});

function shown(encoding: string, payload: Uint8Array, { national: single, locking }: Omit<Way, 'encoding'>): string {
  if (encoding === 'ucs2') return decodeUcs2(payload);
  return encoding === 'latin1' ? decodeLatin1(payload) : decodeGsm7(payload, single, locking);
}

it('carries every single code unit unchanged', () => {
  const everything: SegmentOptions = {
    alphabets: ['gsm7', 'latin1'],
    national: nationalTables,
    locking: lockingTables,
  };
  for (const allowed of [{}, everything, { alphabets: [] }]) {
    for (let unit = 0; unit < 0x10000; unit++) {
      const character = String.fromCharCode(unit);
      const cut = segmentText(character, allowed);
      const back = shown(cut.encoding, cut.segments[0]!.payload, cut);
      if (back !== character) expect.fail(`U+${unit.toString(16)} came back as ${JSON.stringify(back)}`);
    }
  }
});
