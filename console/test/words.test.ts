import { expect, test } from 'vitest';
import { SETTINGS } from '../../server/src/config/env.ts';
import { PROBLEM_CODES } from '../../server/src/http/native/errors.ts';
import { meanings as settingsZhCN } from '../src/routes/settings/meanings/zh-CN.ts';
import { meanings as settingsZhTW } from '../src/routes/settings/meanings/zh-TW.ts';
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

test.each([
  ['简体中文', settingsZhCN],
  ['繁體中文', settingsZhTW],
])('whatever the environment can say to a server is explained in %s', (_name, meanings) => {
  const names = SETTINGS.filter(({ part }) => part === 'server').map(({ name }) => name);
  expect(Object.keys(meanings).sort()).toEqual(names.sort());
  for (const name of names) expect(meanings[name], name).toMatch(/\p{Script=Han}/u);
});
