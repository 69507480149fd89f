import { identifier } from '../arguments.ts';
import type { ApiClient } from '../client.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';
import { facts, table } from '../output.ts';

interface WebhookFacts {
  id: number;
  business_id: number;
  url: string;
  callbacks: string[];
  username: string;
  has_authorization: boolean;
  description: string;
  state: string;
  waiting: number;
  failures: number;
  retry_at: string | null;
  secret?: string;
}

interface DeliveryFacts {
  id: number;
  state: string;
  callbacks: string[];
  rows: number;
  tries: { at: string; duration_ms: number; status: number | null; error: string }[];
  next_try_at: string | null;
  since: string;
}

interface FieldOptions {
  url?: string;
  tell?: string;
  username?: string;
  description?: string;
  secret?: string;
  authorization?: string | false;
}

/** `signet webhook …`: where a business is told what happens. */
export const registerWebhook: Register = (parent, act) => {
  const webhook = parent.command('webhook').description('webhooks: addresses that are told what happens');

  webhook
    .command('add <url>')
    .description('add a webhook; the address must answer 200 to a POST of {}')
    .option('--business <name>', 'whose it is (for root); without it your own')
    .option('--tell <list>', 'what it is told, separated by commas, such as sent,delivered; without it everything')
    .option('--username <name>', 'named in X-CALLBACK-ID; without it the user name of the business')
    .option('--secret <secret>', 'what requests are signed with; without it one is generated and printed once')
    .option('--authorization <value>', 'value of the Authorization header')
    .option('--description <text>', 'for your own memory')
    .action(
      act(async (context, url: string, options: FieldOptions & { business?: string }) => {
        const client = await context.client();
        const created = await client.native<WebhookFacts>('POST', '/webhooks', {
          ...(await ownerOf(client, options.business)),
          ...fieldsOf({ ...options, url }),
        });
        context.out.result(created, () => shown(created));
        if (created.secret !== undefined) context.out.note('Keep the secret now: it is not shown again.');
      }),
    );

  webhook
    .command('list')
    .description('webhooks and how they do')
    .option('--business <name>', 'whose (for root); without it your own')
    .action(
      act(async (context, options: { business?: string }) => {
        const client = await context.client();
        const { business_id } = await ownerOf(client, options.business);
        const query = business_id === undefined ? '' : `?business_id=${business_id}`;
        const items: WebhookFacts[] = [];
        for await (const item of client.items<WebhookFacts>(`/webhooks${query}`)) items.push(item);
        context.out.result({ items }, () =>
          table(
            ['id', 'url', 'told', 'state', 'waiting', 'failures', 'next try'],
            items.map((w) => [w.id, w.url, w.callbacks.length, w.state, w.waiting, w.failures, w.retry_at]),
          ),
        );
      }),
    );

  webhook
    .command('show <id>')
    .description('one webhook')
    .action(
      act(async (context, id: string) => {
        const found = await (await context.client()).native<WebhookFacts>('GET', path(id));
        context.out.result(found, () => shown(found));
      }),
    );

  webhook
    .command('edit <id>')
    .description('change a webhook; what is left out stays')
    .option('--address <url>', 'where it is')
    .option('--tell <list>', 'what it is told, separated by commas')
    .option('--username <name>', 'named in X-CALLBACK-ID')
    .option('--secret <secret>', 'what requests are signed with')
    .option('--authorization <value>', 'value of the Authorization header')
    .option('--no-authorization', 'send no Authorization header')
    .option('--description <text>', 'for your own memory')
    .action(
      act(async (context, id: string, { address, ...options }: FieldOptions & { address?: string }) => {
        const fields = fieldsOf(address === undefined ? options : { ...options, url: address });
        if (Object.keys(fields).length === 0)
          throw usageError('nothing to change', 'See "signet webhook edit --help".');
        const edited = await (await context.client()).native<WebhookFacts>('PATCH', path(id), fields);
        context.out.result(edited, () => shown(edited));
      }),
    );

  for (const [verb, meaning, done] of [
    ['enable', 'tell a webhook what happens from now on', 'is enabled'],
    ['disable', 'tell a webhook nothing, until it is enabled', 'is disabled'],
    ['remove', 'take a webhook away, with what waits for it', 'is removed'],
  ] as const) {
    webhook
      .command(`${verb} <id>`)
      .description(meaning)
      .action(
        act(async (context, id: string) => {
          const client = await context.client();
          if (verb === 'remove') await client.native('DELETE', path(id));
          const result =
            verb === 'remove'
              ? { id: identifier(id), removed: true }
              : await client.native<WebhookFacts>('POST', `${path(id)}/${verb}`, {});
          context.out.result(result, () => `webhook ${id} ${done}`);
        }),
      );
  }

  webhook
    .command('deliveries <id>')
    .description('the newest deliveries of a webhook')
    .option('--state <state>', 'only those that are waiting, succeeded or dead')
    .action(
      act(async (context, id: string, options: { state?: string }) => {
        const query = options.state === undefined ? '' : `?state=${encodeURIComponent(options.state)}`;
        const client = await context.client();
        const { items } = await client.native<{ items: DeliveryFacts[] }>('GET', `${path(id)}/deliveries${query}`);
        context.out.result({ items }, () =>
          table(
            ['id', 'since', 'state', 'rows', 'tells', 'tries', 'last', 'next try'],
            items.map((d) => [
              String(d.id),
              d.since,
              d.state,
              d.rows,
              d.callbacks.join(' '),
              d.tries.length,
              lastOf(d),
              d.next_try_at,
            ]),
          ),
        );
      }),
    );
};

const path = (id: string): string => `/webhooks/${identifier(id)}`;

const lastOf = ({ tries }: DeliveryFacts): string => {
  const last = tries.at(-1);
  return last === undefined ? '' : last.error || String(last.status);
};

const shown = ({ callbacks, ...webhook }: WebhookFacts): string => facts({ ...webhook, told: callbacks.join(' ') });

function fieldsOf(options: FieldOptions): Record<string, unknown> {
  const { tell, authorization, url, username, description, secret } = options;
  const fields = {
    url,
    username,
    description,
    secret,
    callbacks: tell?.split(',').map((word) => word.trim()),
    authorization: authorization === false ? null : authorization,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

async function ownerOf(client: ApiClient, name: string | undefined): Promise<{ business_id?: number }> {
  if (name === undefined) return {};
  const { business_id } = await client.native<{ business_id: number }>(
    'GET',
    `/businesses/${encodeURIComponent(name)}`,
  );
  return { business_id };
}
