import { between, timeWithOffset } from '../arguments.ts';
import { channelNamed } from '../channels/channels.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';
import { table } from '../output.ts';

interface ReportFacts {
  at: string;
  channel_id: number | null;
  carrier_id: string;
  to: string | null;
  state: string | null;
  error: string;
  raw?: string;
}

interface Page {
  items: ReportFacts[];
  next_cursor: string | null;
  total?: number;
}

interface FindOptions {
  to?: string;
  from?: string;
  until?: string;
  limit: number;
}

const DEFAULT_LIMIT = 50;

/** `signet report …`: delivery reports as carriers wrote them. */
export const registerReport: Register = (parent, act) => {
  const report = parent.command('report').description('delivery reports as carriers wrote them');

  report
    .command('find [carrier-id]')
    .description(
      "reports with the carrier's id, exactly as it writes it in reports, or (--to) on a number; newest first",
    )
    .option('--to <number>', 'on this number, in E.164')
    .option('--from <time>', 'not before, such as 2026-11-22T08:30:00+08:00', timeWithOffset)
    .option('--until <time>', 'not after', timeWithOffset)
    .option('--limit <count>', `reports at most (${DEFAULT_LIMIT})`, between(1, 1_000), DEFAULT_LIMIT)
    .action(
      act(async (context, carrierId: string | undefined, { to, from, until, limit }: FindOptions) => {
        if (carrierId === undefined && to === undefined) {
          throw usageError('which reports?', "Give the carrier's id, or a number with --to.");
        }
        const query = new URLSearchParams();
        for (const [key, value] of Object.entries({ carrier_id: carrierId, to, from, until })) {
          if (value !== undefined) query.set(key, value);
        }
        const client = await context.client();
        const items: ReportFacts[] = [];
        // A request looks through so many and may find few; there may be more all the same.
        let next: string | null = null;
        do {
          query.set('limit', String(limit - items.length));
          if (next !== null) query.set('cursor', next);
          const page: Page = await client.native<Page>('GET', `/reports?${query}`);
          items.push(...page.items);
          next = page.next_cursor;
        } while (next !== null && items.length < limit);
        context.out.result({ items }, () =>
          items.length === 0
            ? 'no such reports'
            : items.map((r) => `${r.at}  channel ${r.channel_id ?? 'simulator'}  ${r.to ?? ''}  ${r.raw}`).join('\n'),
        );
      }),
    );

  report
    .command('orphans')
    .description('reports that spoke of no message that is known, newest first')
    .option('--channel <name>', 'of one channel, by its name or id')
    .option('--limit <count>', `reports at most (${DEFAULT_LIMIT})`, between(1, 1_000), DEFAULT_LIMIT)
    .action(
      act(async (context, { channel, limit }: { channel?: string; limit: number }) => {
        const client = await context.client();
        const only = channel === undefined ? '' : `&channel_id=${(await channelNamed(client, channel)).id}`;
        const { items, total = 0 } = await client.native<Page>('GET', `/orphan-reports?limit=${limit}${only}`);
        context.out.result({ items, total }, () => {
          if (total === 0) return 'no orphans: every report spoke of a message';
          const rows = items.map((r) => [
            r.at,
            r.channel_id ?? 'simulator',
            r.carrier_id,
            r.to ?? '',
            r.state,
            r.error,
          ]);
          return `${table(['at', 'channel', 'carrier id', 'number', 'state', 'error'], rows)}\n${total} are kept`;
        });
      }),
    );
};
