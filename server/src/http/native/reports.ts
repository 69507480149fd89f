import Type, { type Static } from 'typebox';
import { REPORTED_STATES } from '../../domain/message.ts';
import { must } from '../../domain/refusals.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk, QueryValue } from '../../services/desk.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import {
  Count,
  closed,
  Id,
  IdText,
  NextCursor,
  orNull,
  PhoneNumber,
  pageQuery,
  Time,
  withNumbers,
  word,
} from './fields.ts';
import { cursorText, limitOf, pageOf, placeOf } from './list.ts';
import { Moment, momentOf } from './moment.ts';

const reportFields = {
  at: Time,
  channel_id: orNull(Id),
  carrier_id: Type.String({ description: 'the id it names, as the carrier wrote it; empty when it names none' }),
  to: { ...orNull(PhoneNumber), description: 'the number it speaks of, E.164 with +; null when it names none' },
  error: Type.String({ description: "the carrier's error code; empty when there is none" }),
};

export const ReportBody = closed(
  {
    ...reportFields,
    state: orNull(word(REPORTED_STATES, 'what became of the message; null: nothing final')),
    raw: withNumbers(
      'text',
      Type.String({ description: 'the report as the carrier wrote it, its parameters behind its text' }),
    ),
  },
  { title: 'Report' },
);

const OrphanBody = closed({ ...reportFields, state: word(REPORTED_STATES) }, { title: 'OrphanReport' });

type Orphan = QueryValue<'listOrphans'>[number];
type RawReport = QueryValue<'findReports'>['reports'][number];

const common = ({ at, channelId, carrierId, recipient, error }: Pick<RawReport, keyof Orphan & keyof RawReport>) => ({
  at: isoTime(at),
  // The simulator is no channel anyone could look up.
  channel_id: channelId === 0 ? null : channelId,
  carrier_id: carrierId,
  to: recipient === null ? null : `+${recipient}`,
  error,
});

/** A report as it came. */
export const reportView = (report: RawReport): Static<typeof ReportBody> => ({
  ...common(report),
  state: report.state,
  raw: report.raw,
});

const orphanView = (orphan: Orphan): Static<typeof OrphanBody> => ({ ...common(orphan), state: orphan.state });

/** What carriers reported, for the administrator. */
export const reportEndpoints = (desk: Desk): Endpoint[] => [
  endpoint(
    'GET /reports',
    {
      tag: 'reports',
      admin: true,
      summary: 'Delivery reports as carriers wrote them, by the carrier’s id or the number, newest first',
      query: closed({
        ...pageQuery,
        carrier_id: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 255,
            description: 'an id exactly as the carrier writes it in reports',
          }),
        ),
        to: Type.Optional(
          Type.String({ pattern: '^[+ ]?[1-9][0-9]{4,14}$', description: 'a number in E.164, with or without +' }),
        ),
        from: Type.Optional(Moment),
        until: Type.Optional(Moment),
      }),
      answer: closed({ items: Type.Array(ReportBody), next_cursor: NextCursor }),
    },
    async ({ query }) => {
      must(query.carrier_id !== undefined || query.to !== undefined, {
        code: 'invalidField',
        field: 'carrier_id',
        rule: 'carrier_id or to says which reports are wanted',
      });
      const limit = limitOf(query);
      const place = placeOf(query, 2);
      const { reports, next } = await desk.ask('findReports', {
        carrierId: query.carrier_id ?? null,
        recipient: query.to === undefined ? null : Number(query.to.replace(/^[+ ]/, '')),
        from: momentOf('from', query.from) ?? 0,
        until: momentOf('until', query.until) ?? Number.MAX_SAFE_INTEGER,
        place: place === null ? null : { batch: place[0]!, skip: place[1]! },
        limit,
      });
      return { items: reports.map(reportView), next_cursor: next === null ? null : cursorText(next.batch, next.skip) };
    },
  ),
  endpoint(
    'GET /orphan-reports',
    {
      tag: 'reports',
      admin: true,
      summary: 'Delivery reports that spoke of nothing known 10 minutes after they came, newest first',
      query: closed({ ...pageQuery, channel_id: Type.Optional(IdText) }),
      answer: closed({
        items: Type.Array(OrphanBody),
        next_cursor: NextCursor,
        total: Count,
      }),
    },
    async ({ query }) => {
      const limit = limitOf(query);
      const orphans = await desk.ask('listOrphans', {
        channelId: query.channel_id === undefined ? null : Number(query.channel_id),
        before: placeOf(query, 1)?.[0] ?? null,
        limit: limit + 1,
      });
      return {
        ...pageOf(orphans, limit, ({ id }) => [id], orphanView),
        total: await desk.ask('countOrphans', {}),
      };
    },
  ),
];
