import Type from 'typebox';
import type { Desk } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { closed, NextCursor, pageQuery } from './fields.ts';
import { cursorText, limitOf, placeOf } from './list.ts';
import { signatureFields, signatureView } from './signatures.ts';
import { templateFields, templateView } from './templates.ts';

const user = Type.String({ description: 'the user name of the business it belongs to' });

const ReviewQueue = closed(
  {
    signatures: Type.Array(closed({ ...signatureFields, user }, { title: 'SignatureInReview' })),
    templates: Type.Array(closed({ ...templateFields, user }, { title: 'TemplateInReview' })),
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
        signatures: signatures.map(({ item, businessName }) => ({ ...signatureView(item), user: businessName })),
        templates: templates.map(({ item, businessName }) => ({ ...templateView(item), user: businessName })),
        next_cursor: more
          ? cursorText(signatures.at(-1)?.item.id ?? signaturesAfter, templates.at(-1)?.item.id ?? templatesAfter)
          : null,
      };
    },
  ),
];
