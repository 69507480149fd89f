import Type, { type Static } from 'typebox';
import { CATEGORIES } from '../../domain/category.ts';
import { checksOfSignature, checksOfTemplate, SIGNATURE_CHECKS, TEMPLATE_CHECKS } from '../../domain/pre-check.ts';
import type { ApprovedVersion } from '../../domain/review.ts';
import { type ApprovedSignature, PLACEMENTS } from '../../domain/signature.ts';
import type { ApprovedTemplate } from '../../domain/template.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { closed, Id, NextCursor, orNull, pageQuery, Time, word } from './fields.ts';
import { cursorText, limitOf, placeOf } from './list.ts';
import { signatureFields, signatureView } from './signatures.ts';
import { templateFields, templateView } from './templates.ts';

const user = Type.String({ description: 'the user name of the business it belongs to' });

const checks = <Name extends string>(names: readonly Name[], title: string) =>
  Type.Array(
    closed(
      {
        name: word(names),
        good: Type.Boolean({ description: 'false: look here first' }),
        found: Type.String({ description: 'the words, the link, the count it is about; may be empty' }),
      },
      { title },
    ),
    { description: 'what was looked at already; no verdict' },
  );

const approvedFields = { version: Type.Integer({ minimum: 1 }), at: Time };
const LastSignature = closed(
  { ...approvedFields, signature: Type.String(), source: Type.String(), pics: Type.Array(Type.String()) },
  { title: 'ApprovedSignature' },
);
const LastTemplate = closed(
  {
    ...approvedFields,
    name: Type.String(),
    template: Type.String(),
    category: word(CATEGORIES),
    signature_id: orNull(Id),
    placement: word(PLACEMENTS),
    description: Type.String(),
  },
  { title: 'ApprovedTemplate' },
);
const approvedSignature = Type.Union([LastSignature, Type.Null()], {
  description: 'what it was when it was approved last; null: it never was',
});
const approvedTemplate = Type.Union([LastTemplate, Type.Null()], {
  description: 'what it was when it was approved last; null: it never was',
});

function lastSignature(kept: ApprovedVersion | null): Static<typeof approvedSignature> {
  if (kept === null) return null;
  const { text, source, pics } = JSON.parse(kept.body) as ApprovedSignature;
  return { version: kept.version, at: isoTime(kept.at), signature: text, source, pics };
}

function lastTemplate(kept: ApprovedVersion | null): Static<typeof approvedTemplate> {
  if (kept === null) return null;
  const { name, text, category, signatureId, placement, description } = JSON.parse(kept.body) as ApprovedTemplate;
  const { version, at } = kept;
  return {
    version,
    at: isoTime(at),
    name,
    template: text,
    category,
    signature_id: signatureId,
    placement,
    description,
  };
}

const ReviewQueue = closed(
  {
    signatures: Type.Array(
      closed(
        { ...signatureFields, user, approved: approvedSignature, checks: checks(SIGNATURE_CHECKS, 'SignatureCheck') },
        { title: 'SignatureInReview' },
      ),
    ),
    templates: Type.Array(
      closed(
        { ...templateFields, user, approved: approvedTemplate, checks: checks(TEMPLATE_CHECKS, 'TemplateCheck') },
        { title: 'TemplateInReview' },
      ),
    ),
    next_cursor: NextCursor,
  },
  { title: 'ReviewQueue' },
);

/** What waits for a reviewer. */
export const reviewQueueEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /review-queue',
    {
      tag: 'review',
      summary: 'Signatures and templates that wait for a decision, at most `limit` of each',
      admin: true,
      query: closed(pageQuery),
      answer: ReviewQueue,
    },
    async ({ query }) => {
      const limit = limitOf(query);
      const [signaturesAfter = 0, templatesAfter = 0] = placeOf(query, 2) ?? [];
      const waiting = await desk.ask('reviewQueue', { signaturesAfter, templatesAfter, limit: limit + 1 });
      const signatures = waiting.signatures.slice(0, limit);
      const templates = waiting.templates.slice(0, limit);
      const more = waiting.signatures.length > limit || waiting.templates.length > limit;
      return {
        signatures: signatures.map(({ item, businessName, approved: kept }) => {
          const approved = lastSignature(kept);
          const checks = checksOfSignature(item, approved?.signature ?? null);
          return { ...signatureView(item), user: businessName, approved, checks };
        }),
        templates: templates.map(({ item, businessName, approved, signature }) => ({
          ...templateView(item),
          user: businessName,
          approved: lastTemplate(approved),
          checks: checksOfTemplate(item, signature),
        })),
        next_cursor: more
          ? cursorText(signatures.at(-1)?.item.id ?? signaturesAfter, templates.at(-1)?.item.id ?? templatesAfter)
          : null,
      };
    },
  ),
];
