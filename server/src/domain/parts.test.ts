import { describe, expect, test } from 'vitest';
import { inPart, learn, type PartAnswer, type PartState, paidCredits, verdictOf } from './parts.ts';

/** Parts by a letter each: accepted, unknown, missing. */
const known = (letters: string): PartState[] =>
  [...letters].map((letter, i) => {
    if (letter === 'a') return { kind: 'accepted', carrierId: `id-${i}` };
    return { kind: letter === 'u' ? 'unknown' : 'missing' };
  });
/** Answers by a letter each: accepted, unknown, (b) of a broken link, not sent, refused: later, elsewhere or (x) never. */
const answers = (letters: string): PartAnswer[] =>
  [...letters].map((letter, i): PartAnswer => {
    if (letter === 'a') return { kind: 'accepted', carrierId: `new-${i}` };
    if (letter === 'u' || letter === 'b') return { kind: 'unknown', error: 'lost', linkLost: letter === 'b' };
    if (letter === 'n') return { kind: 'notSent' };
    const retry = letter === 'l' ? 'later' : letter === 'e' ? 'elsewhere' : 'never';
    return { kind: 'refused', retry, error: retry };
  });
const letters = (parts: readonly PartState[]): string => parts.map(({ kind }) => kind[0]).join('');

describe('what is known of the parts of a text', () => {
  test.each([
    ['mmm', 'aln', 'amm'],
    ['mmm', 'uax', 'uam'],
    ['amm', 'nua', 'aua'],
    // What may have arrived once may still have, whatever a later try is answered.
    ['auu', 'nlx', 'auu'],
    ['auu', 'nan', 'aau'],
    // What was accepted stays so.
    ['aaa', 'uln', 'aaa'],
  ])('%s and the answer %s are %s', (before, answer, after) => {
    expect(letters(learn(known(before), answers(answer)))).toBe(after);
  });

  test('keeps the first id of a part that a carrier accepted twice', () => {
    expect(learn(known('am'), answers('aa'))).toEqual([
      { kind: 'accepted', carrierId: 'id-0' },
      { kind: 'accepted', carrierId: 'new-1' },
    ]);
  });
});

describe('the message', () => {
  test.each([
    ['aaa', 'nna', { kind: 'accepted' }],
    ['amm', 'alx', { kind: 'end', state: 'refused', error: 'never' }],
    ['amm', 'ael', { kind: 'end', state: 'failed', error: 'elsewhere' }],
    // No part will come that makes the text whole, so nothing is left to find out.
    ['aum', 'aux', { kind: 'end', state: 'refused', error: 'never' }],
    ['aum', 'aul', { kind: 'uncertain', error: 'lost', linkLost: false }],
    ['aum', 'aun', { kind: 'uncertain', error: 'lost', linkLost: false }],
    ['auu', 'aub', { kind: 'uncertain', error: 'lost', linkLost: false }],
    ['auu', 'abb', { kind: 'uncertain', error: 'lost', linkLost: true }],
    // Unknown from before, and refused now.
    ['aum', 'nln', { kind: 'again', later: true, error: 'later' }],
    ['amm', 'aln', { kind: 'again', later: true, error: 'later' }],
    ['amm', 'ann', { kind: 'again', later: false, error: '' }],
  ])('of which %s are known after %s', (after, answer, verdict) => {
    expect(verdictOf(known(after), answers(answer))).toEqual(verdict);
  });

  test('costs what the carrier has and may have of it', () => {
    expect(paidCredits(known('aum'), 6)).toBe(4);
    expect(paidCredits(known('mmm'), 6)).toBe(0);
    expect(paidCredits(known('aaa'), 6)).toBe(6);
    expect(paidCredits(known('amm'), 7)).toBe(2);
  });

  test('says how much of it is where', () => {
    expect(inPart(known('aam'), 'ESME_RINVDSTADR')).toBe('ESME_RINVDSTADR (accepted: 2 of 3 parts)');
    expect(inPart(known('aum'), '')).toBe('accepted: 1 of 3 parts, unknown: 1');
  });
});
