import { describe, expect, it } from 'vitest';
import { firstWord, folded, OPT_IN_WORDS, OPT_OUT_WORDS, readOptWord } from './words.ts';

describe('a word of opting out', () => {
  it.each([
    ...OPT_OUT_WORDS,
    't',
    ' Stop ',
    'STOP.',
    '“stop!”',
    'ＴＤ',
    'ｔｄ。',
    '退订！',
    'stop  all',
    '【退订】',
    '\u3000退訂\n',
  ])('is %j', (text) => {
    expect(readOptWord(text, null)).toBe('opt-out');
  });

  it.each([...OPT_IN_WORDS, 'start', 'ＳＴＡＲＴ', '订阅。'])('%j takes it back', (text) => {
    expect(readOptWord(text, null)).toBe('opt-in');
  });

  it.each(['', '  ', '。', 'please stop', 'STOPP', 'T恤', '不退订', 'yes', 'restart'])('is not %j', (text) => {
    expect(readOptWord(text, null)).toBe(null);
  });

  it('is what the business says, where it says something', () => {
    const words = { optOut: ['nein danke'], optIn: null };
    expect(readOptWord('Nein  Danke!', words)).toBe('opt-out');
    expect(readOptWord('STOP', words)).toBe(null);
    expect(readOptWord('start', words)).toBe('opt-in');
    expect(readOptWord('start', { optOut: null, optIn: [] })).toBe(null);
    expect(readOptWord('stop', { optOut: null, optIn: [] })).toBe('opt-out');
  });

  it('that stands in both lists opts out', () => {
    expect(readOptWord('T', { optOut: null, optIn: ['T'] })).toBe('opt-out');
  });
});

describe('folding', () => {
  it('is done once: what is folded stays as it is', () => {
    for (const text of ['ｔｄ。', ' a  b ', '“Ｘ”', 'ﬁ', '…x…', '１２３'])
      expect(folded(folded(text))).toBe(folded(text));
  });

  it('finds the first word', () => {
    expect(firstWord(' join: me ')).toBe('JOIN');
    expect(firstWord('ＪＯＩＮ　now')).toBe('JOIN');
    expect(firstWord('查询 余额')).toBe('查询');
    expect(firstWord('!')).toBe('');
  });
});
