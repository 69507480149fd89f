import { Refused } from './refusals.ts';
import type { ReviewState } from './review.ts';
import { codePoints } from './template.ts';

/** Who a text comes from, as reviewed (签名). Its text has no brackets; they are put on the air by {@link signed}. */
export interface Signature {
  id: number;
  businessId: number;
  text: string;
  source: string;
  pics: string[];
  review: ReviewState;
  rejectReason: string;
  /** Rises with each edit. */
  version: number;
  createdAt: number;
  updatedAt: number;
}

/** What is kept of one that was approved. */
export type ApprovedSignature = Pick<Signature, 'text' | 'source' | 'pics'>;

/** Where the signature stands in the text. */
export const PLACEMENTS = ['none', 'prefix', 'suffix'] as const;
export type Placement = (typeof PLACEMENTS)[number];

export const placementCode = (placement: Placement): number => PLACEMENTS.indexOf(placement);

export function placementOfCode(code: number): Placement {
  const placement = PLACEMENTS[code];
  if (placement === undefined) throw new Error(`no placement has code ${code}`);
  return placement;
}

export const SIGNATURE_MAX_LENGTH = 60;
export const SOURCE_MAX_LENGTH = 255;
export const PICS_MAX_COUNT = 10;
export const PIC_MAX_LENGTH = 2_000;
export const REASON_MAX_LENGTH = 2_000;

/** The first bracket in a text that could end a signature early; null when there is none. */
export const bracketIn = (text: string): string | null => /[【】[\]]/.exec(text)?.[0] ?? null;

/** Throws unless `text` can stand between brackets on the air. */
export function checkSignatureText(text: string): void {
  const length = codePoints(text);
  if (text.trim() === '' || length > SIGNATURE_MAX_LENGTH) {
    throw new Refused({ code: 'invalidField', field: 'signature', rule: `1 to ${SIGNATURE_MAX_LENGTH} characters` });
  }
  if (bracketIn(text) !== null) {
    throw new Refused({ code: 'invalidField', field: 'signature', rule: 'must not contain 【 】 [ ]' });
  }
}

/**
 * What a signature stands in on the air. The position is the stored code: append, never reorder.
 * - `fullWidth`: 【】 always (docs/dialects/tsms.md).
 * - `fitting`: 【】 where it costs nothing or is what readers know, else [ ] (docs/dialects/engagelab.md).
 */
export const BRACKETS = ['fullWidth', 'fitting'] as const;
export type Brackets = (typeof BRACKETS)[number];

export const bracketsCode = (brackets: Brackets): number => BRACKETS.indexOf(brackets);

export function bracketsOfCode(code: number): Brackets {
  const brackets = BRACKETS[code];
  if (brackets === undefined) throw new Error(`no brackets have code ${code}`);
  return brackets;
}

/** Whether readers of this number know signatures in full-width brackets: +86, +852, +853 and +886. */
export function readsFullWidth(recipient: number): boolean {
  let head = recipient;
  while (head >= 1_000) head = Math.floor(head / 10);
  return head === 852 || head === 853 || head === 886 || Math.floor(head / 10) === 86;
}

/** The text with its signature in brackets. */
export function signed(text: string, signature: string, placement: Placement, fullWidth: boolean): string {
  if (placement === 'none') return text;
  const bracketed = fullWidth ? `【${signature}】` : `[${signature}]`;
  return placement === 'prefix' ? bracketed + text : text + bracketed;
}
