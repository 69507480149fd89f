import { describe, expect, test } from 'vitest';
import { Noes } from './noes.ts';

/** What is made of answers one after the other: `n` is a no, every other letter something else. */
function many(answers: string, noes = new Noes()): boolean {
  for (const answer of answers) {
    if (answer === 'n') noes.add();
    else noes.others(1);
  }
  return noes.many;
}

describe('noes of a carrier', () => {
  test('are many while nothing is known of it', () => {
    expect(many('n')).toBe(true);
    expect(many(`${'.'.repeat(10)}n`)).toBe(true);
    expect(many(`${'.'.repeat(20)}n`)).toBe(false);
  });

  test('are many where they stand close together, however few they are among all', () => {
    const known = '.'.repeat(2_000);
    expect(many(`${known}nnnnn`)).toBe(false);
    expect(many(`${known}nnnnnn`)).toBe(true);
    expect(many(`${known}n..n..n..n..n..n`)).toBe(true);
    expect(many(`${known}n...n...n...n...n...n`)).toBe(false);
  });

  test('are many where they are a large share, however far apart', () => {
    expect(many(`${'.'.repeat(99)}n`.repeat(50))).toBe(false);
    expect(many(`${'.'.repeat(32)}n`.repeat(50))).toBe(false);
    expect(many(`${'.'.repeat(9)}n`.repeat(50))).toBe(true);
  });

  test('that were heeded are past, but for those that come soon after', () => {
    const noes = new Noes();
    expect(many('n'.repeat(100), noes)).toBe(true);
    noes.heeded();
    expect(many('.n', noes)).toBe(true);
    noes.heeded();
    expect(many(`${'.'.repeat(30)}n`, noes)).toBe(false);
  });

  test('are counted the same whether the other answers come one by one or together', () => {
    const [one, together] = [new Noes(), new Noes()];
    for (const count of [1, 3, 15, 16, 17, 40]) {
      together.others(count);
      for (let i = 0; i < count; i++) one.others(1);
      for (const noes of [one, together]) noes.add();
      expect(together.many).toBe(one.many);
    }
  });
});
