import Type from 'typebox';
import { BUSINESS_NAME, MAX_WEIGHT, WEIGHT_RULE } from '../../domain/business.ts';
import { PERMISSIONS } from '../../domain/credential.ts';
import { TOP_UP_LIMIT } from '../../domain/ledger.ts';
import { isCountry } from '../../domain/recipient.ts';
import { must } from '../../domain/refusals.ts';
import { TIME_ZONE_RULE } from '../../domain/time-zone.ts';
import { isoTime } from '../../lib/clock.ts';
import { sha256 } from '../../lib/random.ts';
import type { Desk } from '../../services/desk.ts';
import { hashPassword } from '../../services/password.ts';
import { Statement, statementPage } from './account.ts';
import { newApiKey } from './api-keys.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Credits, closed, Id, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { choosePassword, MadePassword, Password } from './password.ts';
import { type Business, businessOf, mustHold } from './scope.ts';
import { idempotencyOf } from './upload.ts';

const REASON_MAX_LENGTH = 200;

const UserName = Type.String({
  pattern: BUSINESS_NAME.source,
  description: '1 to 64 letters, digits, dots, dashes or underscores, starting with a letter or digit',
});
const COUNTRY_RULE = 'an ISO 3166-1 alpha-2 code such as CN';
const Reason = Type.String({
  maxLength: REASON_MAX_LENGTH,
  description: `a text of at most ${REASON_MAX_LENGTH} characters, shown in the statement`,
});

const businessFields = {
  business_id: Id,
  user: UserName,
  state: word(['active', 'suspended']),
  admin: Type.Boolean(),
  available: Credits,
  reserved: Credits,
  low_balance: orNull(Credits),
  weight: Type.Integer({ minimum: 1, description: 'its share of a lane beside those of others that wait there' }),
  default_country: Type.String({
    description: 'ISO 3166-1 alpha-2; numbers without + are read as numbers of this country',
  }),
  time_zone: Type.String({ description: TIME_ZONE_RULE }),
  pay_on_delivery: Type.Boolean({
    description: 'whether credits of messages that are reported not delivered come back',
  }),
  created_at: Time,
};
const BusinessBody = closed(businessFields, { title: 'Business' });

const NewBusiness = closed(
  {
    name: UserName,
    password: Type.Optional(Password),
    credits: Type.Optional(
      Type.Integer({ minimum: 0, maximum: TOP_UP_LIMIT, description: `an integer from 0 to ${TOP_UP_LIMIT}` }),
    ),
    default_country: Type.Optional(Type.String({ pattern: '^[A-Z]{2}$', description: COUNTRY_RULE })),
    time_zone: Type.Optional(Type.String({ maxLength: 64, description: TIME_ZONE_RULE })),
    api_key: Type.Optional(Type.Boolean({ description: 'true or false: whether to create an API key with it' })),
  },
  { title: 'NewBusiness' },
);

const CreatedBusiness = closed(
  {
    ...businessFields,
    password: Type.Optional(MadePassword),
    api_key: Type.Optional(Type.String({ description: 'the public half of its first API key' })),
    api_secret: Type.Optional(Type.String({ description: 'the secret half, shown only this once' })),
  },
  { title: 'CreatedBusiness' },
);

const params = closed({
  business: Type.String({
    pattern: BUSINESS_NAME.source,
    description: 'a business id or a user name; digits are an id',
  }),
});

const view = (business: Business) => ({
  business_id: business.id,
  user: business.name,
  state: business.state,
  admin: business.admin,
  available: business.available,
  reserved: business.reserved,
  low_balance: business.lowBalance,
  weight: business.weight,
  default_country: business.defaultCountry,
  time_zone: business.timeZone,
  pay_on_delivery: business.payOnDelivery,
  created_at: isoTime(business.createdAt),
});

/** The businesses of the installation. Others than the administrator see only their own. */
export const businessEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /businesses',
    {
      tag: 'businesses',
      summary: 'All businesses, in the order of their ids',
      admin: true,
      query: closed(pageQuery),
      answer: listOf(BusinessBody),
    },
    async ({ query }) => {
      const limit = limitOf(query);
      const cursor = placeOf(query, 1)?.[0] ?? 0;
      const businesses = await desk.ask('listBusinesses', { cursor, limit: limit + 1 });
      return pageOf(businesses, limit, (last) => [last.id], view);
    },
  ),
  endpoint(
    'POST /businesses',
    {
      tag: 'businesses',
      summary: 'Open a business; without a password one is generated and shown once',
      admin: true,
      body: NewBusiness,
      status: 201,
      answer: CreatedBusiness,
    },
    async ({ actor, body }) => {
      const country = body.default_country ?? null;
      must(country === null || isCountry(country), {
        code: 'invalidField',
        field: 'default_country',
        rule: COUNTRY_RULE,
      });
      const { password, made } = choosePassword(body.password);
      const key = body.api_key === true ? newApiKey() : null;
      const { id } = await desk.do('createBusiness', {
        actor,
        name: body.name,
        passwordHash: await hashPassword(password),
        defaultCountry: country,
        timeZone: body.time_zone ?? null,
        credits: body.credits ?? 0,
        ...(key === null ? {} : { firstKey: { key: key.api_key, secretHash: sha256(key.api_secret) } }),
      });
      return { ...view(await businessOf(desk, actor, String(id))), ...made, ...key };
    },
  ),
  endpoint(
    'GET /businesses/:business',
    { tag: 'businesses', summary: 'One business', params, answer: BusinessBody },
    async ({ actor, params }) => view(await businessOf(desk, actor, params.business)),
  ),
  ...(['suspend', 'resume'] as const).map((change) =>
    endpoint(
      `POST /businesses/:business/${change}`,
      {
        tag: 'businesses',
        summary:
          change === 'suspend'
            ? 'Stop a business from signing in and sending; what it sent before goes on'
            : 'Let a suspended business work again',
        admin: true,
        params,
        answer: BusinessBody,
      },
      async ({ actor, params }) => {
        const { id } = await businessOf(desk, actor, params.business);
        const state = change === 'suspend' ? 'suspended' : 'active';
        await desk.do('setBusinessState', { actor, business: { businessId: id }, state });
        return view(await businessOf(desk, actor, String(id)));
      },
    ),
  ),
  endpoint(
    'POST /businesses/:business/password',
    {
      tag: 'businesses',
      summary: 'Set the password, or have one generated and shown once',
      params,
      body: closed({ password: Type.Optional(Password) }, { title: 'NewPassword' }),
      answer: closed(
        { business_id: Id, user: UserName, password: Type.Optional(MadePassword) },
        { title: 'PasswordSet' },
      ),
    },
    async ({ actor, params, body }) => {
      // Whoever knows the password may do everything, so a key that may not must not choose it.
      mustHold(actor, PERMISSIONS);
      const business = await businessOf(desk, actor, params.business);
      const { password, made } = choosePassword(body.password);
      const passwordHash = await hashPassword(password);
      await desk.do('setPassword', { actor, business: { businessId: business.id }, passwordHash });
      return { business_id: business.id, user: business.name, ...made };
    },
  ),
  endpoint(
    'POST /businesses/:business/weight',
    {
      tag: 'businesses',
      summary: 'Give a business another share of what a channel sends while others wait, too',
      admin: true,
      params,
      body: closed(
        { weight: Type.Integer({ minimum: 1, maximum: MAX_WEIGHT, description: WEIGHT_RULE }) },
        { title: 'Weight' },
      ),
      answer: BusinessBody,
    },
    async ({ actor, params, body }) => {
      const { id } = await businessOf(desk, actor, params.business);
      await desk.do('setWeight', { actor, business: { businessId: id }, weight: body.weight });
      return view(await businessOf(desk, actor, String(id)));
    },
  ),
  endpoint(
    'POST /businesses/:business/time-zone',
    {
      tag: 'businesses',
      summary: 'What local times of the business are in',
      params,
      body: closed({ time_zone: Type.String({ maxLength: 64, description: TIME_ZONE_RULE }) }, { title: 'TimeZone' }),
      answer: BusinessBody,
    },
    async ({ actor, params, body }) => {
      const { id } = await businessOf(desk, actor, params.business);
      await desk.do('setTimeZone', { actor, business: { businessId: id }, timeZone: body.time_zone });
      return view(await businessOf(desk, actor, String(id)));
    },
  ),
  endpoint(
    'POST /businesses/:business/low-balance',
    {
      tag: 'businesses',
      summary: 'From how many credits down its webhooks are told of its balance',
      params,
      body: closed(
        {
          credits: Type.Union([Type.Integer({ minimum: 1, maximum: TOP_UP_LIMIT }), Type.Null()], {
            description: `an integer from 1 to ${TOP_UP_LIMIT}, or null: never`,
          }),
        },
        { title: 'LowBalance' },
      ),
      answer: BusinessBody,
    },
    async ({ actor, params, body }) => {
      const { id } = await businessOf(desk, actor, params.business);
      await desk.do('setLowBalance', { actor, business: { businessId: id }, credits: body.credits });
      return view(await businessOf(desk, actor, String(id)));
    },
  ),
  endpoint(
    'POST /businesses/:business/pay-on-delivery',
    {
      tag: 'businesses',
      summary: 'Whether it gets back the credits of messages that are reported not delivered from now on',
      needs: 'ledger:manage',
      admin: true,
      params,
      body: closed({ on: Type.Boolean({ description: 'true or false' }) }, { title: 'PayOnDelivery' }),
      answer: BusinessBody,
    },
    async ({ actor, params, body }) => {
      const { id } = await businessOf(desk, actor, params.business);
      await desk.do('setPayOnDelivery', { actor, business: { businessId: id }, on: body.on });
      return view(await businessOf(desk, actor, String(id)));
    },
  ),
  endpoint(
    'POST /businesses/:business/top-up',
    {
      tag: 'businesses',
      summary: 'Add credits; with an Idempotency-Key, once however often it is asked',
      needs: 'ledger:manage',
      admin: true,
      params,
      body: closed(
        {
          credits: Type.Integer({
            minimum: 1,
            maximum: TOP_UP_LIMIT,
            description: `an integer from 1 to ${TOP_UP_LIMIT}`,
          }),
          reason: Type.Optional(Reason),
        },
        { title: 'TopUp' },
      ),
      answer: BusinessBody,
    },
    async ({ actor, params, body, idempotencyKey }) => {
      const { id } = await businessOf(desk, actor, params.business);
      const { credits, reason = '' } = body;
      const idempotency = idempotencyOf('POST /businesses/:business/top-up', idempotencyKey, body);
      await desk.do('topUp', { actor, business: { businessId: id }, credits, reason, idempotency });
      return view(await businessOf(desk, actor, String(id)));
    },
  ),
  endpoint(
    'POST /businesses/:business/correction',
    {
      tag: 'businesses',
      summary: 'Take or give credits to mend a mistake; with an Idempotency-Key, once however often it is asked',
      needs: 'ledger:manage',
      admin: true,
      params,
      body: closed(
        {
          credits: Type.Integer({
            minimum: -TOP_UP_LIMIT,
            maximum: TOP_UP_LIMIT,
            description: `an integer other than 0, at most ${TOP_UP_LIMIT} either way`,
          }),
          reason: Reason,
        },
        { title: 'Correction' },
      ),
      answer: BusinessBody,
    },
    async ({ actor, params, body, idempotencyKey }) => {
      const { id } = await businessOf(desk, actor, params.business);
      const idempotency = idempotencyOf('POST /businesses/:business/correction', idempotencyKey, body);
      await desk.do('correctBalance', { actor, business: { businessId: id }, ...body, idempotency });
      return view(await businessOf(desk, actor, String(id)));
    },
  ),
  endpoint(
    'GET /businesses/:business/statement',
    {
      tag: 'businesses',
      needs: 'ledger:read',
      summary: "A business's ledger entries, newest first",
      params,
      query: closed(pageQuery),
      answer: Statement,
    },
    async ({ actor, params, query }) => {
      const { id } = await businessOf(desk, actor, params.business);
      return statementPage(desk, id, query);
    },
  ),
];
