import Type, { type Static } from 'typebox';
import { CATEGORIES } from '../../domain/category.ts';
import { must } from '../../domain/refusals.ts';
import { REVIEW_STATES } from '../../domain/review.ts';
import { PLACEMENTS } from '../../domain/signature.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { numberedPage } from './list.ts';
import { Verdict, verdictOf } from './review.ts';
import { ownerOf, sight } from './scope.ts';

export const templateFields = {
  id: Id,
  business_id: Id,
  signature_id: orNull(Id),
  placement: word(PLACEMENTS),
  name: Type.String(),
  template: Type.String({ description: 'its text, variables in braces' }),
  category: word(CATEGORIES),
  description: Type.String(),
  country_codes: Type.Array(Type.String(), { description: 'ISO 3166-1 alpha-2; they describe, they do not restrict' }),
  review: word(REVIEW_STATES),
  reject_reason: Type.String(),
  version: Type.Integer({ minimum: 1, description: 'rises with each edit' }),
  created_at: Time,
  updated_at: Time,
};
const TemplateBody = closed(templateFields, { title: 'Template' });

const params = closed({ id: IdText });

/** A template as answers show it. */
export const templateView = (template: NonNullable<QueryValue<'findTemplate'>>): Static<typeof TemplateBody> => ({
  id: template.id,
  business_id: template.businessId,
  signature_id: template.signatureId,
  placement: template.placement,
  name: template.name,
  template: template.text,
  category: template.category,
  description: template.description,
  country_codes: template.countryCodes.split(',').filter((code) => code !== ''),
  review: template.review,
  reject_reason: template.rejectReason,
  version: template.version,
  created_at: isoTime(template.createdAt),
  updated_at: isoTime(template.updatedAt),
});

/** Reviewed texts. The caller's own, or those of the business the administrator names. */
export const templateEndpoints = (desk: Desk): Endpoint[] => {
  const find = async (businessId: number | null, id: number) => {
    const template = await desk.ask('findTemplate', { businessId, id });
    must(template !== null, { code: 'templateNotFound' });
    return templateView(template);
  };
  return [
    endpoint(
      'GET /templates',
      {
        tag: 'templates',
        summary: 'Templates of a business, newest first',
        query: closed({ ...pageQuery, ...businessQuery }),
        answer: listOf(TemplateBody),
      },
      async ({ actor, query }) => {
        const businessId = await ownerOf(desk, actor, query);
        return numberedPage(query, (page) => desk.ask('listTemplates', { businessId, page }), templateView);
      },
    ),
    endpoint(
      'GET /templates/:id',
      { tag: 'templates', summary: 'One template', params, answer: TemplateBody },
      async ({ actor, params }) => find(sight(actor), Number(params.id)),
    ),
    endpoint(
      'POST /templates/:id/review',
      {
        tag: 'review',
        summary: 'Approve or reject a template',
        admin: true,
        params,
        body: Verdict,
        answer: TemplateBody,
      },
      async ({ actor, params, body }) => {
        const id = Number(params.id);
        await desk.do('reviewTemplate', { actor, id, verdict: verdictOf(body) });
        return find(null, id);
      },
    ),
  ];
};
