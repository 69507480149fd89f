import { expect, it } from 'vitest';
import { fitsGsm7, type SegmentOptions } from './choice.ts';
import { segmentText } from './segment.ts';

it.each([
  ['', true],
  ['Your code is 482913.', true],
  ['{[€]}', true],
  ['ç', false],
  ['验证码', false],
  ['😀', false],
])('%j fits the GSM 7 bit default alphabet: %s', (text, fits) => {
  expect(fitsGsm7(text)).toBe(fits);
  expect(segmentText(text).encoding === 'gsm7').toBe(fits);
});

it('counts the national tables a carrier allows', () => {
  expect(fitsGsm7('Şifreniz')).toBe(false);
  expect(fitsGsm7('Şifreniz', { national: ['turkish'] })).toBe(true);
});

it('counts the locking shift tables a carrier allows', () => {
  expect(fitsGsm7('Şifreniz', { locking: ['turkish'] })).toBe(true);
  expect(fitsGsm7('Şifreniz', { locking: ['portuguese'] })).toBe(false);
});

it('is false where a carrier has no GSM 7 bit', () => {
  expect(fitsGsm7('Your code', { alphabets: ['latin1'] })).toBe(false);
});

const everything: SegmentOptions = {
  alphabets: ['gsm7', 'latin1'],
  national: ['turkish', 'spanish', 'portuguese'],
  locking: ['turkish', 'portuguese'],
};

it.each<
  [
    what: string,
    text: string,
    options: SegmentOptions,
    chosen: [string, string | null, string | null],
    segments: number,
  ]
>([
  ['the default alphabet when nothing is better', 'Your code', everything, ['gsm7', null, null], 1],
  ['single shift before locking shift between equals', 'Şifreniz', everything, ['gsm7', 'turkish', null], 1],
  ['locking shift where it saves a segment', 'ş'.repeat(155), everything, ['gsm7', null, 'turkish'], 1],
  ['single shift where both take as many', 'ş'.repeat(77), everything, ['gsm7', 'turkish', null], 1],
  ['locking shift rather than many escapes', '€'.repeat(100), everything, ['gsm7', null, 'turkish'], 1],
  ['both where only they hold the text', `${'ş'.repeat(100)}Á`, everything, ['gsm7', 'spanish', 'turkish'], 1],
  ['ISO 8859-1 where only it holds the text', '½', everything, ['latin1', null, null], 1],
  ['ISO 8859-1 where it saves a segment', 'À'.repeat(140), { ...everything, locking: [] }, ['latin1', null, null], 1],
  ['ISO 8859-1 where it is preferred', 'hello', { alphabets: ['latin1', 'gsm7'] }, ['latin1', null, null], 1],
  [
    'GSM 7 bit where the preferred takes more',
    'a'.repeat(160),
    { alphabets: ['latin1', 'gsm7'] },
    ['gsm7', null, null],
    1,
  ],
  ['UCS-2 when nothing holds the text', 'ş½', everything, ['ucs2', null, null], 1],
  ['UCS-2 when it alone is allowed', 'hello', { alphabets: [] }, ['ucs2', null, null], 1],
  ['no table without GSM 7 bit', 'ş', { ...everything, alphabets: ['latin1'] }, ['ucs2', null, null], 1],
])('takes %s', (_what, text, options, [encoding, national, locking], segments) => {
  const cut = segmentText(text, options);
  expect([cut.encoding, cut.national, cut.locking]).toEqual([encoding, national, locking]);
  expect(cut.segments).toHaveLength(segments);
});
