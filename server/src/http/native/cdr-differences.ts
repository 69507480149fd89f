import { createReadStream } from 'node:fs';
import Type, { type Static } from 'typebox';
import { must } from '../../domain/refusals.ts';
import { unprotected } from '../../files/csv-writer.ts';
import { openTable } from '../../files/table.ts';
import { CDR_DIFFERENCE_COLUMNS, CDR_DIFFERENCES } from '../../services/cdr.ts';
import type { HttpDeps } from '../deps.ts';
import { csvEndpoint, type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, IdText, listOf, orNull, PhoneNumber, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';

const Ours = closed({
  message_id: Type.String(),
  to: PhoneNumber,
  sent_at: Time,
  state: Type.String({ description: 'what became of it' }),
  segments: Count,
  cost_micros: { ...orNull(Count), description: "by the channel's costs; null where they say nothing" },
});
const Theirs = closed({
  line: Type.Integer({ minimum: 1, description: 'of the file' }),
  carrier_id: Type.String(),
  to: orNull(PhoneNumber),
  at: orNull(Time),
  segments: Count,
  cost_micros: orNull(Count),
  status: Type.String({ description: "in the carrier's words" }),
});
const Difference = closed(
  {
    difference: word(CDR_DIFFERENCES),
    ours: { ...orNull(Ours), description: 'the message; null: only the carrier has it' },
    theirs: { ...orNull(Theirs), description: "the carrier's row; null: only we have the message" },
  },
  { title: 'CdrDifference' },
);

const about = {
  tag: 'channels',
  needs: 'prices:read',
  admin: true,
  params: closed({ id: IdText }),
} as const;

/** Where a carrier's list and our messages differ: some at a time, to look at, or whole, as a file. */
export const cdrDifferenceEndpoints = ({ comparisons }: HttpDeps): Endpoint[] => {
  const fileOf = async (id: string): Promise<string> => {
    const path = await comparisons.find(Number(id));
    must(path !== null, { code: 'comparisonNotFound' });
    return path;
  };
  return [
    endpoint(
      'GET /cdr-comparisons/:id/differences',
      {
        ...about,
        summary: "Where a carrier's list and our messages differ",
        query: closed(pageQuery),
        answer: listOf(Difference),
      },
      async ({ params, query }) => {
        const limit = limitOf(query);
        const from = placeOf(query, 1)?.[0] ?? 0;
        const rows = await rowsOf(await fileOf(params.id), from, limit + 1);
        return pageOf(
          rows,
          limit,
          () => [from + limit],
          (row) => row,
        );
      },
    ),
    csvEndpoint(
      'GET /cdr-comparisons/:id/differences.csv',
      { ...about, summary: 'The same as a file, with whole numbers', wholeNumbers: true },
      async ({ params }) => createReadStream(await fileOf(params.id)),
    ),
  ];
};

/** Rows of the file from a place on, so many at most. */
async function rowsOf(path: string, from: number, count: number): Promise<Static<typeof Difference>[]> {
  const table = await openTable(path, {}, { needed: CDR_DIFFERENCE_COLUMNS, optional: [], strict: true });
  const found: Static<typeof Difference>[] = [];
  let place = 0;
  for await (const piece of table.rows()) {
    for (const { cells } of piece) {
      if (place++ < from) continue;
      found.push(differenceOf((column) => unprotected(cells[table.columns[column]!] ?? '')));
      if (found.length === count) return found;
    }
  }
  return found;
}

function differenceOf(cell: (column: (typeof CDR_DIFFERENCE_COLUMNS)[number]) => string): Static<typeof Difference> {
  const orNothing = (text: string) => (text === '' ? null : text);
  const count = (text: string) => (text === '' ? null : Number(text));
  return {
    difference: cell('difference') as Static<typeof Difference>['difference'],
    ours:
      cell('message_id') === ''
        ? null
        : {
            message_id: cell('message_id'),
            to: cell('to'),
            sent_at: cell('sent_at'),
            state: cell('state'),
            segments: Number(cell('segments')),
            cost_micros: count(cell('cost_micros')),
          },
    theirs:
      cell('line') === ''
        ? null
        : {
            line: Number(cell('line')),
            carrier_id: cell('carrier_id'),
            to: orNothing(cell('carrier_to')),
            at: orNothing(cell('carrier_time')),
            segments: Number(cell('carrier_segments')),
            cost_micros: count(cell('carrier_cost_micros')),
            status: cell('carrier_status'),
          },
  };
}
