import { between, oneOf, withoutAbsent } from '../arguments.ts';
import { allChannels, type ChannelFacts } from '../channels/channels.ts';
import type { ApiClient } from '../client.ts';
import type { Register } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { table } from '../output.ts';

type Command = Parameters<Register>[0];

interface RouteFacts {
  id: number;
  position: number;
  name: string;
  enabled: boolean;
  countries: string[];
  prefixes: string[];
  categories: string[];
  businesses: number[];
  targets: { channel_id: number; weight: number }[];
  fallback: number[];
  sticky: boolean;
}

interface RouteOptions {
  country?: string;
  prefix?: string;
  category?: string;
  business?: string;
  to?: string;
  fallback?: string;
  sticky?: boolean;
  at?: number;
  name?: string;
  enabled?: boolean;
}

interface RouteUse {
  route_id: number | null;
  name: string | null;
  messages: number;
  fallback: number;
  stand_in: number;
  passed_on: number;
  dead_ends: number;
}

interface ExplanationFacts {
  why: string;
  routes: { name: string; position: number; fits: boolean; why: string }[];
  channels: { name: string; role: string; standing: string; share: number; why: string }[];
}

const MAX_POSITION = 1_000;
const MAX_HOURS = 768;

/** `signet route …`: which channels take which messages. */
export const registerRoute: Register = (parent, act) => {
  const route = parent
    .command('route')
    .description('routes: which channels take which messages; the first that fits decides');

  route
    .command('list')
    .description('all routes, in their order')
    .action(
      act(async (context) => {
        const client = await context.client();
        const items = await allRoutes(client);
        const { items: channels } = await allChannels(client);
        context.out.result({ items }, () =>
          table(
            ['', 'name', 'for', 'goes over', 'sticky', ''],
            items.map((r) => [
              r.position,
              r.name,
              conditionsOf(r),
              waysOf(r, channels),
              r.sticky ? 'yes' : '',
              r.enabled ? '' : 'disabled',
            ]),
          ),
        );
      }),
    );

  described(route.command('add <name>').description('add a route, behind all others unless --at says otherwise'))
    .requiredOption('--to <channels>', 'channels that share its messages, by name or id, with weights: cn-a=70,cn-b=30')
    .option('--disabled', 'add it without using it yet')
    .action(
      act(async (context, name: string, options: RouteOptions & { disabled?: boolean }) => {
        const client = await context.client();
        const created = await client.native<RouteFacts>('POST', '/routes', {
          name,
          ...(await bodyOf(client, options)),
          ...(options.disabled === true && { enabled: false }),
        });
        context.out.result(created, () => `route ${name} is added, at place ${created.position}`);
      }),
    );

  described(
    route.command('edit <name>').description('change a route; what is left out stays, "" or any lifts a condition'),
  )
    .option('--to <channels>', 'other channels with weights')
    .option('--name <name>', 'another name')
    .option('--enabled', 'use it')
    .option('--no-enabled', 'pass it by')
    .option('--no-sticky', 'share its messages by weight only')
    .action(
      act(async (context, name: string, options: RouteOptions) => {
        const client = await context.client();
        const { id } = await routeNamed(client, name);
        const body = {
          ...(await bodyOf(client, options)),
          ...withoutAbsent({ name: options.name, enabled: options.enabled }),
        };
        if (Object.keys(body).length === 0) throw usageError('nothing to change', 'See "signet route edit --help".');
        const edited = await client.native<RouteFacts>('PATCH', `/routes/${id}`, body);
        context.out.result(edited, () => `route ${edited.name} is changed`);
      }),
    );

  route
    .command('move <name> <place>')
    .description('give a route another place in the order, from 1')
    .action(
      act(async (context, name: string, place: string) => {
        const client = await context.client();
        const position = between(1, MAX_POSITION)(place);
        const { id } = await routeNamed(client, name);
        const moved = await client.native<RouteFacts>('PATCH', `/routes/${id}`, { position });
        context.out.result(moved, () => `route ${moved.name} is at place ${moved.position}`);
      }),
    );

  route
    .command('remove <name>')
    .description('take a route away; what waits goes by the others')
    .action(
      act(async (context, name: string) => {
        const client = await context.client();
        const { id } = await routeNamed(client, name);
        await client.native('DELETE', `/routes/${id}`);
        context.out.result({ id, removed: true }, () => `route ${name} is removed`);
      }),
    );

  route
    .command('figures')
    .description('how often each route was used, fell back, failed over, and found no channel that takes a message')
    .option('--hours <hours>', 'in the last so many hours, the one that runs among them', between(1, MAX_HOURS), 24)
    .action(
      act(async (context, options: { hours: number }) => {
        const client = await context.client();
        const query = new URLSearchParams({ hours: String(options.hours) });
        const found = await client.native<{ items: RouteUse[] }>('GET', `/routes/figures?${query}`);
        context.out.result(found, () =>
          table(
            ['route', 'messages', 'by fallback', 'stand-in', 'passed on', 'dead ends'],
            found.items.map((use) => [
              use.name ?? '(no route fits)',
              use.messages,
              use.fallback,
              use.stand_in,
              use.passed_on,
              use.dead_ends,
            ]),
          ),
        );
      }),
    );

  route
    .command('explain <number>')
    .description('where a message to a number would go now, and why')
    .requiredOption('--category <category>', 'its category', oneOf('verification', 'notification', 'marketing'))
    .option('--business <name>', 'whose message; your own unless given')
    .action(
      act(async (context, number: string, options: { category: string; business?: string }) => {
        const client = await context.client();
        const query = new URLSearchParams({ to: number, category: options.category });
        if (options.business !== undefined) query.set('business', options.business);
        const found = await client.native<ExplanationFacts>('GET', `/routes/explain?${query}`);
        context.out.result(found, () =>
          [
            found.why,
            ...found.routes.map((r) => `  ${r.position}. route ${r.name}: ${r.why}`),
            ...found.channels.map((c) => `  channel ${c.name} (${c.role}, ${c.standing}): ${c.why}`),
          ].join('\n'),
        );
      }),
    );
};

/** The options that adding and editing share. */
const described = (command: Command): Command =>
  command
    .option('--country <list>', 'countries of the numbers, such as CN,GB')
    .option('--prefix <list>', 'what the numbers begin with, without +, such as 8613,44')
    .option('--category <list>', 'verification, notification, marketing')
    .option('--business <list>', 'user names or ids of businesses')
    .option('--fallback <channels>', 'channels, in order, for when none of the others can be used')
    .option('--sticky', 'messages of a business to one number always go over the same channel')
    .option('--at <place>', 'its place in the order, from 1', between(1, MAX_POSITION));

async function bodyOf(client: ApiClient, options: RouteOptions): Promise<Record<string, unknown>> {
  const named = options.to !== undefined || options.fallback !== undefined ? (await allChannels(client)).items : [];
  return withoutAbsent({
    countries: listOf(options.country)?.map((code) => code.toUpperCase()),
    prefixes: listOf(options.prefix)?.map((prefix) => prefix.replace(/^\+/, '')),
    categories: listOf(options.category),
    businesses: await businessesOf(client, options.business),
    targets: listOf(options.to)?.map((text) => targetOf(named, text)),
    fallback: listOf(options.fallback)?.map((name) => idOf(named, name)),
    sticky: options.sticky,
    position: options.at,
  });
}

/** The items of a list written with commas; none for an empty text or the word any. */
function listOf(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  if (text === '' || text === 'any' || text === 'none') return [];
  return text.split(',').map((item) => item.trim());
}

function targetOf(channels: readonly ChannelFacts[], text: string): { channel_id: number; weight: number } {
  const [name, weight = '1'] = text.split('=');
  return { channel_id: idOf(channels, name!), weight: between(1, 1_000)(weight) };
}

function idOf(channels: readonly ChannelFacts[], name: string): number {
  const found = channels.find((c) => c.name === name) ?? channels.find((c) => String(c.id) === name);
  if (found !== undefined) return found.id;
  throw new CommandFailed(`there is no channel ${name}`, 'See "signet channel list".', { code: 'channelNotFound' });
}

async function businessesOf(client: ApiClient, text: string | undefined): Promise<number[] | undefined> {
  const ids: number[] = [];
  const names = listOf(text);
  for (const name of names ?? []) {
    const path = `/businesses/${encodeURIComponent(name)}`;
    ids.push((await client.native<{ business_id: number }>('GET', path)).business_id);
  }
  return names === undefined ? undefined : ids;
}

async function allRoutes(client: ApiClient): Promise<RouteFacts[]> {
  const items: RouteFacts[] = [];
  for await (const item of client.items<RouteFacts>('/routes')) items.push(item);
  return items;
}

async function routeNamed(client: ApiClient, name: string): Promise<RouteFacts> {
  const items = await allRoutes(client);
  const found = items.find((r) => r.name === name) ?? items.find((r) => String(r.id) === name);
  if (found !== undefined) return found;
  throw new CommandFailed(`there is no route ${name}`, 'See "signet route list".', { code: 'routeNotFound' });
}

function conditionsOf({ countries, prefixes, categories, businesses }: RouteFacts): string {
  const conditions = [
    countries.join(', '),
    prefixes.map((prefix) => `${prefix}…`).join(', '),
    categories.join(', '),
    businesses.length === 0 ? '' : `business ${businesses.join(', ')}`,
  ].filter((condition) => condition !== '');
  return conditions.length === 0 ? 'everything' : conditions.join('; ');
}

function waysOf({ targets, fallback }: RouteFacts, channels: readonly ChannelFacts[]): string {
  const nameOf = (id: number) => channels.find((c) => c.id === id)?.name ?? String(id);
  const shared = targets.length > 1;
  const over = targets.map(({ channel_id, weight }) => nameOf(channel_id) + (shared ? `=${weight}` : '')).join(', ');
  return fallback.length === 0 ? over : `${over}, else ${fallback.map(nameOf).join(', ')}`;
}
