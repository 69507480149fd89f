import { expect, test } from 'vitest';
import { bannedWordIn } from './banned-words.ts';

test.each([
  ['您好，欢迎。', null],
  ['Your code is {code}.', null],
  ['(tes t) tést ｔｅｓｔ', null],
  ['a【b', '【'],
  ['a】', '】'],
  ['甲、乙', '、'],
  ['[x', '['],
  ['x]', ']'],
  ['這是測試', '測試'],
  ['这是测试', '测试'],
  ['a test', 'test'],
  ['TeSt', 'TeSt'],
  ['the latest', 'test'],
  ['{latest}', 'test'],
  ['x] and [', ']'],
])('in %j: %j', (text, word) => {
  expect(bannedWordIn(text, false)).toBe(word);
});

test.each([
  ['the latest contest, attested', null],
  ['test_1 1test tests tésteé testé', null],
  ['Ünïtest', null],
  ['𝼀test', null],
  ['the latest TEST', 'TEST'],
  ['a test.', 'test'],
  ['这是test吗', 'test'],
  ['latest 测试', '测试'],
  ['latest、', '、'],
])('with test as a whole word, in %j: %j', (text, word) => {
  expect(bannedWordIn(text, true)).toBe(word);
});
