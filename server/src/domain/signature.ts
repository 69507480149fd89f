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

const BRACKETS = /[【】[\]]/;

/** Throws unless `text` can stand between brackets on the air. */
export function checkSignatureText(text: string): void {
  const length = codePoints(text);
  if (text.trim() === '' || length > SIGNATURE_MAX_LENGTH) {
    throw new Refused({ code: 'invalidField', field: 'signature', rule: `1 to ${SIGNATURE_MAX_LENGTH} characters` });
  }
  if (BRACKETS.test(text)) {
    throw new Refused({ code: 'invalidField', field: 'signature', rule: 'must not contain 【 】 [ ]' });
  }
}

/** The text with its signature, in full-width brackets (docs/dialects/tsms.md, "On the air"). */
export function signed(text: string, signature: string, placement: Placement): string {
  if (placement === 'none') return text;
  return placement === 'prefix' ? `【${signature}】${text}` : `${text}【${signature}】`;
}
