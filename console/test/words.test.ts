import { expect, test } from 'vitest';
import { PROBLEM_CODES } from '../../server/src/http/native/errors.ts';
import { problems as en } from '../src/words/en/problems.ts';
import { problems as zhCN } from '../src/words/zh-CN/problems.ts';
import { problems as zhTW } from '../src/words/zh-TW/problems.ts';

const LANGUAGES: [name: string, say: Record<string, string>, script: RegExp][] = [
  ['English', en.say, /[a-z]{3}/],
  ['简体中文', zhCN.say, /\p{Script=Han}/u],
  ['繁體中文', zhTW.say, /\p{Script=Han}/u],
];

test.each(LANGUAGES)('whatever the API says no with is said in %s', (_name, say, script) => {
  // What the console itself meets on the way there.
  const codes = [...PROBLEM_CODES, 'serverAway', 'answerUnreadable'].sort();
  expect(Object.keys(say).sort()).toEqual(codes);
  for (const code of codes) expect(say[code], code).toMatch(script);
});
