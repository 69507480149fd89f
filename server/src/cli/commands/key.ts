import { identifier, withoutAbsent } from '../arguments.ts';
import type { ApiClient } from '../client.ts';
import type { Context, Register } from '../context.ts';
import { usageError } from '../failure.ts';
import { facts, table } from '../output.ts';

type Command = Parameters<Register>[0];

interface KeyFacts {
  id: number;
  business_id: number;
  api_key: string;
  description: string;
  permissions: string[];
  state: string;
  expires_at: string | null;
  allowed_addresses: string[];
  last_used_at: string | null;
}

interface KeyOptions {
  description?: string;
  permissions?: string;
  /** False: never. */
  expires?: string | false;
  /** False: anywhere. */
  addresses?: string | false;
}

/** `signet key …`: API keys. */
export const registerKey: Register = (parent, act) => {
  const key = parent.command('key').description('API keys: who asks, what they may do, from where and until when');

  described(key.command('create').description('create an API key; its secret is shown only once'))
    .option('--business <name>', 'whose key it is; your own unless given')
    .action(
      act(async (context, options: KeyOptions & { business?: string }) => {
        const client = await context.client();
        const businessId = options.business === undefined ? undefined : await businessNamed(client, options.business);
        const created = await client.native<KeyFacts & { api_secret: string }>('POST', '/api-keys', {
          ...bodyOf(options),
          ...withoutAbsent({ business_id: businessId }),
        });
        const { id, api_key, api_secret } = created;
        context.out.result(created, () => facts({ id, api_key, api_secret, ...limitsOf(created) }));
        context.out.note('Keep the secret now: it is not shown again.');
      }),
    );

  key
    .command('list')
    .description('the API keys of a business, oldest first')
    .option('--business <name>', 'whose; your own unless given')
    .action(
      act(async (context, options: { business?: string }) => {
        const client = await context.client();
        const query =
          options.business === undefined ? '' : `?business_id=${await businessNamed(client, options.business)}`;
        const items: KeyFacts[] = [];
        for await (const item of client.items<KeyFacts>(`/api-keys${query}`)) items.push(item);
        context.out.result({ items }, () =>
          table(
            ['id', 'key', 'description', 'permissions', 'state', 'expires', 'addresses', 'last used'],
            items.map((item) => [
              item.id,
              item.api_key,
              item.description,
              item.permissions.join(' '),
              item.state,
              item.expires_at ?? 'never',
              item.allowed_addresses.join(' '),
              item.last_used_at ?? 'never',
            ]),
          ),
        );
      }),
    );

  described(key.command('edit <id>').description('change an API key; what is not given stays as it is'))
    .option('--no-expires', 'it never expires')
    .option('--no-addresses', 'it may be used from anywhere')
    .action(
      act(async (context, id: string, options: KeyOptions) => {
        const changes = bodyOf(options);
        if (Object.keys(changes).length === 0) throw usageError('nothing to change', 'See "signet key edit --help".');
        const client = await context.client();
        const edited = await client.native<KeyFacts>('PATCH', `/api-keys/${identifier(id)}`, changes);
        context.out.result(edited, () => facts({ id: edited.id, api_key: edited.api_key, ...limitsOf(edited) }));
      }),
    );

  for (const [verb, meaning, done] of [
    ['disable', 'switch an API key off, at once', 'is disabled'],
    ['enable', 'switch it on again', 'is enabled'],
    ['delete', 'take it away for good', 'is deleted'],
  ] as const) {
    key
      .command(`${verb} <id>`)
      .description(meaning)
      .action(
        act(async (context: Context, text: string) => {
          const id = identifier(text);
          const client = await context.client();
          const result =
            verb === 'delete'
              ? await client.native('DELETE', `/api-keys/${id}`).then(() => ({ id, deleted: true }))
              : await client.native('POST', `/api-keys/${id}/${verb}`, {});
          context.out.result(result, () => `API key ${id} ${done}`);
        }),
      );
  }
};

/** The options that say what a key is. */
function described(command: Command): Command {
  return command
    .option('--description <text>', 'what it is for')
    .option('--permissions <list>', 'of send, manage and read, separated by commas')
    .option('--expires <time>', 'when it ends, such as 2030-01-31T12:00:00Z')
    .option('--addresses <list>', 'where it may be used from: addresses and networks, separated by commas');
}

function bodyOf({ description, permissions, expires, addresses }: KeyOptions): Record<string, unknown> {
  return withoutAbsent({
    description,
    permissions: permissions?.split(','),
    expires_at: expires === false ? null : expires,
    allowed_addresses: addresses === false ? [] : addresses?.split(','),
  });
}

function limitsOf({ description, permissions, expires_at, allowed_addresses }: KeyFacts): Record<string, string> {
  return {
    description,
    permissions: permissions.join(' '),
    expires: expires_at ?? 'never',
    addresses: allowed_addresses.join(' ') || 'any',
  };
}

async function businessNamed(client: ApiClient, name: string): Promise<number> {
  const path = `/businesses/${encodeURIComponent(name)}`;
  return (await client.native<{ business_id: number }>('GET', path)).business_id;
}
