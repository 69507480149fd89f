import { DEFAULT_SMPP_SETTINGS } from '../../domain/channel.ts';
import { wholeNumber } from '../arguments.ts';
import type { ApiClient } from '../client.ts';
import type { Context, Register } from '../context.ts';
import { CommandFailed } from '../failure.ts';
import { table } from '../output.ts';
import { askSecret } from '../password.ts';

export interface ChannelFacts {
  id: number;
  name: string;
  kind: string;
  enabled: boolean;
  simulated: boolean;
  smpp: { host: string; port: number; system_id: string; sender: string; window: number };
  state: { link: string; reason: string; in_flight: number; window: number; submitted: number };
}

interface SmppOptions {
  host: string;
  port: number;
  systemId: string;
  smppPassword?: string;
  systemType?: string;
  sender?: string;
  window?: number;
  receipts: boolean;
  responseTimeoutMs?: number;
  enquireLinkMs?: number;
  disabled?: boolean;
}

/** `signet channel …`: the carriers texts go out through. */
export const registerChannel: Register = (parent, act) => {
  const channel = parent.command('channel').description('channels: the carriers texts go out through');

  channel
    .command('add')
    .description('add a channel')
    .command('smpp <name>')
    .description('a carrier reached over SMPP 3.4')
    .requiredOption('--host <host>', "the carrier's host name or address")
    .requiredOption('--port <port>', 'its port', wholeNumber)
    .requiredOption('--system-id <id>', 'who we are to it')
    .option('--smpp-password <password>', 'the password of that system id; asked for when left out')
    .option('--system-type <type>', 'system_type of the bind')
    .option('--sender <address>', "sender shown to recipients; without it the carrier's default")
    .option('--window <count>', `messages in flight (${DEFAULT_SMPP_SETTINGS.window})`, wholeNumber)
    .option('--no-receipts', 'ask for no delivery reports')
    .option(
      '--response-timeout-ms <ms>',
      `wait for an answer (${DEFAULT_SMPP_SETTINGS.responseTimeoutMs})`,
      wholeNumber,
    )
    .option('--enquire-link-ms <ms>', `ask a silent link (${DEFAULT_SMPP_SETTINGS.enquireLinkMs})`, wholeNumber)
    .option('--disabled', 'add it without connecting yet')
    .action(
      act(async (context, name: string, options: SmppOptions) => {
        const password =
          options.smppPassword ??
          (await askSecret(context.world, `SMPP password of ${options.systemId}`, 'Give --smpp-password.'));
        const client = await context.client();
        const created = await client.native<ChannelFacts>('POST', '/channels', {
          name,
          enabled: options.disabled !== true,
          smpp: withoutAbsent({
            host: options.host,
            port: options.port,
            system_id: options.systemId,
            password,
            system_type: options.systemType,
            sender: options.sender,
            window: options.window,
            receipts: options.receipts,
            response_timeout_ms: options.responseTimeoutMs,
            enquire_link_ms: options.enquireLinkMs,
          }),
        });
        context.out.result(
          created,
          () => `channel ${created.name} (${created.id}) is added; see "signet channel list"`,
        );
      }),
    );

  channel
    .command('list')
    .description('all channels and how their links stand')
    .action(
      act(async (context) => {
        const { items, simulator } = await allChannels(await context.client());
        context.out.result({ items, simulator }, () => {
          const rows = items.map((c) => [
            c.id,
            c.name,
            `${c.smpp.host}:${c.smpp.port}`,
            c.state.reason === '' ? c.state.link : `${c.state.link}: ${c.state.reason}`,
            `${c.state.in_flight}/${c.state.window}`,
            c.state.submitted,
          ]);
          const drawn = table(['id', 'name', 'carrier', 'link', 'in flight', 'submitted'], rows);
          return simulator ? `${drawn}\nThe built-in simulator stands in for a carrier.` : drawn;
        });
      }),
    );

  for (const [verb, done] of [
    ['enable', 'is enabled'],
    ['disable', 'is disabled'],
    ['remove', 'is removed'],
  ] as const) {
    channel
      .command(`${verb} <name>`)
      .description(`${verb} a channel, by its name or id`)
      .action(
        act(async (context: Context, name: string) => {
          const client = await context.client();
          const { id } = await channelNamed(client, name);
          if (verb === 'remove') await client.native('DELETE', `/channels/${id}`);
          else await client.native('POST', `/channels/${id}/${verb}`, {});
          const result = verb === 'remove' ? { id, removed: true } : await client.native('GET', `/channels/${id}`);
          context.out.result(result, () => `channel ${name} ${done}`);
        }),
      );
  }
};

/** Every channel, and whether the built-in simulator stands in for a carrier. */
export async function allChannels(client: ApiClient): Promise<{ items: ChannelFacts[]; simulator: boolean }> {
  const items: ChannelFacts[] = [];
  let simulator = false;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: ChannelFacts[]; simulator?: boolean; next_cursor: string | null } = await client.native(
      'GET',
      `/channels?limit=1000${query}`,
    );
    items.push(...page.items);
    simulator ||= page.simulator === true;
    cursor = page.next_cursor;
  }
  return { items, simulator };
}

async function channelNamed(client: ApiClient, name: string): Promise<ChannelFacts> {
  const { items } = await allChannels(client);
  const found = items.find((c) => c.name === name) ?? items.find((c) => String(c.id) === name);
  if (found) return found;
  throw new CommandFailed(`there is no channel ${name}`, 'See "signet channel list".', { code: 'channelNotFound' });
}

function withoutAbsent(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
