import Type, { type Static } from 'typebox';
import type { CallbackAddress } from '../../domain/callback-address.ts';
import { CALLBACK_PATH } from '../../domain/channel.ts';
import {
  ANSWER_OUTCOMES,
  type AnswerMatch,
  DEFAULT_HTTP_SETTINGS,
  type HttpAuth,
  type HttpSettings,
  type Json,
  MAX_HTTP_WINDOW,
} from '../../domain/http-settings.ts';
import { must } from '../../domain/refusals.ts';
import { isAddressOrNetwork } from '../../lib/address-list.ts';
import { isoTime } from '../../lib/clock.ts';
import { randomSecret } from '../../lib/random.ts';
import { closed, orNull, Time, word } from './fields.ts';

const TOKEN_BITS = 192;

/** What channels have that speak HTTP, whatever the API at the other end. */
export const httpTuning = {
  window: Type.Integer({
    minimum: 1,
    maximum: MAX_HTTP_WINDOW,
    description: `requests under way at a time, an integer from 1 to ${MAX_HTTP_WINDOW}`,
  }),
  rate: Type.Union([Type.Integer({ minimum: 1, maximum: 10_000 }), Type.Null()], {
    description: 'requests a second at most, an integer from 1 to 10000; null: no limit',
  }),
  response_timeout_ms: Type.Integer({
    minimum: 100,
    maximum: 300_000,
    description: 'how long an answer is waited for in milliseconds, an integer from 100 to 300000',
  }),
  networks: Type.Array(Type.String({ maxLength: 64 }), {
    maxItems: 100,
    description: 'IP addresses and networks callbacks may come from, such as 203.0.113.0/24; none: any',
  }),
};

/** The path of a channel's callbacks, for whoever sets up the carrier's side. */
export const CallbackPath = Type.String({
  description: 'where callbacks come to on this server; its last part is a secret',
});
/** The address before the present one, while it still works. */
export const EarlierCallback = orNull(
  closed({
    path: Type.String({ description: 'the address before the present one' }),
    until: { ...Time, description: 'until when it works, too' },
  }),
);

/** Where callbacks come to, as answers show it. */
export const callbackView = ({ callbackToken, earlierCallback }: CallbackAddress) => ({
  callback_path: callbackPath(callbackToken),
  earlier_callback:
    earlierCallback === null
      ? null
      : { path: callbackPath(earlierCallback.token), until: isoTime(earlierCallback.until) },
});

const callbackPath = (token: string): string => `${CALLBACK_PATH}/${token}`;

/** A new secret part of such a path. */
export const newCallbackToken = (): string => randomSecret(TOKEN_BITS);

/** @throws Refused (invalidField) for what is no list of addresses and networks */
export function checkNetworks(field: string, networks: readonly string[] | undefined): void {
  const good = networks === undefined || networks.every(isAddressOrNetwork);
  must(good, { code: 'invalidField', field, rule: 'IP addresses and networks such as 203.0.113.0/24' });
}

const text = (description: string, maxLength = 2_000) => Type.String({ maxLength, description });
const path = (what: string) =>
  Type.String({
    maxLength: 400,
    description: `where ${what}: names and positions with dots between, such as data.0.id`,
  });
const texts = (description: string) =>
  Type.Record(Type.String(), Type.String({ maxLength: 2_000 }), { maxProperties: 100, description });
const some = <P extends Parameters<typeof closed>[0]>(properties: P, description: string) =>
  Type.Partial(closed(properties), { additionalProperties: false, description });

const Auth = closed(
  {
    kind: word(['none', 'basic', 'bearer', 'header']),
    username: Type.Optional(text('for basic, the user name', 200)),
    name: Type.Optional(text('for header, the name of the header', 100)),
    secret: Type.Optional(text('a name of secrets', 64)),
  },
  {
    description:
      'how requests prove who we are: kind is none, basic (username, secret), bearer (secret) or header (name, secret)',
  },
);

const match = {
  statuses: Type.Array(Type.String({ maxLength: 20 }), {
    maxItems: 20,
    description: 'a list of statuses such as 200, 4xx or 200-299; none: any',
  }),
  path: path('the answer has what is compared'),
  equals: Type.Array(Type.Union([Type.String({ maxLength: 500 }), Type.Number(), Type.Boolean()]), {
    maxItems: 100,
    description: 'a list of values, compared as texts; none: anything',
  }),
};

const Rule = closed(
  {
    ...Type.Partial(closed(match)).properties,
    outcome: word(ANSWER_OUTCOMES),
    text: Type.Optional(text('why, instead of what the answer says', 200)),
  },
  { description: 'what fits an answer (statuses, path, equals) and what it means (outcome)' },
);

const Reports = closed(
  {
    items: Type.Optional(path('a callback has its reports; empty: it is one, or a list of them')),
    id: path('a report has the id of the message'),
    status: path('a report has the state'),
    states: Type.Record(Type.String(), word(['delivered', 'undelivered', 'expired', 'rejected', 'ignored']), {
      maxProperties: 200,
      description: "the carrier's words, each with delivered, undelivered, expired, rejected or ignored",
    }),
    recipient: Type.Optional(path('a report has the recipient; empty: nowhere')),
    country: Type.Optional(text('a country such as CN, whose numbers recipients without a calling code are', 2)),
    error: Type.Optional(path('a report has its error code; empty: nowhere')),
  },
  { description: 'where a report has what: id, status and states, perhaps items, recipient and error' },
);

const Inbound = closed(
  {
    items: Type.Optional(path('a callback has its messages; empty: it is one, or a list of them')),
    id: Type.Optional(path('a message has its id; empty: nowhere')),
    from: path('a message has the number it comes from'),
    to: Type.Optional(path('a message has the number it was sent to; empty: nowhere')),
    text: path('a message has its text'),
    country: Type.Optional(text('a country such as CN, whose numbers those without a calling code are', 2)),
  },
  { description: 'where an SMS from a handset has what: from and text, perhaps items, id and to' },
);

const Signature = closed(
  {
    header: text('the name of the header', 100),
    secret: text('a name of secrets', 64),
    algorithm: Type.Optional(word(['sha256', 'sha1', 'sha512'])),
    encoding: Type.Optional(word(['hex', 'base64'])),
    prefix: Type.Optional(text('what stands before it in the header', 50)),
  },
  { description: 'the HMAC of a callback: header and secret, perhaps algorithm, encoding and prefix' },
);

const needed = {
  url: text('an address that begins with http:// or https://; placeholders may stand after the host'),
  body: Type.Unsafe<Json>({
    description: 'any JSON; of a form or a query, an object of texts. Its texts may name placeholders',
  }),
};
const tuning = {
  method: word(['POST', 'PUT', 'GET']),
  headers: texts('an object of headers; their values may name placeholders'),
  auth: Auth,
  format: word(['json', 'form', 'query']),
  success: some(match, 'what an answer looks like that says yes: statuses, path, equals'),
  message_id: path("an answer has the carrier's id of the message; empty: our reference is its id"),
  error_text: path('an answer says what is wrong; empty: nowhere'),
  errors: Type.Array(Rule, {
    maxItems: 200,
    description: 'a list of what other answers mean, the first that fits counts',
  }),
  idempotent: Type.Boolean({
    description: 'true or false: whether the carrier knows a request again by its {reference} and sends nothing twice',
  }),
  sender: text('the sender shown to recipients, for {sender}: at most 20 characters', 20),
  ...httpTuning,
  reports: orNull(Reports),
  inbound: orNull(Inbound),
  signature: orNull(Signature),
  answer: some(
    {
      status: Type.Integer({ minimum: 200, maximum: 299, description: 'an integer from 200 to 299' }),
      type: Type.String({ pattern: '^[a-z]+/[a-zA-Z0-9.+-]+$', maxLength: 100, description: 'a content type' }),
      body: text('a text of at most 2000 characters'),
    },
    'what a callback is answered that was taken: status, type, body',
  ),
};
const secrets = Type.Record(Type.String(), Type.String({ maxLength: 2_000 }), {
  maxProperties: 20,
  description:
    'an object of secrets by name, never shown; others name them as {secret.NAME}. In an edit, those left out stay and an empty one is taken away',
});

export const NewHttp = closed(
  { ...needed, secrets: Type.Optional(secrets), ...Type.Partial(closed(tuning)).properties },
  { title: 'NewHttp', description: 'the HTTP settings, an object' },
);
export const HttpEdit = Type.Partial(closed({ ...needed, secrets, ...tuning }), {
  additionalProperties: false,
  title: 'HttpEdit',
  description: 'the HTTP settings to change, an object; what is given takes the place of what was there',
});
export const Http = closed(
  {
    ...needed,
    ...tuning,
    secrets: Type.Array(Type.String(), { description: 'the names of the secrets' }),
    callback_path: CallbackPath,
    earlier_callback: EarlierCallback,
  },
  { title: 'Http' },
);

/** The settings as answers show them: of secrets, the names. */
export const httpView = (http: HttpSettings): Static<typeof Http> => {
  const { messageId, errorText, responseTimeoutMs, callbackToken, earlierCallback, secrets, ...same } = http;
  return {
    ...same,
    message_id: messageId,
    error_text: errorText,
    response_timeout_ms: responseTimeoutMs,
    secrets: Object.keys(secrets),
    ...callbackView({ callbackToken, earlierCallback }),
  };
};

/** All settings of a channel that is made; what is left out is the default. */
export const newHttp = (http: Static<typeof NewHttp>): HttpSettings => {
  const { url, body } = http;
  return { ...structuredClone(DEFAULT_HTTP_SETTINGS), url, body, callbackToken: newCallbackToken(), ...httpEdit(http) };
};

/** The settings a request speaks of. */
export function httpEdit(http: Static<typeof HttpEdit>): Partial<HttpSettings> {
  const { auth, success, message_id, error_text, errors, response_timeout_ms, reports, inbound, signature, answer } =
    http;
  checkNetworks('http.networks', http.networks);
  const settings: Partial<HttpSettings> = {
    method: http.method,
    url: http.url,
    headers: http.headers,
    auth: auth && authOf(auth),
    secrets: http.secrets,
    format: http.format,
    body: http.body,
    success: success && matchOf(success),
    messageId: message_id,
    errorText: error_text,
    errors: errors?.map((rule) => ({ ...matchOf(rule), outcome: rule.outcome, text: rule.text ?? '' })),
    idempotent: http.idempotent,
    sender: http.sender,
    window: http.window,
    rate: http.rate,
    responseTimeoutMs: response_timeout_ms,
    reports: reports && { items: '', recipient: '', country: '', error: '', ...reports },
    inbound: inbound && { items: '', id: '', to: '', country: '', ...inbound },
    networks: http.networks,
    signature: signature && { algorithm: 'sha256', encoding: 'hex', prefix: '', ...signature },
    answer: answer && { ...DEFAULT_HTTP_SETTINGS.answer, ...answer },
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

const matchOf = ({ statuses = [], path = '', equals = [] }: Partial<AnswerMatch>): AnswerMatch => ({
  statuses,
  path,
  equals,
});

function authOf({ kind, username = '', name = '', secret = '' }: Static<typeof Auth>): HttpAuth {
  switch (kind) {
    case 'none':
      return { kind };
    case 'basic':
      return { kind, username, secret };
    case 'bearer':
      return { kind, secret };
    case 'header':
      return { kind, name, secret };
  }
}
