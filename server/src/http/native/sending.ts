import type { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import type { Actor } from '../../domain/credential.ts';
import { isCountry, parseRecipient } from '../../domain/recipient.ts';
import { must, Refused } from '../../domain/refusals.ts';
import type { Parameters } from '../../domain/template.ts';
import type { Separator } from '../../files/csv.ts';
import { draftFile, type FileToSend, priceFile } from '../../services/drafting.ts';
import type { AcceptPlan, PlanRequest } from '../../services/plan-request.ts';
import { send } from '../../services/sending.ts';
import type { HttpDeps } from '../deps.ts';
import { DraftBody, RejectedByReason, showDraft } from './drafts.ts';
import { type Call, type Endpoint, endpoint } from './endpoint.ts';
import { Credits, closed, Id, IdText, word } from './fields.ts';
import { findPlanView, PlanBody } from './plans.ts';
import { StartTime, startTimeOf } from './start-time.ts';
import { idempotencyOf } from './upload.ts';

const ROUTE = 'POST /api/v1/plans';

const Value = Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]);
const Values = Type.Record(Type.String(), Value, {
  description: 'values by variable: texts, numbers or booleans; null counts as none',
});
const PlanName = Type.String({ maxLength: 255, description: 'your own name for it, at most 255 characters' });

const PlanToSend = closed(
  {
    template_id: Id,
    signature_id: Type.Optional(Id),
    name: Type.Optional(PlanName),
    recipients: Type.Array(
      Type.Union([
        Type.String({ maxLength: 100 }),
        closed({ to: Type.String({ maxLength: 100 }), params: Type.Optional(Values) }),
      ]),
      { minItems: 1, description: 'numbers, or {"to": number, "params": {…}}; one repeated gets one message' },
    ),
    params: Type.Optional(Values),
    start_at: Type.Optional(StartTime),
    custom_args: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), { description: 'an object that callbacks repeat, at most 1 KB' }),
    ),
  },
  { title: 'PlanToSend' },
);

const JsonText = (what: string) => Type.Optional(Type.String({ maxLength: 8_000, description: `JSON: ${what}` }));

/** What a JSON body says, for a file: the file is the body. */
const fileQuery = closed({
  template_id: Type.Optional(IdText),
  signature_id: Type.Optional(IdText),
  name: Type.Optional(PlanName),
  map: JsonText('{"variable": "column"}; a variable that is not in it takes the column of its name'),
  params: JsonText('{"variable": "value"} for all rows, used where the file has no value'),
  number_column: Type.Optional(Type.String({ maxLength: 255, description: 'its name, or its position from 1' })),
  header: Type.Optional(word(['yes', 'no'], 'whether the first row is a header: yes or no')),
  country: Type.Optional(
    Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 of numbers without +, such as CN' }),
  ),
  encoding: Type.Optional(Type.String({ maxLength: 40, description: 'how the text is encoded, such as gb18030' })),
  separator: Type.Optional(word(['comma', 'semicolon', 'tab', 'bar'])),
  sheet: Type.Optional(Type.String({ maxLength: 255, description: 'name of the sheet of a workbook' })),
  custom_args: JsonText('an object that callbacks repeat, at most 1 KB'),
});

const SEPARATOR_OF: Record<string, Separator> = { comma: ',', semicolon: ';', tab: '\t', bar: '|' };

type PlanCall = Call<unknown, Static<typeof fileQuery>, Static<typeof PlanToSend>>;

const FilePriceBody = closed(
  {
    accepted: Type.Integer({ minimum: 0, description: 'rows that would be messages' }),
    rejected: Type.Integer({ minimum: 0, description: 'rows that would not' }),
    rejected_by_reason: RejectedByReason,
    segments: Type.Integer({ minimum: 0 }),
    credits: Type.Integer({ minimum: 0, description: 'what all of it would cost now' }),
    available: Credits,
  },
  { title: 'FilePrice' },
);

/** Requests to send: at once or later, from JSON or from a file. */
export const sendingEndpoints = (deps: HttpDeps): Endpoint[] => [
  endpoint(
    'POST /plans',
    {
      tag: 'plans',
      summary: 'Send, from JSON; or upload a file as the body, which makes a draft to look at and confirm',
      permission: 'send',
      query: fileQuery,
      body: PlanToSend,
      takesFile: true,
      status: 201,
      answer: Type.Union([PlanBody, DraftBody]),
    },
    async (call) => {
      deps.admitSending();
      if (call.file !== null) return showDraft(deps.desk, call.actor, await takeFile(deps, call, call.file));
      const [field] = Object.keys(call.query);
      must(field === undefined, { code: 'invalidField', field: field ?? '', rule: 'belongs in the JSON body' });
      const { planId } = await send(deps.desk, readPlan(deps, call));
      return findPlanView(deps.desk, call.actor, planId);
    },
  ),
  endpoint(
    'POST /plans/price',
    {
      tag: 'plans',
      summary: 'What a file would cost, for as many rows as JSON may name recipients; nothing of it is kept',
      permission: 'send',
      query: fileQuery,
      takesFile: true,
      answer: FilePriceBody,
    },
    async ({ actor, query, file }) => {
      must(file !== null, { code: 'invalidField', field: 'body', rule: 'a file: CSV or XLSX' });
      const { desk, spool, limits } = deps;
      const asked = { ...readWishes({ actor, query }), maxRows: limits.maxRecipients };
      const { rejected, ...price } = await spool.with(actor.businessId, file, (spooled) =>
        priceFile(desk, { ...asked, file: spooled }),
      );
      return {
        ...price,
        rejected: Object.values(rejected).reduce((sum, count) => sum + count, 0),
        rejected_by_reason: rejected,
        available: (await desk.ask('balanceOf', { businessId: actor.businessId })).available,
      };
    },
  ),
];

function readPlan({ clock, limits }: HttpDeps, { actor, body, idempotencyKey }: PlanCall): AcceptPlan {
  const total = body.recipients.length;
  must(total <= limits.maxRecipients, { code: 'tooManyRecipients', limit: limits.maxRecipients });
  const { params = null } = body;
  const own = new Map<number, Parameters | null>();
  const invalid: string[] = [];
  let anyOwn = false;
  for (const each of body.recipients) {
    const written = typeof each === 'string' ? each : each.to;
    const recipient = parseRecipient(written, actor.defaultCountry);
    if (recipient === null) invalid.push(written);
    else if (!own.has(recipient)) {
      const values = typeof each === 'string' ? undefined : each.params;
      anyOwn ||= values !== undefined;
      own.set(recipient, values === undefined ? params : { ...params, ...values });
    }
  }
  must(own.size > 0, { code: 'invalidField', field: 'recipients', rule: 'at least one mobile number' });
  const startAt = body.start_at === undefined ? null : startTimeOf(body.start_at, clock.now());
  return {
    request: {
      ...requestOf(actor, body),
      templateId: body.template_id,
      startAt,
      customArgs: body.custom_args === undefined ? null : JSON.stringify(body.custom_args),
    },
    total,
    recipients: [...own.keys()],
    invalid,
    parameters: anyOwn ? { each: [...own.values()] } : { shared: params },
    idempotency: idempotencyOf(ROUTE, idempotencyKey, body),
  };
}

/** What a query says of the file that comes with it. */
function readWishes({ actor, query }: Pick<PlanCall, 'actor' | 'query'>): Pick<FileToSend, 'request' | 'wishes'> {
  const { template_id: templateId, signature_id: signatureId, name, country = actor.defaultCountry } = query;
  must(templateId !== undefined, { code: 'invalidField', field: 'template_id', rule: 'missing; an id' });
  must(isCountry(country), { code: 'invalidField', field: 'country', rule: 'not the code of a country' });
  if (query.encoding !== undefined) mustBeEncoding(query.encoding);
  const request: PlanRequest = {
    ...requestOf(actor, {
      ...(name !== undefined && { name }),
      ...(signatureId && { signature_id: Number(signatureId) }),
    }),
    templateId: Number(templateId),
    startAt: null,
    customArgs: query.custom_args === undefined ? null : JSON.stringify(objectOf('custom_args', query.custom_args)),
  };
  const wishes = {
    country,
    mapping: query.map === undefined ? {} : textsOf('map', query.map),
    shared: query.params === undefined ? {} : textsOf('params', query.params),
    ...(query.number_column !== undefined && { numberColumn: query.number_column }),
    ...(query.header !== undefined && { hasHeader: query.header === 'yes' }),
    ...(query.encoding !== undefined && { encoding: query.encoding }),
    ...(query.separator !== undefined && { separator: SEPARATOR_OF[query.separator]! }),
    ...(query.sheet !== undefined && { sheet: query.sheet }),
  };
  return { request, wishes };
}

function takeFile({ desk, spool, limits }: HttpDeps, call: PlanCall, upload: Readable): Promise<number> {
  const { actor, query, idempotencyKey } = call;
  const { request, wishes } = readWishes(call);
  return spool.with(actor.businessId, upload, (file) => {
    const idempotency = idempotencyOf(`${ROUTE} file`, idempotencyKey, { file: file.sha256, ...query });
    return draftFile(desk, { request, file, wishes, maxRows: limits.maxFileRows, idempotency });
  });
}

function requestOf(actor: Actor, { name = '', signature_id }: { name?: string; signature_id?: number }) {
  return {
    businessId: actor.businessId,
    dialect: 'native',
    name,
    ...(signature_id !== undefined && { signatureId: signature_id }),
    unsetVariables: 'refuse',
  } as const;
}

function mustBeEncoding(label: string): void {
  try {
    new TextDecoder(label);
  } catch {
    throw new Refused({ code: 'invalidField', field: 'encoding', rule: 'not an encoding; such as utf-8, gb18030' });
  }
}

function objectOf(field: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  must(typeof value === 'object' && value !== null && !Array.isArray(value), {
    code: 'invalidField',
    field,
    rule: 'a JSON object',
  });
  return value as Record<string, unknown>;
}

/** A JSON object of texts; numbers and booleans are written as such. */
function textsOf(field: string, text: string): Record<string, string> {
  const entries = Object.entries(objectOf(field, text)).map(([name, value]) => {
    const simple = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    must(simple && String(value).isWellFormed() && !String(value).includes('\0'), {
      code: 'invalidField',
      field,
      rule: 'a JSON object of texts, numbers and booleans',
    });
    return [name, String(value)] as const;
  });
  return Object.fromEntries(entries);
}
