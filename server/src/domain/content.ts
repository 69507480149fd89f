import { countSegments, fitsGsm7 } from '@signet/text';
import type { Category } from './category.ts';
import { type Brackets, type Placement, readsFullWidth, signed } from './signature.ts';
import { type Parameters, type ParsedTemplate, parseTemplate, renderTemplate } from './template.ts';

/** What a plan sends: a template and a signature as they were when the plan was accepted. Never changes. */
export interface Content {
  id: number;
  /** The template it says; null for contents of an older version, which did not keep it. */
  templateId: number | null;
  templateText: string;
  /** Empty when placement is `none`. */
  signatureText: string;
  placement: Placement;
  brackets: Brackets;
  category: Category;
}

/** Segments one message may have: the number of a part is one octet (3GPP 23.040 §9.2.3.24.1). */
export const MAX_SEGMENTS = 255;

/** A content made ready for many recipients. */
export interface PreparedContent {
  content: Content;
  template: ParsedTemplate;
  /** Segments of the text when every recipient gets the same; null when they depend on the recipient. */
  fixedSegments: number | null;
  /** The text when every recipient gets the same. */
  fixedText: string | null;
}

export function prepareContent(content: Content): PreparedContent {
  const { templateText, signatureText, placement } = content;
  const template = parseTemplate(templateText);
  const fixed = template.names.length === 0 && (isAlwaysFullWidth(content) || !fitsGsm7(templateText + signatureText));
  if (!fixed) return { content, template, fixedSegments: null, fixedText: null };
  const fixedText = signed(templateText, signatureText, placement, true);
  return { content, template, fixedText, fixedSegments: countSegments(fixedText) };
}

/** The text as it goes on the air to one recipient. */
export function textOf(prepared: PreparedContent, parameters: Parameters | null, recipient: number): string {
  if (prepared.fixedText !== null) return prepared.fixedText;
  const { signatureText, placement } = prepared.content;
  const text = renderTemplate(prepared.template, parameters);
  // Full-width brackets would make a text of the GSM alphabet UCS-2: twice the segments for two characters.
  const fullWidth = formFor(prepared, recipient) === FULL_WIDTH || !fitsGsm7(text + signatureText);
  return signed(text, signatureText, placement, fullWidth);
}

/** Segments of the text as it goes on the air to one recipient. */
export function segmentsOf(prepared: PreparedContent, parameters: Parameters | null, recipient: number): number {
  return prepared.fixedSegments ?? countSegments(textOf(prepared, parameters, recipient));
}

/** Forms a text has: recipients with the same form and the same values get the same text. */
export const FORMS = 2;
const FULL_WIDTH = 0;
const FITTING = 1;

/** Which of the {@link FORMS} a recipient gets. */
export function formFor({ content }: PreparedContent, recipient: number): number {
  return isAlwaysFullWidth(content) || readsFullWidth(recipient) ? FULL_WIDTH : FITTING;
}

const isAlwaysFullWidth = ({ brackets, placement }: Content): boolean =>
  brackets === 'fullWidth' || placement === 'none';
