import { between, identifier, oneOf, timeWithOffset, withoutAbsent } from '../arguments.ts';
import { businessIdOf, queryOf } from '../business-id.ts';
import { allChannels } from '../channels/channels.ts';
import type { ApiClient } from '../client.ts';
import type { Register } from '../context.ts';
import { CommandFailed } from '../failure.ts';
import { facts, table } from '../output.ts';

interface InboundFacts {
  id: number;
  business_id: number | null;
  channel_id: number | null;
  from: string;
  to: string;
  text: string;
  parts: number;
  missing: number;
  kind: string;
  reply_plan_id: number | null;
  reply_error: string;
  received_at: string;
}

interface NumberFacts {
  id: number;
  number: string;
  channel_id: number | null;
  business_id: number;
}

interface KeywordFacts {
  id: number;
  business_id: number;
  word: string;
  shared: boolean;
  template_id: number | null;
}

interface ListOptions {
  business?: string;
  unmatched?: boolean;
  kind?: string;
  from?: string;
  to?: string;
  since?: string;
  until?: string;
  limit?: number;
}

const KINDS = ['plain', 'opt-out', 'opt-in', 'keyword'];
const DEFAULT_SHOWN = 50;
const MAX_SHOWN = 1_000;

type Command = Parameters<Register>[0];
type Act = Parameters<Register>[1];

/** `signet inbound …`: what people write to our numbers, and whose it is. */
export const registerInbound: Register = (parent, act) => {
  const inbound = parent
    .command('inbound')
    .description('messages that come in, and the numbers and keywords they come to');

  inbound
    .command('list')
    .description('messages that came in, newest first')
    .option('--business <name>', 'whose (for root); without it everybody’s')
    .option('--unmatched', "only those that are nobody's (for root)")
    .option('--kind <kind>', `only ${KINDS.join(', ')}`, oneOf(...KINDS))
    .option('--from <number>', 'only from this number or name')
    .option('--to <number>', 'only to this number')
    .option('--since <time>', 'received at or after, such as 2026-11-22T08:30:00+08:00', timeWithOffset)
    .option('--until <time>', 'received before', timeWithOffset)
    .option('--limit <n>', 'how many at most', between(1, MAX_SHOWN), DEFAULT_SHOWN)
    .action(
      act(async (context, { business, unmatched, ...options }: ListOptions) => {
        const client = await context.client();
        const query = queryOf({
          ...options,
          ...(await businessIdOf(client, business)),
          unmatched: unmatched ? 'yes' : undefined,
        });
        const { items } = await client.native<{ items: InboundFacts[] }>('GET', `/inbound${query}`);
        context.out.result({ items }, () =>
          table(
            ['id', 'received', 'from', 'to', 'business', 'kind', 'text'],
            items.map((m) => [
              String(m.id),
              m.received_at,
              m.from,
              m.to,
              m.business_id === null ? 'nobody' : String(m.business_id),
              m.missing === 0 ? m.kind : `${m.kind}, ${m.missing} of ${m.parts} parts missing`,
              m.text,
            ]),
          ),
        );
      }),
    );

  inbound
    .command('show <id>')
    .description('one message that came in')
    .action(
      act(async (context, id: string) => {
        const client = await context.client();
        const found = await client.native<InboundFacts>('GET', `/inbound/${identifier(id)}`);
        context.out.result(found, () => facts({ ...found }));
      }),
    );

  inbound
    .command('assign <id> <business>')
    .description("give a message that is nobody's to a business (for root); a word that opts out does so now")
    .action(
      act(async (context, id: string, business: string) => {
        const client = await context.client();
        const body = await businessIdOf(client, business);
        const given = await client.native<InboundFacts>('POST', `/inbound/${identifier(id)}/assign`, body);
        context.out.result(given, () => `message ${given.id} belongs to business ${given.business_id}: ${given.kind}`);
      }),
    );

  numbers(inbound, act);
  keywords(inbound, act);
};

function numbers(inbound: Command, act: Act): void {
  const number = inbound.command('number').description('numbers and short codes, and the businesses they belong to');

  number
    .command('list')
    .description('numbers that messages come in on')
    .option('--business <name>', 'whose (for root)')
    .action(
      act(async (context, { business }: { business?: string }) => {
        const items = await all<NumberFacts>(await context.client(), '/inbound-numbers', business);
        context.out.result({ items }, () =>
          table(
            ['id', 'number', 'channel', 'business'],
            items.map((n) => [n.id, n.number, n.channel_id ?? 'any', n.business_id]),
          ),
        );
      }),
    );

  number
    .command('add <number> <business>')
    .description('give a number to a business; 1069* stands for all that begin so, * for every number')
    .option('--channel <name>', 'only on this channel, by name or id; without it on any')
    .action(
      act(async (context, text: string, business: string, { channel }: { channel?: string }) => {
        const client = await context.client();
        const added = await client.native<NumberFacts>('POST', '/inbound-numbers', {
          number: text,
          ...(await businessIdOf(client, business)),
          ...(channel !== undefined && { channel_id: await channelIdOf(client, channel) }),
        });
        context.out.result(added, () => `messages to ${added.number} are for ${business}`);
      }),
    );

  number
    .command('remove <id>')
    .description('take a number back from its business')
    .action(
      act(async (context, id: string) => {
        await (await context.client()).native('DELETE', `/inbound-numbers/${identifier(id)}`);
        context.out.result({ id: identifier(id), removed: true }, () => `number ${id} is nobody's`);
      }),
    );
}

function keywords(inbound: Command, act: Act): void {
  const keyword = inbound.command('keyword').description('first words of messages that mean something to a business');

  keyword
    .command('list')
    .description('keywords')
    .option('--business <name>', 'whose (for root)')
    .action(
      act(async (context, { business }: { business?: string }) => {
        const items = await all<KeywordFacts>(await context.client(), '/keywords', business);
        context.out.result({ items }, () =>
          table(
            ['id', 'word', 'business', 'shared', 'answered with'],
            items.map((k) => [
              k.id,
              k.word,
              k.business_id,
              k.shared ? 'yes' : '',
              k.template_id === null ? '' : `template ${k.template_id}`,
            ]),
          ),
        );
      }),
    );

  keyword
    .command('add <word>')
    .description('add a keyword')
    .option('--business <name>', 'whose (for root); without it your own')
    .option('--template <id>', 'the template that answers it, without variables', identifier)
    .option('--shared', "make messages to nobody's numbers that begin with it the business's (for root)")
    .action(
      act(async (context, word: string, options: { business?: string; template?: number; shared?: boolean }) => {
        const client = await context.client();
        const added = await client.native<KeywordFacts>(
          'POST',
          '/keywords',
          withoutAbsent({
            word,
            ...(await businessIdOf(client, options.business)),
            template_id: options.template,
            shared: options.shared,
          }),
        );
        context.out.result(added, () => facts({ ...added, shared: added.shared ? 'yes' : 'no' }));
      }),
    );

  keyword
    .command('remove <id>')
    .description('take a keyword away')
    .action(
      act(async (context, id: string) => {
        await (await context.client()).native('DELETE', `/keywords/${identifier(id)}`);
        context.out.result({ id: identifier(id), removed: true }, () => `keyword ${id} is removed`);
      }),
    );
}

async function all<T>(client: ApiClient, path: string, business: string | undefined): Promise<T[]> {
  const items: T[] = [];
  const query = queryOf(await businessIdOf(client, business));
  for await (const item of client.items<T>(`${path}${query}`)) items.push(item);
  return items;
}

async function channelIdOf(client: ApiClient, text: string): Promise<number> {
  const { items } = await allChannels(client);
  const found = items.find(({ id, name }) => name === text || String(id) === text);
  if (found === undefined) throw new CommandFailed(`no channel is called ${text}`, 'See "signet channel list".');
  return found.id;
}
