import { EXCHANGE_KINDS, type ExchangeKind } from '../../domain/exchange.ts';
import { between, oneOf, timeWithOffset } from '../arguments.ts';
import { channelNamed } from '../channels/channels.ts';
import type { ApiClient } from '../client.ts';
import type { Register } from '../context.ts';
import { CommandFailed } from '../failure.ts';
import { counted } from '../output.ts';

interface LoggedLine {
  id: string;
  at: string;
  kind: string;
  bind: number;
  duration_ms: number | null;
  message_id: string | null;
  part: { number: number; of: number; octets: number; data_coding: number } | null;
  number: string;
  carrier_id: string;
  status: string;
  detail: string;
}

interface LogPage {
  items: LoggedLine[];
  next_cursor: string | null;
  logging: boolean;
  /** Processes that may have more lines, and did not answer. */
  unheard: { host: string; pid: number }[];
}

interface LogOptions {
  from?: string;
  to?: string;
  message?: string;
  carrierId?: string;
  status?: string;
  kind?: ExchangeKind;
  limit?: number;
  follow?: boolean;
}

const DEFAULT_LINES = 50;
const LOOK_EVERY_MS = 1_000;
/** Lines that are not shown twice, the newest. */
const REMEMBERED = 10_000;

/** `signet channel log`: what was said to a carrier and by it. */
export const registerChannelLog: Register = (channel, act) => {
  channel
    .command('log <name>')
    .description('what was said to the carrier and by it, the newest at the end; numbers masked, no texts')
    .option('--from <time>', 'not before, such as 2026-11-22T08:30:00+08:00', timeWithOffset)
    .option('--to <time>', 'not after', timeWithOffset)
    .option('--message <id>', 'about one message')
    .option('--carrier-id <id>', "about the message with this id of the carrier's")
    .option('--status <status>', 'answered so, such as ESME_RTHROTTLED, timeout, 503')
    .option('--kind <kind>', EXCHANGE_KINDS.join(', '), oneOf(...EXCHANGE_KINDS))
    .option('--limit <count>', `lines at most (${DEFAULT_LINES})`, between(1, 100_000))
    .option('--follow', 'go on with what comes, until Ctrl-C; with --json one value a line')
    .action(
      act(async (context, name: string, options: LogOptions) => {
        const { out, world } = context;
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const path = logPath(id, options);
        // Asked for before the lines: what comes between the two is looked at again.
        let seen = options.follow ? await newestLine(client, id) : null;
        const page = await newest(client, path, options.limit ?? DEFAULT_LINES);
        const { items } = page;
        if (!page.logging) {
          throw new CommandFailed(
            'nothing is logged: SIGNET_CHANNEL_LOG_MB is 0',
            'Start the server with room for logs.',
            { code: 'channelLogOff' },
          );
        }
        for (const { host, pid } of page.unheard) {
          out.note(`Process ${pid} on ${host} did not answer: lines of it are missing.`);
        }
        if (!options.follow) {
          out.result({ items }, () => items.map(lineOf).join('\n') || 'no lines');
          return;
        }
        const interrupted = world.interruption();
        let shown = items;
        let told: string[] = [];
        for (;;) {
          for (const line of shown) out.line(line, () => lineOf(line));
          told = [...told, ...shown.map((line) => line.id)].slice(-REMEMBERED);
          const last = shown.at(-1)?.id ?? seen;
          await world.wait(LOOK_EVERY_MS, interrupted);
          if (interrupted.aborted) return;
          // Whatever does not fit the filter is passed over once, not at every look.
          seen = await newestLine(client, id);
          const after = last === null ? path : `${path}&after=${last}`;
          const known = new Set(told);
          // Lines of other processes than the last one's may come again.
          shown = (await newest(client, after, Number.POSITIVE_INFINITY)).items.filter((line) => !known.has(line.id));
        }
      }),
    );
};

function logPath(id: number, { from, to, message, carrierId, status, kind }: LogOptions): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries({ from, to, message, carrier_id: carrierId, status, kind })) {
    if (value !== undefined) query.set(key, value);
  }
  return `/channels/${id}/log?${query}`;
}

/** The newest lines of a log, oldest first. */
async function newest(client: ApiClient, path: string, most: number): Promise<LogPage> {
  const items: LoggedLine[] = [];
  // Whoever was silent on one page is missing from those behind it.
  const unheard = new Map<string, LogPage['unheard'][number]>();
  for (let cursor = ''; ; ) {
    const page: LogPage = await client.native('GET', `${path}&limit=${Math.min(1_000, most - items.length)}${cursor}`);
    items.push(...page.items);
    for (const process of page.unheard) unheard.set(`${process.host} ${process.pid}`, process);
    if (page.next_cursor === null || items.length >= most) {
      return { ...page, items: items.reverse(), unheard: [...unheard.values()] };
    }
    cursor = `&cursor=${page.next_cursor}`;
  }
}

/** The id of the newest line, whatever it is about; null when there is none. */
async function newestLine(client: ApiClient, id: number): Promise<string | null> {
  return (await newest(client, `/channels/${id}/log?`, 1)).items[0]?.id ?? null;
}

function lineOf(line: LoggedLine): string {
  const { part } = line;
  return [
    line.at,
    line.kind,
    `bind ${line.bind}`,
    line.status,
    line.duration_ms === null ? '' : `${line.duration_ms} ms`,
    line.number,
    line.message_id ?? '',
    line.carrier_id && `id ${line.carrier_id}`,
    part === null ? '' : partOf(part),
    line.detail,
  ]
    .filter((word) => word !== '')
    .join('  ');
}

function partOf({ number, of, octets, data_coding }: NonNullable<LoggedLine['part']>): string {
  const which = of > 1 ? `part ${number}/${of}, ` : '';
  return `${which}${counted(octets, 'octet')}, data coding ${data_coding}`;
}
