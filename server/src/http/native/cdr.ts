import Type from 'typebox';
import { isCountry } from '../../domain/recipient.ts';
import { must } from '../../domain/refusals.ts';
import { isTimeZone, TIME_ZONE_RULE } from '../../domain/time-zone.ts';
import { addMonths, parseDay, startOfDay } from '../../lib/calendar.ts';
import { isoTime } from '../../lib/clock.ts';
import { CDR_COLUMNS, type CdrColumn, compareCdr } from '../../services/cdr.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { Count, closed, Id, IdText, Time } from './fields.ts';
import { businessOf } from './scope.ts';

const DEFAULT_TOLERANCE_S = 600;
const MONTH_RULE = 'a month such as 2026-11';

const Column = (what: string) =>
  Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: `the column of ${what}: name, or place from 1` }),
  );

const columnFields = {
  id_column: Column('the carrier\'s ids; unless given "id"'),
  to_column: Column('the recipients; unless given "to"'),
  segments_column: Column('the segments; unless given "segments", and 1 where it is empty'),
  time_column: Column('the times; unless given "time"'),
  cost_column: Column('the costs, decimals; unless given "cost"'),
  status_column: Column('the carrier\'s word for what became of it; unless given "status"'),
};

const query = closed({
  month: Type.String({ pattern: '^\\d{4}-\\d{2}$', description: MONTH_RULE }),
  zone: Type.Optional(
    Type.String({ maxLength: 64, description: `the carrier's clocks, for the month and times: ${TIME_ZONE_RULE}` }),
  ),
  country: Type.Optional(
    Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2 of numbers without their calling code' }),
  ),
  tolerance_s: Type.Optional(
    Type.String({
      pattern: '^[1-9]\\d{0,4}$',
      description: `seconds by which times of one message may differ; ${DEFAULT_TOLERANCE_S} unless given`,
    }),
  ),
  ...columnFields,
});

const Side = { segments: Count, cost_micros: Count };
const Comparison = closed(
  {
    id: Id,
    channel_id: Id,
    from: Time,
    to: Time,
    matched: Type.Integer({ minimum: 0, description: 'messages that are in the list' }),
    matched_by_id: Count,
    matched_by_number: Type.Integer({ minimum: 0, description: 'by recipient and time, where no id fitted' }),
    segments_differ: Count,
    cost_differs: Count,
    only_ours: Type.Integer({ minimum: 0, description: 'messages that are not in the list' }),
    only_theirs: Type.Integer({ minimum: 0, description: 'rows that are about no message over this channel' }),
    ours: closed({ messages: Count, ...Side }),
    theirs: closed({ rows: Count, ...Side }),
    differences: Type.String({ description: 'where the differences are, as CSV' }),
  },
  { title: 'CdrComparison' },
);

/** Comparing what carriers charge for with what was sent. Only the administrator may; how it came out: cdr-differences.ts. */
export const cdrEndpoints = (deps: HttpDeps): Endpoint[] => {
  const { desk, clock, spool, comparisons, limits } = deps;
  return [
    endpoint(
      'POST /channels/:id/cdr',
      {
        tag: 'channels',
        needs: 'prices:read',
        summary: "Compare a carrier's list of a month, CSV or XLSX, with what was sent over its channel",
        admin: true,
        params: closed({ id: IdText }),
        query,
        takesFile: true,
        status: 201,
        answer: Comparison,
      },
      async ({ actor, params, query, file }) => {
        const channelId = Number(params.id);
        must((await desk.ask('findChannel', { id: channelId })) !== null, { code: 'channelNotFound' });
        must(file !== null, { code: 'invalidField', field: 'body', rule: 'a CSV or XLSX file' });
        const business = await businessOf(desk, actor, String(actor.businessId));
        const { zone = business.timeZone, country = null } = query;
        must(isTimeZone(zone), { code: 'invalidField', field: 'zone', rule: TIME_ZONE_RULE });
        must(country === null || isCountry(country), { code: 'invalidField', field: 'country', rule: 'not a country' });
        const first = parseDay(`${query.month}-01`);
        must(first !== null, { code: 'invalidField', field: 'month', rule: MONTH_RULE });
        const from = startOfDay(zone, first);
        const to = startOfDay(zone, addMonths(first, 1));
        const mapping = Object.fromEntries(
          CDR_COLUMNS.flatMap((name) => {
            const column = query[`${name}_column`];
            return column === undefined ? [] : [[name, column]];
          }),
        ) as Partial<Record<CdrColumn, string>>;
        return spool.with(actor.businessId, file, async ({ path }) => {
          let id = clock.now();
          while ((await comparisons.find(id)) !== null) id++;
          const kept = await comparisons.create(id);
          try {
            const found = await compareCdr(
              desk,
              {
                channelId,
                from,
                to,
                toleranceMs: Number(query.tolerance_s ?? DEFAULT_TOLERANCE_S) * 1_000,
                file: { path, mapping, zone, country, maxRows: limits.maxFileRows },
                folder: `${path}.work`,
              },
              (lines) => kept.appendFile(lines),
            );
            return {
              id,
              channel_id: channelId,
              from: isoTime(from),
              to: isoTime(to),
              matched: found.matchedById + found.matchedByNumber,
              matched_by_id: found.matchedById,
              matched_by_number: found.matchedByNumber,
              segments_differ: found.segmentsDiffer,
              cost_differs: found.costDiffers,
              only_ours: found.onlyOurs,
              only_theirs: found.onlyTheirs,
              ours: {
                messages: found.ours.messages,
                segments: found.ours.segments,
                cost_micros: found.ours.costMicros,
              },
              theirs: {
                rows: found.theirs.rows,
                segments: found.theirs.segments,
                cost_micros: found.theirs.costMicros,
              },
              differences: `/api/v1/cdr-comparisons/${id}/differences.csv`,
            };
          } catch (error) {
            await comparisons.remove(id);
            throw error;
          } finally {
            await kept.close();
          }
        });
      },
    ),
  ];
};
