import { isUtf8 } from 'node:buffer';

/** A JSON text read without mercy: its value, or what is wrong with it. */
export type StrictJson = { ok: true; value: unknown } | { ok: false; why: 'notJson' | 'hostile' };

/** Containers inside containers; more than any request needs and few enough for every recursive reader after us. */
export const MAX_NESTING = 64;

const NOT_JSON: StrictJson = { ok: false, why: 'notJson' };
const HOSTILE: StrictJson = { ok: false, why: 'hostile' };

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads a body as JSON (RFC 8259; UTF-8 without a byte order mark).
 * - `notJson`: not UTF-8, or not a JSON text; also the empty body.
 * - `hostile`: JSON that is likelier an attack than a request: a key `__proto__` or `constructor`, nesting over
 *   {@link MAX_NESTING}, NUL or a lone surrogate in any string, however they are written.
 *
 * A repeated key keeps its last value. Numbers too large for a double become Infinity: ill-typed, wherever they stand.
 */
export function parseStrictJson(body: Buffer): StrictJson {
  if (!isUtf8(body)) return NOT_JSON;
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
  return isHostile(text) ? HOSTILE : { ok: true, value };
}

/**
 * Looks over the text and not over the value, because a repeated key would hide what its first value held. The text is
 * known to be JSON, and whatever is bad in a string can only have been written with a backslash: raw NUL is no JSON and
 * raw surrogates are no UTF-8.
 */
function isHostile(text: string): boolean {
  let depth = 0;
  let nextEscape = text.indexOf('\\');
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case QUOTE: {
        let end = text.indexOf('"', i + 1);
        if (nextEscape === -1 || nextEscape > end) {
          const length = end - i - 1;
          if ((length === 9 || length === 11) && isForbiddenKey(text.slice(i + 1, end)) && isKey(text, end))
            return true;
        } else {
          end = endOfString(text, i);
          const content: string = JSON.parse(text.slice(i, end + 1));
          if (content.includes('\0') || LONE_SURROGATE.test(content)) return true;
          if (isForbiddenKey(content) && isKey(text, end)) return true;
          nextEscape = text.indexOf('\\', end);
        }
        i = end;
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++depth > MAX_NESTING) return true;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        depth--;
        break;
    }
  }
  return false;
}

// With the u flag a pair is one character, so that only halves match.
const LONE_SURROGATE = /\p{Surrogate}/u;

const isForbiddenKey = (text: string): boolean => text === '__proto__' || text === 'constructor';

/** Where the string that starts at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  for (;;) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) return i;
    i += unit === BACKSLASH ? 2 : 1;
  }
}

/** Whether the string that ends at `end` names a member. */
function isKey(text: string, end: number): boolean {
  let i = end + 1;
  // Between a string and what follows JSON has only white space, all of it up to U+0020.
  while (text.charCodeAt(i) <= 0x20) i++;
  return text.charCodeAt(i) === COLON;
}
