import { bannedWordsIn } from 'signet/domain/banned-words';
import type { Schemas } from '../../api/schema.js';
import { type Preview, variablesOf } from '../../parts/phone/preview.ts';

export type WaitingTemplate = Schemas['TemplateInReview'];
export type WaitingSignature = Schemas['SignatureInReview'];

/** Something that was looked at before a reviewer looks. */
export interface Check {
  name:
    | 'banned'
    | 'signature'
    | 'length'
    | 'link'
    | 'number'
    | 'optOut'
    | 'variable'
    | 'description'
    | 'evidence'
    | 'textChanged';
  good: boolean;
  /** What was found, where there is something to say. */
  found: string;
}

const LINK = /(?:https?:\/\/|www\.)\S+|\b[\w-]+\.(?:com|cn|net|org|io|top|xyz|cc|info|ly)\b\S*/iu;
const NUMBER = /(?:\+?\d[\d -]{6,}\d)/;
/** How readers are told that they can have it stopped. */
const OPT_OUT = /退订|退訂|回\s*T|TD|STOP|unsubscribe|opt.?out/iu;
const LONG_SEGMENTS = 3;

/** What a template shows by itself: not a verdict, but where to look first. */
export function checksOfTemplate(
  { template, category, signature_id, description }: WaitingTemplate,
  preview: Preview,
): Check[] {
  const banned = bannedWordsIn(template, false).map(({ word }) => word);
  const variables = variablesOf(template);
  const checks: Check[] = [
    { name: 'banned', good: banned.length === 0, found: [...new Set(banned)].join(' ') },
    { name: 'signature', good: signature_id !== null, found: '' },
    { name: 'length', good: preview.segments <= LONG_SEGMENTS, found: String(preview.segments) },
    { name: 'link', good: !LINK.test(template), found: LINK.exec(template)?.[0] ?? '' },
    { name: 'number', good: !NUMBER.test(template), found: NUMBER.exec(template)?.[0] ?? '' },
    { name: 'description', good: description.trim() !== '', found: '' },
  ];
  if (category === 'marketing') checks.push({ name: 'optOut', good: OPT_OUT.test(template), found: '' });
  if (category === 'verification') checks.push({ name: 'variable', good: variables.length > 0, found: '' });
  return checks;
}

export function checksOfSignature({ signature, pics, approved }: WaitingSignature): Check[] {
  const checks: Check[] = [{ name: 'evidence', good: pics.length > 0, found: String(pics.length) }];
  if (approved !== null) {
    checks.push({ name: 'textChanged', good: approved.signature === signature, found: approved.signature });
  }
  return checks;
}
