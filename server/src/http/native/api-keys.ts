import Type, { type Static } from 'typebox';
import { type Actor, API_KEY_PREFIX, PERMISSIONS } from '../../domain/credential.ts';
import { must } from '../../domain/refusals.ts';
import { isAddressOrNetwork } from '../../lib/address-list.ts';
import { type Clock, isoTime, parseTime } from '../../lib/clock.ts';
import { randomSecret, sha256 } from '../../lib/random.ts';
import type { CredentialEdit } from '../../services/credential.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { businessOf, mustHold, ownerOf } from './scope.ts';

const KEY_BITS = 128;
const SECRET_BITS = 256;
const DESCRIPTION_MAX_LENGTH = 200;
const ADDRESSES_MAX_COUNT = 100;

const ADDRESS_RULE = 'an IP address, or a network such as 192.0.2.0/24 or 2001:db8::/32';
const EXPIRY_RULE = 'a moment to come, RFC 3339, such as 2030-01-31T12:00:00Z';

const keyFields = {
  id: Id,
  business_id: Id,
  api_key: Type.String({ description: 'the public half, used as the user name' }),
  description: Type.String(),
  permissions: Type.Array(word(PERMISSIONS)),
  state: word(['active', 'disabled']),
  expires_at: orNull(Time),
  allowed_addresses: Type.Array(Type.String(), { description: 'where it may be used from; empty: anywhere' }),
  created_at: Time,
  last_used_at: { ...orNull(Time), description: 'to about a minute; null: never' },
};
const ApiKey = closed(keyFields, { title: 'ApiKey' });
const CreatedApiKey = closed(
  { ...keyFields, api_secret: Type.String({ description: 'the secret half, shown only this once' }) },
  { title: 'CreatedApiKey' },
);

const editFields = {
  description: Type.Optional(
    Type.String({
      maxLength: DESCRIPTION_MAX_LENGTH,
      description: `a text of at most ${DESCRIPTION_MAX_LENGTH} characters`,
    }),
  ),
  permissions: Type.Optional(
    Type.Array(word(PERMISSIONS), {
      minItems: 1,
      uniqueItems: true,
      description: `a list of ${PERMISSIONS.join(', ')}, each at most once`,
    }),
  ),
  expires_at: Type.Optional(
    Type.Union(
      [
        Type.String({
          pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,9})?(?:Z|[+-]\\d\\d:\\d\\d)$',
        }),
        Type.Null(),
      ],
      { description: `${EXPIRY_RULE}; null: never` },
    ),
  ),
  allowed_addresses: Type.Optional(
    Type.Array(Type.String({ maxLength: 64, description: ADDRESS_RULE }), {
      maxItems: ADDRESSES_MAX_COUNT,
      description: `a list of at most ${ADDRESSES_MAX_COUNT}, each ${ADDRESS_RULE}; empty: anywhere`,
    }),
  ),
};
const NewApiKey = closed(
  { business_id: Type.Optional(Id), ...editFields },
  { title: 'NewApiKey', description: 'without permissions it gets all of them' },
);
const ApiKeyEdit = closed(editFields, { title: 'ApiKeyEdit', description: 'what is left out stays as it is' });

const params = closed({ id: IdText });

const view = (credential: QueryValue<'listCredentials'>[number]) => ({
  id: credential.id,
  business_id: credential.businessId,
  api_key: credential.key,
  description: credential.description,
  permissions: credential.permissions,
  state: credential.state,
  expires_at: credential.expiresAt === null ? null : isoTime(credential.expiresAt),
  allowed_addresses: credential.allowedAddresses,
  created_at: isoTime(credential.createdAt),
  last_used_at: credential.lastUsedAt === null ? null : isoTime(credential.lastUsedAt),
});

/** Both halves of a new API key. */
export function newApiKey(): { api_key: string; api_secret: string } {
  return { api_key: API_KEY_PREFIX + randomSecret(KEY_BITS), api_secret: randomSecret(SECRET_BITS) };
}

/** API keys of the caller; the administrator may name another business. */
export const apiKeyEndpoints = (desk: Desk, clock: Clock): Endpoint[] => [
  endpoint(
    'GET /api-keys',
    {
      tag: 'api-keys',
      summary: 'API keys of a business, oldest first',
      query: closed({ ...pageQuery, ...businessQuery }),
      answer: listOf(ApiKey),
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const after = placeOf(query, 1)?.[0] ?? 0;
      const all = await desk.ask('listCredentials', { businessId: await ownerOf(desk, actor, query) });
      const rows = all.filter((credential) => credential.id > after).slice(0, limit + 1);
      return pageOf(rows, limit, (last) => [last.id], view);
    },
  ),
  endpoint(
    'POST /api-keys',
    {
      tag: 'api-keys',
      summary: 'Create an API key; its secret is shown once',
      body: NewApiKey,
      status: 201,
      answer: CreatedApiKey,
    },
    async ({ actor, body }) => {
      const edit = editOf(body, actor, clock);
      const { permissions = [...PERMISSIONS] } = edit;
      mustHold(actor, permissions);
      const owner =
        body.business_id === undefined
          ? actor.businessId
          : (await businessOf(desk, actor, String(body.business_id))).id;
      const { api_key, api_secret } = newApiKey();
      const credential = await desk.do('createCredential', {
        actor,
        businessId: owner,
        key: api_key,
        secretHash: sha256(api_secret),
        description: '',
        expiresAt: null,
        allowedAddresses: [],
        ...edit,
        permissions,
      });
      return { ...view(credential), api_secret };
    },
  ),
  endpoint(
    'PATCH /api-keys/:id',
    {
      tag: 'api-keys',
      summary: 'Change what an API key may do, from where, and until when; at once',
      params,
      body: ApiKeyEdit,
      answer: ApiKey,
    },
    async ({ actor, params, body }) =>
      view(await desk.do('editCredential', { actor, id: Number(params.id), edit: editOf(body, actor, clock) })),
  ),
  ...(['disable', 'enable'] as const).map((change) =>
    endpoint(
      `POST /api-keys/:id/${change}`,
      {
        tag: 'api-keys',
        summary: change === 'disable' ? 'Switch an API key off, at once' : 'Switch an API key on again',
        params,
        answer: ApiKey,
      },
      async ({ actor, params }) => {
        const state = change === 'disable' ? 'disabled' : 'active';
        return view(await desk.do('setCredentialState', { actor, id: Number(params.id), state }));
      },
    ),
  ),
  endpoint(
    'DELETE /api-keys/:id',
    { tag: 'api-keys', summary: 'Take an API key away for good', params, answer: null },
    async ({ actor, params }) => {
      await desk.do('deleteCredential', { actor, id: Number(params.id) });
    },
  ),
];

/** What a body says of a key, checked. */
function editOf(body: Static<typeof ApiKeyEdit>, actor: Actor, clock: Clock): CredentialEdit {
  const { description, permissions, expires_at, allowed_addresses } = body;
  mustHold(actor, permissions ?? []);
  (allowed_addresses ?? []).forEach((address, index) => {
    must(isAddressOrNetwork(address), {
      code: 'invalidField',
      field: `allowed_addresses.${index}`,
      rule: ADDRESS_RULE,
    });
  });
  return {
    ...(description !== undefined && { description }),
    ...(permissions !== undefined && { permissions: PERMISSIONS.filter((each) => permissions.includes(each)) }),
    ...(expires_at !== undefined && { expiresAt: expiryOf(expires_at, clock) }),
    ...(allowed_addresses !== undefined && { allowedAddresses: allowed_addresses }),
  };
}

function expiryOf(text: string | null, clock: Clock): number | null {
  if (text === null) return null;
  const expiresAt = parseTime(text);
  must(expiresAt !== null && expiresAt > clock.now(), { code: 'invalidField', field: 'expires_at', rule: EXPIRY_RULE });
  return expiresAt;
}
