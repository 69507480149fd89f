import type { Category } from './category.ts';
import type { ReviewState } from './review.ts';
import type { Placement } from './signature.ts';

/** A reviewed text with variables (模版). */
export interface Template {
  id: number;
  businessId: number;
  /** The signature it is sent with; null for a template without one. */
  signatureId: number | null;
  placement: Placement;
  name: string;
  text: string;
  category: Category;
  description: string;
  /** ISO 3166-1 alpha-2 codes, comma-separated: they describe, they do not restrict. */
  countryCodes: string;
  review: ReviewState;
  rejectReason: string;
  /** Rises with each edit. */
  version: number;
  createdAt: number;
  updatedAt: number;
}

/** What is kept of one that was approved. */
export type ApprovedTemplate = Pick<
  Template,
  'name' | 'text' | 'category' | 'signatureId' | 'placement' | 'description'
>;

export const TEMPLATE_NAME_MAX_LENGTH = 255;
export const TEMPLATE_TEXT_MAX_LENGTH = 2_000;
export const DESCRIPTION_MAX_LENGTH = 2_000;

/** Length in code points, the unit of every length rule. */
export function codePoints(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(i + 1);
      if (next >= 0xdc00 && next < 0xe000) {
        count--;
        i++;
      }
    }
  }
  return count;
}

/** A value for a variable; objects and arrays are none. */
export type ParameterValue = string | number | boolean;
/** Values by variable name; null counts as no value. */
export type Parameters = Record<string, ParameterValue | null>;

/** A parsed template: literal texts and variable names in turn, starting and ending with a literal. */
export interface ParsedTemplate {
  literals: string[];
  names: string[];
  /** Each variable as it is written, for texts that send it literally. */
  written: string[];
}

// {{name}} before {name}, so that the doubled form is not read as a brace around the single one.
const VARIABLE = /\{\{ *([\p{L}\p{Nd}_]{1,32}) *\}\}|\{ *([\p{L}\p{Nd}_]{1,32}) *\}/gu;

/** Finds `{name}` and `{{name}}`; braces that fit neither are plain text. */
export function parseTemplate(text: string): ParsedTemplate {
  const parsed: ParsedTemplate = { literals: [], names: [], written: [] };
  let from = 0;
  for (const match of text.matchAll(VARIABLE)) {
    parsed.literals.push(text.slice(from, match.index));
    parsed.names.push((match[1] ?? match[2])!);
    parsed.written.push(match[0]);
    from = match.index + match[0].length;
  }
  parsed.literals.push(text.slice(from));
  return parsed;
}

/** The first variable that has no value in `parameters`, or null when all have one. */
export function missingVariable(template: ParsedTemplate, parameters: Parameters | null): string | null {
  for (const name of template.names) {
    if (valueFor(parameters, name) === null) return name;
  }
  return null;
}

/** The text with values in place. Values are not searched again; a variable without a value stays as written. */
export function renderTemplate(template: ParsedTemplate, parameters: Parameters | null): string {
  let text = template.literals[0]!;
  for (let i = 0; i < template.names.length; i++) {
    const value = valueFor(parameters, template.names[i]!);
    text += (value === null ? template.written[i]! : String(value)) + template.literals[i + 1]!;
  }
  return text;
}

/** Of these values, those the template has a variable for. */
export function namedValues(template: ParsedTemplate, parameters: Parameters): Parameters {
  const named: [string, ParameterValue][] = [];
  for (const name of template.names) {
    const value = valueFor(parameters, name);
    if (value !== null) named.push([name, value]);
  }
  // Assigning to `__proto__`, which is a name like any other, would set no value.
  return Object.fromEntries(named);
}

function valueFor(parameters: Parameters | null, name: string): ParameterValue | null {
  if (parameters === null || !Object.hasOwn(parameters, name)) return null;
  return parameters[name] ?? null;
}
