import { describe, expect, test } from 'vitest';
import { diffOf } from './diff.ts';

const told = (before: string, after: string) =>
  diffOf(before, after)
    .map(({ kind, text }) => (kind === 'same' ? text : kind === 'added' ? `+${text}+` : `-${text}-`))
    .join('');

describe('a diff', () => {
  test('marks words, and characters where there are no words', () => {
    expect(told('Your order is here', 'Your parcel is here')).toBe('Your -order-+parcel+ is here');
    expect(told('您的验证码是 {code}', '您的动态码是 {code}')).toBe('您的-验证-+动态+码是 {code}');
  });

  test('takes a variable as one', () => {
    expect(told('Code {code}', 'Code {number}')).toBe('Code -{code}-+{number}+');
  });

  test.each([
    ['', ''],
    ['', 'new'],
    ['old', ''],
    ['same', 'same'],
    ['a b c', 'c b a'],
  ])('of %j and %j gives both back', (before, after) => {
    const pieces = diffOf(before, after);
    const of = (...kinds: string[]) => pieces.filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text);
    expect(of('same', 'removed').join('')).toBe(before);
    expect(of('same', 'added').join('')).toBe(after);
  });
});
