import { segmentText } from '@signet/text';
import { bannedWordsIn } from 'signet/domain/banned-words';
import { type Content, prepareContent, textOf } from 'signet/domain/content';
import { type Parameters, parseTemplate } from 'signet/domain/template';

/** What a text is made of. */
export interface Composed {
  template: string;
  /** Null: without one. */
  signature: string | null;
  placement: Content['placement'];
  category: Content['category'];
  /** Values by variable; a variable without one stays as it is written. */
  values: Parameters;
  /** Digits of the number it would go to: signatures are written otherwise in China. */
  recipient: number;
}

/** A text as it would go on the air, and what it would take. */
export interface Preview {
  text: string;
  segments: number;
  /** Whether a character of it needs the alphabet in which a segment holds 70 instead of 160. */
  wide: boolean;
  /** Units in its last segment that are still free. */
  free: number;
}

/** A test number in China, for which texts are shown. */
export const CHINESE_NUMBER = 8_613_800_138_000;

/** What the server would send, made by the same code. */
export function previewOf(composed: Composed): Preview {
  const prepared = prepareContent({
    id: 0,
    templateId: null,
    templateText: composed.template,
    signatureText: composed.signature ?? '',
    placement: composed.signature === null ? 'none' : composed.placement,
    brackets: 'fitting',
    category: composed.category,
  });
  const text = textOf(prepared, composed.values, composed.recipient);
  const cut = segmentText(text);
  return {
    text,
    segments: cut.segments.length,
    wide: cut.encoding === 'ucs2',
    free: cut.limit - (cut.segments.at(-1)?.units ?? 0),
  };
}

/** Names of the variables of a text, each once. */
export const variablesOf = (template: string): string[] => [...new Set(parseTemplate(template).names)];

/** A piece of a text, and what it is. */
export interface Piece {
  text: string;
  kind: 'plain' | 'variable' | 'banned';
}

/** A template's text in pieces: its variables, what may not stand in it, and the rest. Joined they are the text. */
export function piecesOf(template: string): Piece[] {
  const pieces: Piece[] = [];
  const { literals, written } = parseTemplate(template);
  for (const [i, literal] of literals.entries()) {
    let from = 0;
    for (const { index, word } of bannedWordsIn(literal, false)) {
      if (index > from) pieces.push({ text: literal.slice(from, index), kind: 'plain' });
      pieces.push({ text: word, kind: 'banned' });
      from = index + word.length;
    }
    if (from < literal.length) pieces.push({ text: literal.slice(from), kind: 'plain' });
    const variable = written[i];
    if (variable === undefined) continue;
    pieces.push({ text: variable, kind: bannedWordsIn(variable, false).length > 0 ? 'banned' : 'variable' });
  }
  return pieces;
}
