import { segmentText } from '@signet/text';
import { bannedWordsIn } from './banned-words.ts';
import { prepareContent, textOf } from './content.ts';
import type { Signature } from './signature.ts';
import { parseTemplate, type Template } from './template.ts';

/** What is looked at before a reviewer looks: of every template, of some categories, and of signatures. */
export const TEMPLATE_CHECKS = [
  'banned',
  'signature',
  'length',
  'link',
  'number',
  'description',
  'optOut',
  'variable',
] as const;
export const SIGNATURE_CHECKS = ['evidence', 'textChanged'] as const;

export type TemplateCheck = (typeof TEMPLATE_CHECKS)[number];
export type SignatureCheck = (typeof SIGNATURE_CHECKS)[number];

/** What was found. Not a verdict: where to look first. */
export interface PreCheck<Name extends string> {
  name: Name;
  good: boolean;
  /** The words, the link, the count it is about; empty where there is nothing to say. */
  found: string;
}

const LINK = /(?:https?:\/\/|www\.)\S+|\b[\w-]+\.(?:com|cn|net|org|io|top|xyz|cc|info|ly)\b\S*/iu;
const NUMBER = /\+?\d[\d -]{6,}\d/;
/** How readers are told that they can have it stopped. */
const OPT_OUT = /退订|退訂|拒收|回\s*T|TD|STOP|unsubscribe|opt.?out/iu;
const LONG_SEGMENTS = 3;
/** A test number in China, where signatures stand in the wider brackets. */
const READER = 8_613_800_138_000;

type CheckedTemplate = Pick<Template, 'text' | 'category' | 'description' | 'placement'>;

/** @param signature the text of the signature it is sent with; null: none */
export function checksOfTemplate(template: CheckedTemplate, signature: string | null): PreCheck<TemplateCheck>[] {
  const { text, category, description } = template;
  const banned = new Set(bannedWordsIn(text, false).map(({ word }) => word));
  const segments = segmentsBeforeValues(template, signature);
  const link = LINK.exec(text)?.[0] ?? '';
  const number = NUMBER.exec(text)?.[0] ?? '';
  const checks: PreCheck<TemplateCheck>[] = [
    { name: 'banned', good: banned.size === 0, found: [...banned].join(' ') },
    { name: 'signature', good: signature !== null, found: '' },
    { name: 'length', good: segments <= LONG_SEGMENTS, found: String(segments) },
    { name: 'link', good: link === '', found: link },
    { name: 'number', good: number === '', found: number },
    { name: 'description', good: description.trim() !== '', found: '' },
  ];
  if (category === 'marketing') checks.push({ name: 'optOut', good: OPT_OUT.test(text), found: '' });
  if (category === 'verification') {
    checks.push({ name: 'variable', good: parseTemplate(text).names.length > 0, found: '' });
  }
  return checks;
}

/** @param before its text when it was approved last; null: it never was */
export function checksOfSignature(
  { text, pics }: Pick<Signature, 'text' | 'pics'>,
  before: string | null,
): PreCheck<SignatureCheck>[] {
  const checks: PreCheck<SignatureCheck>[] = [{ name: 'evidence', good: pics.length > 0, found: String(pics.length) }];
  if (before !== null)
    checks.push({ name: 'textChanged', good: before === text, found: before === text ? '' : before });
  return checks;
}

function segmentsBeforeValues({ text, placement, category }: CheckedTemplate, signature: string | null): number {
  const prepared = prepareContent({
    id: 0,
    templateId: null,
    templateText: text,
    signatureText: signature ?? '',
    placement: signature === null ? 'none' : placement,
    brackets: 'fitting',
    category,
  });
  return segmentText(textOf(prepared, null, READER)).segments.length;
}
