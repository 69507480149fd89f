import { mayBeSame } from '../domain/carrier-id.ts';
import type { ReportedState } from '../domain/message.ts';
import type { Reader, ReportBatch } from '../store/store.ts';
import { single } from './verb.ts';

/** A report as it came, whatever it spoke of. */
export interface RawReport {
  channelId: number;
  /** Empty when it names none. */
  carrierId: string;
  recipient: number | null;
  /** Null: on the way, or nothing that is known. */
  state: ReportedState | null;
  error: string;
  /** As the carrier wrote it. */
  raw: string;
  at: number;
}

/** Reports that differ in nothing but id, number and time share a form; `HOLE` stands for the id in its text. */
type Form = [channelId: number, state: ReportedState | null, error: string, text: string];
type Row = [form: number, carrierId: string, recipient: number | null, at: number];
const HOLE = '\ue000';

/**
 * Makes one row of the store of reports that came together. Those of one carrier come in crowds that differ in little, so
 * what they have in common is written once: about 40 octets a report.
 */
export function packReports(reports: readonly RawReport[]): ReportBatch {
  const hashes = new Uint32Array(reports.length * 2);
  const forms: Form[] = [];
  const places = new Map<string, number>();
  const rows: Row[] = [];
  let last = -1;
  for (let i = 0; i < reports.length; i++) {
    const { channelId, carrierId, recipient, state, error, raw, at } = reports[i]!;
    hashes[i * 2] = hashOf(carrierId);
    hashes[i * 2 + 1] = recipient === null ? 0 : hashOfNumber(recipient);
    const text = carrierId === '' ? raw : raw.replaceAll(carrierId, HOLE);
    if (last < 0 || !isForm(forms[last]!, channelId, state, error, text)) {
      const form: Form = [channelId, state, error, text];
      const key = form.join(' ');
      last = places.get(key) ?? forms.push(form) - 1;
      places.set(key, last);
    }
    rows.push([last, carrierId, recipient, at]);
  }
  return { at: reports.at(-1)?.at ?? 0, hashes, body: new Uint8Array(Buffer.from(JSON.stringify([forms, rows]))) };
}

const isForm = (form: Form, channelId: number, state: ReportedState | null, error: string, text: string): boolean =>
  form[3] === text && form[2] === error && form[1] === state && form[0] === channelId;

function unpackReports(body: Uint8Array): RawReport[] {
  const [forms, rows] = JSON.parse(Buffer.from(body).toString()) as [Form[], Row[]];
  return rows.map(([place, carrierId, recipient, at]) => {
    const [channelId, state, error, text] = forms[place]!;
    return { channelId, carrierId, recipient, state, error, raw: text.replaceAll(HOLE, () => carrierId), at };
  });
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The same of a number below 2^53, without writing it down: that takes longer than all else. */
const hashOfNumber = (value: number): number =>
  (Math.imul(value >>> 0, 0x9e3779b1) ^ Math.imul(Math.floor(value / 2 ** 32), 0x85ebca6b)) >>> 0;

/** Reports that are looked for. */
export interface ReportSearch {
  /** Exactly as the carrier wrote it; null: any. */
  carrierId: string | null;
  /** Null: whoever it is. One of the two is given. */
  recipient: number | null;
  from: number;
  until: number;
}

/** Batches that one search opens, at most: one of them may fit by its hash alone. */
const BATCHES_AT_ONCE = 100;

/** Where a search goes on: behind the first `skip` reports of a batch that fit, counted from its newest. */
export interface ReportPlace {
  batch: number;
  skip: number;
}

/**
 * Reports as carriers wrote them, newest first, by id or recipient: those of so many that were looked through. `next`: where
 * to go on; null when there are no more.
 */
export async function findReports(
  reader: Reader,
  input: ReportSearch & { place: ReportPlace | null; limit: number },
): Promise<{ reports: RawReport[]; next: ReportPlace | null }> {
  const { carrierId, recipient, from, until, place, limit } = input;
  const hashes = [carrierId === null ? hashOfNumber(recipient ?? 0) : hashOf(carrierId)];
  const before = place === null ? null : place.batch + 1;
  const { batches, next } = await reader.reportLog.find({ hashes, from, until, before, limit: BATCHES_AT_ONCE });
  const reports: RawReport[] = [];
  for (const { id, body } of batches) {
    const fitting = unpackReports(body).filter(
      (report) =>
        (carrierId === null || report.carrierId === carrierId) &&
        (recipient === null || report.recipient === recipient),
    );
    const skip = id === place?.batch ? place.skip : 0;
    const taken = fitting.reverse().slice(skip, skip + limit - reports.length);
    reports.push(...taken);
    if (reports.length === limit) return { reports, next: { batch: id, skip: skip + taken.length } };
  }
  return { reports, next: next === null ? null : { batch: next - 1, skip: 0 } };
}

/** A report may have come this long before the answer it belongs to was recorded. */
const EARLY_MS = 600_000;
/** Repeated reports that come this long after a message has ended are shown with it. */
const AFTER_END_MS = 3_600_000;
/** Reports of a message that still waits for them are looked for so long after it was sent. */
const LATE_MS = 14 * 24 * 3_600_000;
const MAX_OF_MESSAGE = 100;

/** The reports on a message as its carrier wrote them, oldest first, and the carrier's ids of its parts. */
export async function reportsOfMessage(
  reader: Reader,
  { planId, index }: { planId: number; index: number },
): Promise<{ carrierIds: string[]; reports: RawReport[] }> {
  const message = await reader.messages.byIndex(planId, index);
  if (message === null || message.dispatchedAt === null) return { carrierIds: [], reports: [] };
  const carrierIds = await reader.messages.carrierIds(planId, index);
  const { recipient, dispatchedAt, finalAt } = message;
  const until = finalAt === null ? dispatchedAt + LATE_MS : finalAt + AFTER_END_MS;
  const search = { carrierId: null, recipient, from: dispatchedAt - EARLY_MS, until };
  const reports: RawReport[] = [];
  let place: ReportPlace | null = null;
  do {
    const page: Awaited<ReturnType<typeof findReports>> = await findReports(reader, {
      ...search,
      place,
      limit: MAX_OF_MESSAGE - reports.length,
    });
    reports.push(...page.reports);
    place = page.next;
  } while (place !== null && reports.length < MAX_OF_MESSAGE);
  const own = reports.filter((report) => carrierIds.some((id) => mayBeSame(report.carrierId, id)));
  return { carrierIds, reports: own.reverse() };
}

/** Forgets reports that have been kept long enough; at most `limit` batches. */
export const forgetReports = single(async (tx, ctx, input: { limit: number }): Promise<{ dropped: number }> => {
  return { dropped: await tx.reportLog.dropBefore(ctx.now() - ctx.settings.reportsKeptMs, input.limit) };
});

/** Reports that spoke of nothing we know, newest first. */
export const listOrphans = (
  reader: Reader,
  input: { channelId: number | null; before: number | null; limit: number },
) => reader.orphans.list(input.channelId, input.before, input.limit);

/** How many reports are kept that spoke of nothing we know. */
export const countOrphans = (reader: Reader, _input: Record<string, never>): Promise<number> => reader.orphans.count();
