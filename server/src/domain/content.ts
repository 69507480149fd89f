import { countSegments } from '@signet/text';
import type { Category } from './category.ts';
import { type Placement, signed } from './signature.ts';
import { type Parameters, type ParsedTemplate, parseTemplate, renderTemplate } from './template.ts';

/** What a plan sends: a template and a signature as they were when the plan was accepted. Never changes. */
export interface Content {
  id: number;
  templateText: string;
  /** Empty when placement is `none`. */
  signatureText: string;
  placement: Placement;
  category: Category;
}

/** A content made ready for many recipients. */
export interface PreparedContent {
  content: Content;
  template: ParsedTemplate;
  /** Segments of the text when it has no variables; null when they depend on the recipient. */
  fixedSegments: number | null;
  /** The text when it has no variables. */
  fixedText: string | null;
}

export function prepareContent(content: Content): PreparedContent {
  const template = parseTemplate(content.templateText);
  if (template.names.length > 0) return { content, template, fixedSegments: null, fixedText: null };
  const fixedText = signed(content.templateText, content.signatureText, content.placement);
  return { content, template, fixedText, fixedSegments: countSegments(fixedText) };
}

/** The text as it goes on the air to one recipient. */
export function textOf(prepared: PreparedContent, parameters: Parameters | null): string {
  if (prepared.fixedText !== null) return prepared.fixedText;
  const { signatureText, placement } = prepared.content;
  return signed(renderTemplate(prepared.template, parameters), signatureText, placement);
}

/** Segments of the text as it goes on the air to one recipient. */
export function segmentsOf(prepared: PreparedContent, parameters: Parameters | null): number {
  return prepared.fixedSegments ?? countSegments(textOf(prepared, parameters));
}
