/** Words by which people stop a business's marketing, unless it has words of its own. In China: T, TD, R and 退订. */
export const OPT_OUT_WORDS: readonly string[] = [
  'T',
  'TD',
  'R',
  '退订',
  '退訂',
  '取消订阅',
  '取消訂閱',
  '拒收',
  'STOP',
  'STOPALL',
  'STOP ALL',
  'UNSUBSCRIBE',
  'UNSUB',
  'CANCEL',
  'END',
  'QUIT',
  'OPTOUT',
  'OPT OUT',
  'OPT-OUT',
  'REVOKE',
];

/** Words by which they have it again. */
export const OPT_IN_WORDS: readonly string[] = [
  'START',
  'UNSTOP',
  'SUBSCRIBE',
  'OPTIN',
  'OPT IN',
  'OPT-IN',
  '订阅',
  '訂閱',
  '恢复订阅',
  '恢復訂閱',
];

/** Words a business may set in place of each list, and how long they may be. */
export const MAX_WORDS = 50;
export const WORD_MAX_LENGTH = 40;

const AROUND = /^[\s\p{P}\p{S}]+|[\s\p{P}\p{S}]+$/gu;

/**
 * A text as words are compared: full-width forms as their plain ones (NFKC), capitals, single spaces inside, and nothing
 * around it that is white space, punctuation or a symbol: "stop!" and 「ｔｄ」 are STOP and TD.
 */
export const folded = (text: string): string =>
  text.normalize('NFKC').toUpperCase().replace(AROUND, '').replace(/\s+/g, ' ');

/** The first word of a text, folded; empty when there is none. */
export const firstWord = (text: string): string => folded(folded(text).split(' ', 1)[0] ?? '');

/** The words of a business; null in place of a list: the usual ones. */
export interface OptWords {
  optOut: readonly string[] | null;
  optIn: readonly string[] | null;
}

/** What a whole text says about marketing; null: nothing. */
export function readOptWord(text: string, words: OptWords | null): 'opt-out' | 'opt-in' | null {
  const word = folded(text);
  if (word === '') return null;
  if ((words?.optOut ?? OPT_OUT_WORDS).some((each) => folded(each) === word)) return 'opt-out';
  if ((words?.optIn ?? OPT_IN_WORDS).some((each) => folded(each) === word)) return 'opt-in';
  return null;
}
