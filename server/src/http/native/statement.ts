import { Readable } from 'node:stream';
import Type from 'typebox';
import { BUSINESS_NAME } from '../../domain/business.ts';
import { must } from '../../domain/refusals.ts';
import { csvLine } from '../../files/csv-writer.ts';
import { addDays, addMonths, dayText, type LocalDay, localTime, parseDay, startOfDay } from '../../lib/calendar.ts';
import type { Desk } from '../../services/desk.ts';
import type { HttpDeps } from '../deps.ts';
import { csvEndpoint, type Endpoint } from './endpoint.ts';
import { closed } from './fields.ts';
import { type Business, businessOf } from './scope.ts';

const MONTH_RULE = 'a month that has begun, such as 2026-11';

const query = closed({ month: Type.String({ pattern: '^\\d{4}-\\d{2}$', description: MONTH_RULE }) });

const COLUMNS = ['line', 'day', 'category', 'country', 'messages', 'segments', 'credits', 'balance', 'note'] as const;

/** Statements of a month, as files for people who keep books. */
export const statementEndpoints = ({ desk, clock }: HttpDeps): Endpoint[] => {
  const monthOf = (business: Business, text: string): Readable => {
    const first = parseDay(`${text}-01`);
    const today = localTime(business.timeZone, clock.now()).day;
    must(first !== null && first <= today, { code: 'invalidField', field: 'month', rule: MONTH_RULE });
    return Readable.from(statementOf(desk, business, first, today), { objectMode: false });
  };
  return [
    csvEndpoint(
      'GET /statement.csv',
      { tag: 'account', summary: "The caller's statement of a month, in the days of its time zone", query },
      async ({ actor, query }) => monthOf(await businessOf(desk, actor, String(actor.businessId)), query.month),
    ),
    csvEndpoint(
      'GET /businesses/:business/statement.csv',
      {
        tag: 'businesses',
        needs: 'ledger:read',
        summary: "A business's statement of a month, in the days of its time zone",
        params: closed({
          business: Type.String({ pattern: BUSINESS_NAME.source, description: 'an id or a user name' }),
        }),
        query,
      },
      async ({ actor, params, query }) => monthOf(await businessOf(desk, actor, params.business), query.month),
    ),
  ];
};

type Column = (typeof COLUMNS)[number];

/**
 * Opening balance, what happened day by day, closing balance. The credits of all lines add up to the difference of the two
 * balances, which are those of the ledger.
 */
async function* statementOf(
  desk: Desk,
  { id: businessId, timeZone }: Business,
  first: LocalDay,
  today: LocalDay,
): AsyncGenerator<string> {
  const line = (cells: Partial<Record<Column, string | number | null>>) =>
    csvLine(COLUMNS.map((column) => cells[column] ?? null));
  const end = addMonths(first, 1);
  const opening = await desk.ask('statementOpening', { businessId, at: startOfDay(timeZone, first) });
  // The mark tells spreadsheets that it is UTF-8.
  yield `\ufeff${csvLine(COLUMNS)}`;
  yield line({ line: 'opening balance', day: dayText(first), balance: opening.available + opening.reserved });
  let standing = opening;
  let last = first;
  for (let day = first; day < end && day <= today; day = addDays(day, 1)) {
    last = day;
    const from = startOfDay(timeZone, day);
    const to = startOfDay(timeZone, addDays(day, 1));
    const found = await desk.ask('statementDay', { businessId, from, to });
    const name = dayText(day);
    for (const { kind, credits, reason } of found.entries) {
      yield line({ line: kind === 'top-up' ? 'top-up' : 'correction', day: name, credits, note: reason });
    }
    for (const { category, country, sent, segments, credits } of found.charged) {
      yield line({ line: 'sent', day: name, category, country, messages: sent, segments, credits: 0 - credits });
    }
    if (found.uncounted !== 0) {
      yield line({ line: 'sent', day: name, credits: 0 - found.uncounted, note: 'not in the figures yet' });
    }
    if (found.refunded !== 0) yield line({ line: 'refund', day: name, credits: found.refunded });
    standing = found.standing;
  }
  yield line({ line: 'closing balance', day: dayText(last), balance: standing.available + standing.reserved });
  yield line({ line: 'of it reserved', day: dayText(last), balance: standing.reserved });
}
