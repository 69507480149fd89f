import Type, { type Static } from 'typebox';
import { bannedWordIn } from '../../domain/banned-words.ts';
import { CATEGORIES } from '../../domain/category.ts';
import { isCountry } from '../../domain/recipient.ts';
import { must } from '../../domain/refusals.ts';
import { REVIEW_STATES } from '../../domain/review.ts';
import { PLACEMENTS } from '../../domain/signature.ts';
import { DESCRIPTION_MAX_LENGTH, TEMPLATE_NAME_MAX_LENGTH, TEMPLATE_TEXT_MAX_LENGTH } from '../../domain/template.ts';
import { isoTime } from '../../lib/clock.ts';
import type { QueryValue } from '../../services/desk.ts';
import type { TemplateFields } from '../../services/template.ts';
import type { HttpDeps } from '../deps.ts';
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

const MAX_COUNTRIES = 50;

const name = Type.String({
  minLength: 1,
  maxLength: TEMPLATE_NAME_MAX_LENGTH,
  description: `1 to ${TEMPLATE_NAME_MAX_LENGTH} characters, for your own people`,
});
const template = Type.String({
  minLength: 1,
  maxLength: TEMPLATE_TEXT_MAX_LENGTH,
  description: `1 to ${TEMPLATE_TEXT_MAX_LENGTH} characters, variables in braces: {code}`,
});
const optional = {
  signature_id: Type.Optional(orNull(Id)),
  placement: Type.Optional(word(PLACEMENTS)),
  description: Type.Optional(
    Type.String({
      maxLength: DESCRIPTION_MAX_LENGTH,
      description: `what it is for, for the reviewer: at most ${DESCRIPTION_MAX_LENGTH} characters`,
    }),
  ),
  country_codes: Type.Optional(
    Type.Array(Type.String({ pattern: '^[A-Z]{2}$' }), {
      maxItems: MAX_COUNTRIES,
      description: 'ISO 3166-1 alpha-2 codes; they describe, they do not restrict',
    }),
  ),
};
const NewTemplate = closed({ name, template, category: word(CATEGORIES), ...optional }, { title: 'NewTemplate' });
const TemplateEdit = closed(
  {
    name: Type.Optional(name),
    template: Type.Optional(template),
    category: Type.Optional(word(CATEGORIES)),
    ...optional,
  },
  { title: 'TemplateEdit' },
);
type TemplateEdit = Static<typeof TemplateEdit>;

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
export const templateEndpoints = ({ desk, limits }: HttpDeps): Endpoint[] => {
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
      'POST /templates',
      {
        tag: 'templates',
        summary: 'Create a template, which waits for its review',
        body: NewTemplate,
        status: 201,
        answer: TemplateBody,
      },
      async ({ actor, body }) => {
        const { name, template: text, category } = body;
        const fields = fieldsOf(body, { name, text, category, signatureId: null }, limits.banTestAsWord);
        const { id } = await desk.do('createTemplate', { actor, fields });
        return find(actor.businessId, id);
      },
    ),
    endpoint(
      'PATCH /templates/:id',
      {
        tag: 'templates',
        summary: 'Change a decided template, which then waits for its review again',
        params,
        body: TemplateEdit,
        answer: TemplateBody,
      },
      async ({ actor, params, body }) => {
        const id = Number(params.id);
        const before = await desk.ask('findTemplate', { businessId: actor.businessId, id });
        must(before !== null, { code: 'templateNotFound' });
        const fields = fieldsOf(body, before, limits.banTestAsWord);
        await desk.do('editTemplate', { actor, id, fields, templateFirst: true });
        return find(actor.businessId, id);
      },
    ),
    endpoint(
      'DELETE /templates/:id',
      { tag: 'templates', summary: 'Take a template away that no unfinished plan names', params, answer: null },
      async ({ actor, params }) => {
        await desk.do('deleteTemplate', { actor, id: Number(params.id), signatureId: null });
      },
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

/** What a template is made of: what a request says, and where it says nothing what was before. */
function fieldsOf(
  said: TemplateEdit,
  before: Pick<TemplateFields, 'name' | 'text' | 'category' | 'signatureId'>,
  banTestAsWord: boolean,
): TemplateFields {
  const { name = before.name, template: text = before.text, category = before.category } = said;
  const signatureId = said.signature_id === undefined ? before.signatureId : said.signature_id;
  const banned = bannedWordIn(text, banTestAsWord);
  must(banned === null, { code: 'invalidField', field: 'template', rule: `must not contain "${banned}"` });
  const codes = said.country_codes;
  const unknown = codes?.findIndex((code) => !isCountry(code)) ?? -1;
  must(unknown === -1, { code: 'invalidField', field: `country_codes.${unknown}`, rule: 'not the code of a country' });
  return {
    name,
    text,
    category,
    signatureId,
    placement: signatureId === null ? 'none' : (said.placement ?? null),
    description: said.description ?? null,
    countryCodes: codes === undefined ? null : codes.join(','),
  };
}
