import { Readable } from 'node:stream';
import Type, { type Static } from 'typebox';
import type { Actor } from '../../domain/credential.ts';
import { must } from '../../domain/refusals.ts';
import { csvLine } from '../../files/csv-writer.ts';
import { REJECTIONS } from '../../files/judge.ts';
import { isoTime } from '../../lib/clock.ts';
import type { Desk } from '../../services/desk.ts';
import { type FileSummary, removeStaged } from '../../services/drafting.ts';
import type { HttpDeps } from '../deps.ts';
import { csvEndpoint, type Endpoint, endpoint } from './endpoint.ts';
import { Count, Credits, closed, IdText, orNull, PhoneNumber } from './fields.ts';
import { PlanBody, planFields, planView } from './plans.ts';
import { sight } from './scope.ts';
import { StartTime, startTimeOf } from './start-time.ts';

const Source = closed({
  variable: Type.String(),
  column: orNull(Type.String({ description: 'the column its value comes from' })),
  value: orNull(Type.String({ description: 'what is used where the column is empty' })),
});

/** How many rows are not sent, by why. */
export const RejectedByReason = Type.Partial(closed(Object.fromEntries(REJECTIONS.map((code) => [code, Count]))));

/** A plan made from a file, and what the file was found to hold. */
export const DraftBody = closed(
  {
    ...planFields,
    expires_at: orNull(
      Type.String({ format: 'date-time', description: 'when a draft is dropped; null once confirmed' }),
    ),
    file: closed({
      format: Type.String({ description: 'csv or xlsx' }),
      encoding: orNull(Type.String()),
      columns: Type.Array(Type.String()),
      has_header: Type.Boolean(),
      number_column: Type.String(),
      map: Type.Array(Source),
    }),
    rejected: Type.Integer({ minimum: 0, description: 'rows that are not sent' }),
    rejected_by_reason: RejectedByReason,
    segments: Count,
    credits: Type.Integer({ minimum: 0, description: 'what all of it costs' }),
    available: Credits,
    available_after: Type.Integer({ description: 'the balance with all of it paid; negative: it does not suffice' }),
    preview: Type.Array(closed({ line: Count, to: PhoneNumber, text: Type.String(), segments: Count }), {
      description: 'the first messages as they will be sent',
    }),
  },
  { title: 'Draft' },
);

const params = closed({ id: IdText });

async function find(desk: Desk, actor: Actor, planId: number) {
  const found = await desk.ask('findDraft', { businessId: sight(actor), planId });
  must(found !== null, { code: 'planNotFound' });
  return { ...found, summary: JSON.parse(found.draft.summary) as FileSummary };
}

/** A draft as answers show it. @throws Refused (planNotFound) */
export async function showDraft(desk: Desk, actor: Actor, planId: number): Promise<Static<typeof DraftBody>> {
  const { plan, draft, summary } = await find(desk, actor, planId);
  const { layout, sources, preview } = summary;
  const { available } = await desk.ask('balanceOf', { businessId: plan.businessId });
  return {
    ...planView(plan),
    expires_at: draft.expiresAt === null ? null : isoTime(draft.expiresAt),
    file: {
      format: summary.format,
      encoding: summary.encoding,
      columns: layout.columns,
      has_header: layout.hasHeader,
      number_column: layout.columns[layout.numberColumn]!,
      map: sources.map(({ variable, column, fallback }) => ({
        variable,
        column: column === null ? null : layout.columns[column]!,
        value: fallback,
      })),
    },
    rejected: plan.total - plan.accepted,
    rejected_by_reason: summary.rejected,
    segments: summary.segments,
    credits: draft.credits,
    available,
    available_after: draft.expiresAt === null ? available : available - draft.credits,
    preview: preview.map(({ recipient, ...rest }) => ({ ...rest, to: `+${recipient}` })),
  };
}

/** Plans made from files, until they are confirmed. */
export const draftEndpoints = ({ desk, clock, admitSending }: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /plans/:id/draft',
    {
      tag: 'plans',
      summary: 'A plan made from a file: its columns, price and first texts',
      permission: 'send',
      params,
      answer: DraftBody,
    },
    ({ actor, params }) => showDraft(desk, actor, Number(params.id)),
  ),
  csvEndpoint(
    'GET /plans/:id/rejected',
    {
      tag: 'plans',
      summary: 'The rows of its file that are not sent, each with its line and the reason',
      permission: 'send',
      wholeNumbers: true,
      params,
    },
    async ({ actor, params }) => {
      const planId = Number(params.id);
      const { summary } = await find(desk, actor, planId);
      return Readable.from(rejectedCsv(desk, planId, summary), { objectMode: false });
    },
  ),
  endpoint(
    'POST /plans/:id/confirm',
    {
      tag: 'plans',
      summary: 'Send a draft, now or at a time. Confirming again changes nothing',
      permission: 'send',
      params,
      body: closed({ start_at: Type.Optional(StartTime) }),
      answer: PlanBody,
    },
    async ({ actor, params, body }) => {
      admitSending();
      const startAt = body.start_at === undefined ? null : startTimeOf(body.start_at, clock.now());
      return planView(await desk.do('confirmDraft', { actor, planId: Number(params.id), startAt }));
    },
  ),
  endpoint(
    'DELETE /plans/:id',
    { tag: 'plans', summary: 'Discard a draft', permission: 'send', params, answer: null },
    async ({ actor, params }) => {
      const planId = Number(params.id);
      await desk.do('discardDraft', { actor, planId });
      await removeStaged(desk, planId);
    },
  ),
];

const PIECES_A_TIME = 8;

async function* rejectedCsv(desk: Desk, planId: number, { layout }: FileSummary): AsyncGenerator<string> {
  const { columns, hasHeader, numberColumn } = layout;
  const names = hasHeader ? columns : columns.map((name, i) => (i === numberColumn ? 'mobile' : `column ${name}`));
  // The mark tells spreadsheets that it is UTF-8.
  yield `\ufeff${csvLine(['line', 'reason', ...names])}`;
  for (let after = -1; ; ) {
    const pieces = await desk.ask('rejectedRows', { planId, after, limit: PIECES_A_TIME });
    for (const { lines } of pieces) yield lines;
    if (pieces.length < PIECES_A_TIME) return;
    after = pieces.at(-1)!.piece;
  }
}
