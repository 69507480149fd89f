import { between } from '../arguments.ts';
import { allChannels, type ChannelFacts, channelNamed } from '../channels/channels.ts';
import { registerEngagelab } from '../channels/engagelab.ts';
import { registerHttp } from '../channels/http.ts';
import { registerSmpp } from '../channels/smpp.ts';
import type { Context, Register } from '../context.ts';
import { type Cell, facts, table } from '../output.ts';
import { registerChannelFacts } from './channel-facts.ts';
import { registerChannelLog } from './channel-log.ts';
import { registerChannelTest } from './channel-test.ts';

/** `signet channel …`: the carriers texts go out through. */
export const registerChannel: Register = (parent, act) => {
  const channel = parent.command('channel').description('channels: the carriers texts go out through');

  const add = channel.command('add').description('add a channel');
  const edit = channel.command('edit').description('change a channel; what is left out stays');
  registerSmpp(add, edit, act);
  registerHttp(add, edit, act);
  registerEngagelab(add, edit, act);

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
            c.kind,
            c.address,
            c.state.reason === '' ? c.state.link : `${c.state.link}: ${c.state.reason}`,
            `${c.state.in_flight}/${c.state.window}`,
            c.state.submitted,
          ]);
          const drawn = table(['id', 'name', 'kind', 'carrier', 'link', 'in flight', 'submitted'], rows);
          return simulator ? `${drawn}\nThe built-in simulator stands in for a carrier.` : drawn;
        });
      }),
    );

  channel
    .command('show <name>')
    .description('one channel and its settings, by its name or id')
    .action(
      act(async (context, name: string) => {
        const found = await channelNamed(await context.client(), name);
        context.out.result(found, () => facts(factsOf(found)));
      }),
    );

  channel
    .command('preview <name>')
    .description('the request a channel that speaks HTTP would make for a message; nothing is sent')
    .requiredOption('--to <number>', 'the recipient, with its calling code')
    .requiredOption('--text <text>', 'the text as it would go on the air')
    .option('--category <category>', 'verification, notification or marketing')
    .action(
      act(async (context, name: string, message: { to: string; text: string; category?: string }) => {
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const request = await client.native<RequestFacts>('POST', `/channels/${id}/preview`, message);
        context.out.result(request, () =>
          [
            `${request.method} ${request.url}`,
            ...Object.entries(request.headers).map(([header, value]) => `${header}: ${value}`),
            ...(request.body === null ? [] : ['', request.body]),
          ].join('\n'),
        );
      }),
    );

  channel
    .command('renew-callback <name>')
    .description('give a channel that speaks HTTP a new address for callbacks; the present one works on for a while')
    .option('--overlap-hours <hours>', 'how long the present one works on, 0 to 720', between(0, 720), 24)
    .action(
      act(async (context, name: string, options: { overlapHours: number }) => {
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const body = { overlap_hours: options.overlapHours };
        const renewed = await client.native<Renewed>('POST', `/channels/${id}/callback/renew`, body);
        const { callback_path: path, earlier_callback: earlier } = (renewed.http ?? renewed.engagelab)!;
        context.out.result(renewed, () =>
          [
            `callbacks of channel ${renewed.name} come to ${path} of this server`,
            earlier === null ? 'the address before is gone' : `${earlier.path} works until ${earlier.until}, too`,
          ].join('\n'),
        );
      }),
    );

  registerChannelTest(channel, act);
  registerChannelFacts(channel, act);
  registerChannelLog(channel, act);

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

type Addressed = { callback_path: string; earlier_callback: { path: string; until: string } | null };
type Renewed = ChannelFacts & { http?: Addressed; engagelab?: Addressed };

interface RequestFacts {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | null;
}

/** What is known of a channel: its link, and the settings of its kind. */
function factsOf({ state, ...channel }: ChannelFacts): Record<string, Cell> {
  const settings = (channel as unknown as Record<string, object>)[channel.kind] ?? {};
  return {
    id: channel.id,
    name: channel.name,
    kind: channel.kind,
    carrier: channel.address,
    link: state.reason === '' ? state.link : `${state.link}: ${state.reason}`,
    'in flight': `${state.in_flight} of ${state.window}`,
    submitted: state.submitted,
    ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name.replaceAll('_', ' '), shown(value)])),
  };
}

/** A setting on one line, written as its option takes it. */
function shown(value: unknown): string {
  if (value === null) return 'none';
  const nested = typeof value === 'object' && Object.values(value).some((each) => typeof each === 'object');
  if (nested) return JSON.stringify(value);
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object') return String(value).split('\n')[0]!;
  return Object.entries(value)
    .map(([name, each]) => `${name}=${each}`)
    .join(',');
}
