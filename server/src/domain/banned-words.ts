/**
 * What the content of a template may not hold when it is made through the EngageLab dialect: our own brackets and what
 * carriers take for a trial. `test` counts in any case of ASCII letters.
 */
const BANNED = /[【】、[\]]|測試|测试|[tT][eE][sS][tT]/g;

/** A letter, digit or `_` of a script in which words are set apart: with one beside it, `test` is part of a word. */
const PART_OF_WORD = /[\p{Script=Latin}\p{M}\p{Nd}_]/u;

/** A banned word as it stands in a text. */
export interface BannedWord {
  /** Where it begins, in UTF-16 units. */
  index: number;
  word: string;
}

/**
 * The banned words of a text, in their order.
 * @param testAsWord whether `test` counts only as a whole word, so that "latest" passes
 */
export function bannedWordsIn(text: string, testAsWord: boolean): BannedWord[] {
  const found: BannedWord[] = [];
  for (const match of text.matchAll(BANNED)) {
    const [word] = match;
    if (testAsWord && word.toLowerCase() === 'test' && isInsideWord(text, match.index, word.length)) continue;
    found.push({ index: match.index, word });
  }
  return found;
}

/** The first banned word of a text as it stands there; null when there is none. */
export const bannedWordIn = (text: string, testAsWord: boolean): string | null =>
  bannedWordsIn(text, testAsWord)[0]?.word ?? null;

function isInsideWord(text: string, start: number, length: number): boolean {
  // By code point: a letter may be half of a surrogate pair.
  const before = [...text.slice(Math.max(0, start - 2), start)].at(-1) ?? '';
  const [after = ''] = text.slice(start + length, start + length + 2);
  return PART_OF_WORD.test(before) || PART_OF_WORD.test(after);
}
