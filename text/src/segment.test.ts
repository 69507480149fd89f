import { describe, expect, it } from 'vitest';
import type { SegmentOptions } from './choice.ts';
import { countSegments } from './count.ts';
import { encodeGsm7 } from './gsm7.ts';
import type { NationalTable } from './national.ts';
import { segmentText } from './segment.ts';
import { encodeUcs2 } from './ucs2.ts';

/** Units of every segment, after checking that counting agrees. */
function unitsOf(text: string, national: readonly NationalTable[] = [], options: SegmentOptions = {}): number[] {
  const { segments } = segmentText(text, { national, ...options });
  expect(countSegments(text, { national, ...options })).toBe(segments.length);
  return segments.map((segment) => segment.units);
}

const emoji = '\u{1f600}';

describe('choice of encoding', () => {
  const every: readonly NationalTable[] = ['turkish', 'spanish', 'portuguese'];

  it.each<[string, readonly NationalTable[], string, NationalTable | null]>([
    ['', [], 'gsm7', null],
    ['Hello {world} €5', [], 'gsm7', null],
    ['ΔΦΓΛΩΠΨΣΘΞ', [], 'gsm7', null],
    ['Ça va', [], 'gsm7', null],
    ['ça va', [], 'ucs2', null],
    ['你好', [], 'ucs2', null],
    ['你好', every, 'ucs2', null],
    ['Hello €', every, 'gsm7', null],
    ['şifre', [], 'ucs2', null],
    ['şifre', every, 'gsm7', 'turkish'],
    ['şifre', ['spanish', 'portuguese'], 'ucs2', null],
    ['código', every, 'gsm7', 'spanish'],
    ['informação', every, 'gsm7', 'portuguese'],
    ['informação', ['turkish', 'spanish'], 'ucs2', null],
    ['şí', every, 'ucs2', null],
    // A Greek small letter and a Greek capital shaped like a Latin one are in no table.
    ['ω', every, 'ucs2', null],
    ['\u0391', every, 'ucs2', null],
    ['\u001b', every, 'ucs2', null],
  ])('%j with %j is %s, %s', (text, national, encoding, chosen) => {
    expect(segmentText(text, { national })).toMatchObject({ encoding, national: chosen });
  });

  it('takes the first allowed table when several fit', () => {
    expect(segmentText('ça', { national: ['portuguese', 'turkish', 'spanish'] }).national).toBe('portuguese');
    expect(segmentText('ça', { national: ['spanish', 'portuguese'] }).national).toBe('spanish');
    expect(segmentText('çí', { national: ['turkish', 'portuguese', 'spanish'] }).national).toBe('portuguese');
  });

  it('writes the codes of the chosen table', () => {
    expect(segmentText('ç', { national: ['turkish'] }).segments[0]?.payload).toEqual(Uint8Array.of(0x1b, 0x63));
    expect(segmentText('ç', { national: ['spanish'] }).segments[0]?.payload).toEqual(Uint8Array.of(0x1b, 0x09));
  });
});

describe('default alphabet', () => {
  it('is one empty segment for an empty text', () => {
    expect(segmentText('')).toEqual({
      encoding: 'gsm7',
      national: null,
      locking: null,
      segments: [{ text: '', units: 0, payload: new Uint8Array(0) }],
      units: 0,
      limit: 160,
    });
    expect(countSegments('')).toBe(1);
  });

  it('holds 160 septets in one segment, 153 in a part', () => {
    expect(unitsOf('a'.repeat(160))).toEqual([160]);
    expect(unitsOf('a'.repeat(161))).toEqual([153, 8]);
    expect(unitsOf('a'.repeat(306))).toEqual([153, 153]);
    expect(unitsOf('a'.repeat(307))).toEqual([153, 153, 1]);
    expect(segmentText('a'.repeat(160)).limit).toBe(160);
    expect(segmentText('a'.repeat(161)).limit).toBe(153);
  });

  it('counts an extension character as two', () => {
    expect(unitsOf('€'.repeat(80))).toEqual([160]);
    expect(unitsOf(`${'€'.repeat(80)}a`)).toEqual([152, 9]);
    expect(unitsOf(`${'a'.repeat(159)}€`)).toEqual([153, 8]);
    expect(unitsOf(`${'a'.repeat(158)}€`)).toEqual([160]);
  });

  it('moves an escape pair whole that would end one septet too late', () => {
    const text = `${'a'.repeat(152)}€${'b'.repeat(20)}`;
    expect(unitsOf(text)).toEqual([152, 22]);
    expect(segmentText(text).segments[1]?.payload.slice(0, 3)).toEqual(Uint8Array.of(0x1b, 0x65, 0x62));
    expect(unitsOf(`${'a'.repeat(151)}€${'b'.repeat(20)}`)).toEqual([153, 20]);
    expect(unitsOf(`${'a'.repeat(153)}€${'b'.repeat(20)}`)).toEqual([153, 22]);
  });

  it('may need a segment more than the septets alone would', () => {
    // 306 septets fill two parts, but no part of 153 can hold 76.5 pairs.
    expect(unitsOf('€'.repeat(153))).toEqual([152, 152, 2]);
  });

  it('carries the septets of its own text', () => {
    const { segments, units } = segmentText(`${'x'.repeat(152)}{${'y'.repeat(10)}`);
    expect(units).toBe(164);
    for (const segment of segments) expect(segment.payload).toEqual(encodeGsm7(segment.text));
  });
});

describe('national table', () => {
  it('holds 155 septets in one segment, 149 in a part', () => {
    expect(unitsOf(`ş${'a'.repeat(153)}`, ['turkish'])).toEqual([155]);
    expect(unitsOf(`ş${'a'.repeat(154)}`, ['turkish'])).toEqual([149, 7]);
    expect(segmentText(`ş${'a'.repeat(153)}`, { national: ['turkish'] }).limit).toBe(155);
    expect(segmentText(`ş${'a'.repeat(154)}`, { national: ['turkish'] }).limit).toBe(149);
  });

  it('moves an escape pair whole that would end one septet too late', () => {
    expect(unitsOf(`${'a'.repeat(148)}ã${'b'.repeat(20)}`, ['portuguese'])).toEqual([148, 22]);
    expect(unitsOf(`${'a'.repeat(147)}ã${'b'.repeat(20)}`, ['portuguese'])).toEqual([149, 20]);
  });

  it('leaves the limits alone where the default alphabet serves', () => {
    expect(unitsOf('a'.repeat(160), ['turkish'])).toEqual([160]);
  });
});

describe('locking shift table', () => {
  const locking: SegmentOptions = { locking: ['turkish'] };

  it('holds 155 septets in one segment, 149 in a part', () => {
    expect(unitsOf('ş'.repeat(155), [], locking)).toEqual([155]);
    expect(unitsOf('ş'.repeat(156), [], locking)).toEqual([149, 7]);
  });

  it('holds 152 and 146 together with a single shift table', () => {
    expect(unitsOf(`${'ş'.repeat(150)}Á`, ['spanish'], locking)).toEqual([152]);
    expect(unitsOf(`${'ş'.repeat(151)}Á`, ['spanish'], locking)).toEqual([146, 7]);
  });

  it('moves an escape pair whole that would end one septet too late', () => {
    expect(unitsOf(`${'ş'.repeat(148)}{${'ş'.repeat(10)}`, [], locking)).toEqual([148, 12]);
    expect(unitsOf(`${'ş'.repeat(145)}Á${'ş'.repeat(10)}`, ['spanish'], locking)).toEqual([145, 12]);
  });
});

describe('ISO 8859-1', () => {
  const latin1: SegmentOptions = { alphabets: ['latin1'] };

  it('holds 140 octets in one segment, 134 in a part', () => {
    expect(unitsOf('é'.repeat(140), [], latin1)).toEqual([140]);
    expect(unitsOf('é'.repeat(141), [], latin1)).toEqual([134, 7]);
    expect(segmentText('½£[', latin1).segments[0]?.payload).toEqual(Uint8Array.of(0xbd, 0xa3, 0x5b));
  });
});

describe('UCS-2', () => {
  it('holds 70 units in one segment, 67 in a part', () => {
    expect(unitsOf('你'.repeat(70))).toEqual([70]);
    expect(unitsOf('你'.repeat(71))).toEqual([67, 4]);
    expect(unitsOf('你'.repeat(134))).toEqual([67, 67]);
    expect(unitsOf('你'.repeat(135))).toEqual([67, 67, 1]);
    expect(segmentText('你'.repeat(70)).limit).toBe(70);
    expect(segmentText('你'.repeat(71)).limit).toBe(67);
  });

  it('makes every character of the text two octets, not only the foreign one', () => {
    expect(unitsOf(`你${'a'.repeat(70)}`)).toEqual([67, 4]);
  });

  it('counts an emoji as two and fills one segment with 35', () => {
    expect(unitsOf(emoji.repeat(35))).toEqual([70]);
    expect(unitsOf(emoji.repeat(36))).toEqual([66, 6]);
  });

  it('moves a surrogate pair whole that would end one unit too late', () => {
    expect(unitsOf(`${'你'.repeat(66)}${emoji}${'好'.repeat(10)}`)).toEqual([66, 12]);
    expect(unitsOf(`${'你'.repeat(65)}${emoji}${'好'.repeat(10)}`)).toEqual([67, 10]);
    expect(unitsOf(`${'你'.repeat(67)}${emoji}${'好'.repeat(10)}`)).toEqual([67, 12]);
  });

  it('carries lone surrogates as they stand, and cuts between them', () => {
    expect(unitsOf('\ud800')).toEqual([1]);
    expect(unitsOf('\ud800'.repeat(71))).toEqual([67, 4]);
    expect(unitsOf('\udc00'.repeat(71))).toEqual([67, 4]);
    // Of two high surrogates before a low one, only the second is half of a pair.
    expect(unitsOf(`${'你'.repeat(66)}\ud83d${emoji}好好`)).toEqual([67, 4]);
    expect(unitsOf(`${'你'.repeat(65)}\ud83d${emoji}好好好`)).toEqual([66, 5]);
  });

  it('carries the units of its own text', () => {
    const { segments } = segmentText(`${'你'.repeat(66)}${emoji}${'好'.repeat(10)}`);
    for (const segment of segments) expect(segment.payload).toEqual(encodeUcs2(segment.text));
  });
});

describe('most segments', () => {
  it('cuts 255', () => {
    expect(unitsOf('a'.repeat(255 * 153))).toHaveLength(255);
    expect(unitsOf('你'.repeat(255 * 67))).toHaveLength(255);
  });

  it('refuses more, but counts them', () => {
    const refusal = new RangeError('text needs more than 255 segments');
    for (const text of ['a'.repeat(255 * 153 + 1), '你'.repeat(255 * 67 + 1), '€'.repeat(255 * 76 + 1)]) {
      expect(() => segmentText(text)).toThrow(refusal);
      expect(countSegments(text)).toBe(256);
    }
  });
});
