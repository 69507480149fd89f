import type { Category } from '../../domain/category.ts';
import {
  DESCRIPTION_MAX_LENGTH,
  TEMPLATE_NAME_MAX_LENGTH,
  TEMPLATE_TEXT_MAX_LENGTH,
  type Template,
} from '../../domain/template.ts';
import type { TemplateFields } from '../../services/template.ts';
import type { HttpDeps } from '../deps.ts';
import { ensure } from './errors.ts';
import { listBody, readPage } from './page.ts';
import { OK, type Route } from './route.ts';
import { isGiven, type JsonObject, readInteger, readObject, readText } from './shape.ts';
import { auditStatus, categoryOf, seconds, typeOf } from './words.ts';

/** /v1/template: the reviewed texts of a business. */
export function templateRoutes({ desk }: HttpDeps): Route[] {
  return [
    {
      method: 'POST',
      url: '/v1/template',
      permission: 'manage',
      async handle({ actor, body }) {
        const fields = readTemplate(readObject(body, 'ER:0021'));
        const { id } = await desk.do('createTemplate', { actor, fields });
        return { temp_id: id };
      },
    },
    {
      method: 'GET',
      url: '/v1/template',
      permission: 'read',
      async handle({ actor, query }) {
        const page = readPage(query);
        const { items, total } = await desk.ask('listTemplates', { businessId: actor.businessId, page });
        return listBody(items.map(show), total, page);
      },
    },
    {
      method: 'PUT',
      url: '/v1/template',
      permission: 'manage',
      async handle({ actor, body }) {
        const request = readObject(body, 'ER:0021');
        const id = readInteger(request.temp_id);
        ensure(id !== null, 'ER:0021');
        await desk.do('editTemplate', { actor, id, fields: readTemplate(request) });
        return { temp_id: id };
      },
    },
    {
      method: 'DELETE',
      url: '/v1/template',
      permission: 'manage',
      async handle({ actor, body }) {
        const request = readObject(body);
        const signatureId = readInteger(request.sign_id);
        const id = readInteger(request.temp_id);
        ensure(signatureId !== null && id !== null, 'ER:0004');
        await desk.do('deleteTemplate', { actor, id, signatureId });
        return OK;
      },
    },
  ];
}

function readTemplate(request: JsonObject): TemplateFields {
  const name = readText(request.name, TEMPLATE_NAME_MAX_LENGTH);
  const text = readText(request.template, TEMPLATE_TEXT_MAX_LENGTH);
  const description = readText(request.description, DESCRIPTION_MAX_LENGTH);
  const signatureId = readInteger(request.sign_id);
  const type = request.type;
  ensure(name !== null && text !== null && description !== null && signatureId !== null, 'ER:0021');
  ensure(isGiven(type) && type !== '', 'ER:0021');
  const category = readCategory(type);
  // The country codes and the place of the signature are for the other dialect to say.
  return { name, text, description, signatureId, category, placement: null, countryCodes: null };
}

function readCategory(type: unknown): Category {
  const number = readInteger(type);
  const category = number === null ? null : categoryOf(number);
  ensure(category !== null, 'ER:0022');
  return category;
}

function show(template: Template) {
  return {
    id: String(template.id),
    name: template.name,
    audit_status: auditStatus(template.review),
    reject_reason: template.rejectReason,
    type: typeOf(template.category),
    sign_id: template.signatureId === null ? '' : String(template.signatureId),
    template: template.text,
    created_at: String(seconds(template.createdAt)),
    updated_at: String(seconds(template.updatedAt)),
  };
}
