import { withoutAbsent } from '../arguments.ts';
import type { ApiClient } from '../client.ts';
import type { Act, Register } from '../context.ts';
import { table } from '../output.ts';

interface FigureItem {
  local: string;
  business_id?: number;
  channel_id?: number | null;
  country?: string | null;
  category?: string;
  template_id?: number;
  sent: number;
  delivered: number;
  failed: number;
  segments: number;
  credits: number;
  costs?: { currency: string; micros: number }[];
}

interface Figures {
  zone: string;
  items: FigureItem[];
  totals: FigureItem;
  counted_until: string | null;
  rebuilding: boolean;
}

interface QueryOptions {
  business?: string;
  from?: string;
  to?: string;
  by?: string;
  group?: string;
  zone?: string;
}

type Command = Parameters<Register>[0];

const NAMES = ['business_id', 'channel_id', 'country', 'category', 'template_id'] as const;

/** `signet figures …`: what was sent, and what became of it. */
export const registerFigures: Register = (parent, act) => {
  const figures = parent.command('figures').description('figures: what was sent and what became of it');
  registerQueries(figures, act);

  figures
    .command('rebuild <from> <to>')
    .description('count the figures of some time again, with the costs as they are now; days, or times with an offset')
    .action(
      act(async (context, from: string, to: string) => {
        await (await context.client()).native('POST', '/figures/rebuild', { from, to });
        context.out.result({ from, to, rebuilding: true }, () => `figures from ${from} to ${to} are counted again`);
      }),
    );
};

function registerQueries(figures: Command, act: Act): void {
  const withQuery = (command: Command) =>
    command
      .option('--business <name>', 'of one business; without it of whoever signs in, and for root of all')
      .option('--from <time>', 'where they begin: a day, or a time with an offset; without it today')
      .option('--to <time>', 'where they end, itself not included; without it now')
      .option('--by <period>', 'hour, day or month; without it day')
      .option('--group <list>', 'business, channel, country, category, template, separated by commas')
      .option('--zone <zone>', 'in whose days; without it the zone of the business');

  withQuery(figures.command('show'))
    .description('figures as a table')
    .action(
      act(async (context, options: QueryOptions) => {
        const client = await context.client();
        const found = await client.native<Figures>('GET', `/figures${await queryOf(client, options)}`);
        const names = NAMES.filter((name) => found.items.some((item) => item[name] !== undefined));
        context.out.result(found, () =>
          table(
            [
              'period',
              ...names.map((name) => name.replace('_id', '')),
              'sent',
              'delivered',
              'failed',
              'segments',
              'credits',
            ],
            [...found.items, { ...found.totals, local: 'in all' }].map((item) => [
              item.local,
              ...names.map((name) => item[name] ?? ''),
              item.sent,
              item.delivered,
              item.failed,
              item.segments,
              item.credits,
            ]),
          ),
        );
        if (found.counted_until !== null)
          context.out.note(`What happened after ${found.counted_until} is not counted yet.`);
        if (found.rebuilding) context.out.note('Some figures are counted again, and incomplete.');
      }),
    );

  withQuery(figures.command('download <file>'))
    .description('figures as CSV, however many')
    .action(
      act(async (context, file: string, options: QueryOptions) => {
        const client = await context.client();
        await client.download(`/api/v1/figures.csv${await queryOf(client, options)}`, file);
        context.out.result({ file }, () => `written to ${file}`);
      }),
    );
}

async function queryOf(client: ApiClient, { business, ...options }: QueryOptions): Promise<string> {
  const query = new URLSearchParams(withoutAbsent({ ...options }) as Record<string, string>);
  if (business !== undefined) {
    const found = await client.native<{ business_id: number }>('GET', `/businesses/${encodeURIComponent(business)}`);
    query.set('business_id', String(found.business_id));
  }
  return query.size === 0 ? '' : `?${query}`;
}
