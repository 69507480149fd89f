import { bannedWordIn } from '../../domain/banned-words.ts';
import type { Category } from '../../domain/category.ts';
import { readCountryCodes } from '../../domain/country.ts';
import { must } from '../../domain/refusals.ts';
import { TEMPLATE_NAME_MAX_LENGTH, TEMPLATE_TEXT_MAX_LENGTH } from '../../domain/template.ts';
import type { SignedTemplate, TemplateFields } from '../../services/template.ts';
import type { HttpDeps } from '../deps.ts';
import { ensure } from './errors.ts';
import { type Route, SUCCESS } from './route.ts';
import { isGiven, type JsonObject, readId, readObject, readPathId, readText } from './shape.ts';
import { categoryOf, placementOf, seconds, signPosition, status, templateType } from './words.ts';

const URL = '/v1/template-configs';
/** Room for every country there is. */
const COUNTRY_CODES_MAX_LENGTH = 2_000;

/** /v1/template-configs: the reviewed texts of a business. */
export function templateConfigRoutes({ desk, limits }: HttpDeps): Route[] {
  const { banTestAsWord } = limits;
  return [
    {
      method: 'GET',
      url: URL,
      permission: 'read',
      family: 'config',
      async handle({ actor }) {
        return (await desk.ask('signedTemplates', { businessId: actor.businessId, id: null })).map(show);
      },
    },
    {
      method: 'GET',
      url: `${URL}/:id`,
      permission: 'read',
      family: 'config',
      async handle(call) {
        const [found] = await desk.ask('signedTemplates', {
          businessId: call.actor.businessId,
          id: readTemplateId(call.id),
        });
        must(found !== undefined, { code: 'templateNotFound' });
        return show(found);
      },
    },
    {
      method: 'POST',
      url: URL,
      permission: 'manage',
      family: 'config',
      async handle({ actor, body }) {
        const request = readObject(body);
        const addSignature = request.add_signature ?? false;
        const fields = readFields({ ...request, add_signature: addSignature }, banTestAsWord);
        const { id } = await desk.do('createTemplate', { actor, fields });
        return { ...SUCCESS, template_id: String(id) };
      },
    },
    {
      method: 'PUT',
      url: `${URL}/:id`,
      permission: 'manage',
      family: 'config',
      async handle({ actor, id: named, body }) {
        const id = readTemplateId(named);
        const fields = readFields(readObject(body), banTestAsWord);
        await desk.do('editTemplate', { actor, id, fields, templateFirst: true });
        return SUCCESS;
      },
    },
    {
      method: 'DELETE',
      url: `${URL}/:id`,
      permission: 'manage',
      family: 'config',
      async handle({ actor, id }) {
        await desk.do('deleteTemplate', { actor, id: readTemplateId(id), signatureId: null });
        return SUCCESS;
      },
    },
  ];
}

const readTemplateId = (text: string): number => readPathId(text, 'invalid templateId');

function readFields(request: JsonObject, banTestAsWord: boolean): TemplateFields {
  const name = readText(request, 'template_name', TEMPLATE_NAME_MAX_LENGTH);
  const category = readCategory(request);
  const text = readContent(request, banTestAsWord);
  const countryCodes = readCountryCodes(readText(request, 'country_codes', COUNTRY_CODES_MAX_LENGTH));
  ensure(countryCodes !== null, 'country_codes must be ISO 3166-1 alpha-2 codes separated by commas');
  // The description is for the other dialect to say.
  return { name, category, text, countryCodes, description: null, ...readSignature(request) };
}

function readCategory(request: JsonObject): Category {
  const { template_type: type } = request;
  ensure(isGiven(type) && type !== '', 'template_type is required');
  const category = categoryOf(type);
  ensure(category !== null, 'template_type must be utility, marketing or authentication');
  return category;
}

function readContent(request: JsonObject, banTestAsWord: boolean): string {
  const text = readText(request, 'template_content', TEMPLATE_TEXT_MAX_LENGTH);
  const word = bannedWordIn(text, banTestAsWord);
  ensure(word === null, `template_content must not contain "${word?.toLowerCase()}": found "${word}"`);
  return text;
}

/** Which signature goes where. What else a request says about it counts only when it is to be added. */
function readSignature(request: JsonObject): Pick<TemplateFields, 'signatureId' | 'placement'> {
  const { add_signature: add, sign_id: signId, sign_position: position } = request;
  ensure(isGiven(add), 'add_signature is required');
  ensure(typeof add === 'boolean', 'add_signature must be true or false');
  if (!add) return { signatureId: null, placement: 'none' };
  ensure(isGiven(signId) && signId !== '', 'sign_id is required when add_signature is true');
  const signatureId = readId(signId);
  ensure(signatureId !== null, 'invalid signId');
  ensure(isGiven(position), 'sign_position is required when add_signature is true');
  const placement = placementOf(position);
  ensure(placement !== null, 'sign_position must be 1 (in front) or 2 (at the end)');
  return { signatureId, placement };
}

function show({ template, signature }: SignedTemplate) {
  return {
    template_id: String(template.id),
    template_name: template.name,
    template_type: templateType(template.category),
    template_content: template.text,
    country_codes: template.countryCodes,
    status: status(template.review),
    sign_id: signature === null ? '' : String(signature.id),
    sign_name: signature?.text ?? '',
    sign_position: signature === null ? 0 : signPosition(template.placement),
    sign_status: signature === null ? 0 : status(signature.review),
    audit_remark: template.rejectReason,
    created_time: seconds(template.createdAt),
    updated_time: seconds(template.updatedAt),
  };
}
