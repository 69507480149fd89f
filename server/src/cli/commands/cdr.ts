import { withoutAbsent } from '../arguments.ts';
import { channelNamed } from '../channels/channels.ts';
import type { Register } from '../context.ts';
import { facts } from '../output.ts';
import { mustBeThere } from './price.ts';

interface Comparison {
  id: number;
  matched: number;
  matched_by_id: number;
  matched_by_number: number;
  segments_differ: number;
  cost_differs: number;
  only_ours: number;
  only_theirs: number;
  ours: { messages: number; segments: number; cost_micros: number };
  theirs: { rows: number; segments: number; cost_micros: number };
  differences: string;
}

interface CompareOptions {
  channel: string;
  file: string;
  month: string;
  zone?: string;
  country?: string;
  toleranceS?: string;
  map?: string[];
  differences?: string;
}

/** `signet cdr …`: what a carrier charges for, compared with what was sent. */
export const registerCdr: Register = (parent, act) => {
  const cdr = parent.command('cdr').description("carriers' lists of what they charge for (CDR)");

  cdr
    .command('compare')
    .description('compare a list with what was sent over a channel in a month')
    .requiredOption('--channel <name>', 'which channel')
    .requiredOption('--file <file>', 'the list, CSV or XLSX, with a header')
    .requiredOption('--month <month>', 'such as 2026-11')
    .option('--zone <zone>', "the carrier's clocks; without it the zone of whoever signs in")
    .option('--country <code>', 'country of numbers without their calling code (two letters)')
    .option('--tolerance-s <seconds>', 'by how much times of one message may differ (600)')
    .option('--map <column=name...>', 'columns with other names than id, to, segments, time, cost, status')
    .option('--differences <file>', 'where to write the differences; without it beside the list')
    .action(
      act(async (context, options: CompareOptions) => {
        await mustBeThere(options.file);
        const client = await context.client();
        const { id } = await channelNamed(client, options.channel);
        const { month, zone, country, toleranceS } = options;
        const asked = withoutAbsent({ month, zone, country, tolerance_s: toleranceS }) as Record<string, string>;
        const query = new URLSearchParams(asked);
        for (const pair of options.map ?? []) {
          const [column, ...name] = pair.split('=');
          query.set(`${column}_column`, name.join('='));
        }
        const path = `/channels/${id}/cdr?${query}`;
        const found = await client.nativeUpload<Comparison>(path, options.file, context.world.interruption());
        const file = options.differences ?? `${options.file}.differences.csv`;
        await client.download(found.differences, file);
        context.out.result({ ...found, file }, () =>
          facts({
            'messages sent': found.ours.messages,
            'rows of the carrier': found.theirs.rows,
            matched: `${found.matched} (${found.matched_by_id} by id, ${found.matched_by_number} by number and time)`,
            'segments differ': found.segments_differ,
            'cost differs': found.cost_differs,
            'only ours': found.only_ours,
            'only theirs': found.only_theirs,
            differences: file,
          }),
        );
      }),
    );
};
