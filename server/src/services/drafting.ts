import { type PreparedContent, prepareContent, textOf } from '../domain/content.ts';
import { must } from '../domain/refusals.ts';
import { csvLine } from '../files/csv-writer.ts';
import { type GoodRow, isRejection, type RejectionCode, RowJudge } from '../files/judge.ts';
import { detectLayout, type Layout, SAMPLE_ROWS, type ValueSource, valueSources } from '../files/layout.ts';
import { type FileWishes, openFileOfRows } from '../files/open.ts';
import { type FileOfRows, type FileRow, unreadable } from '../files/rows.ts';
import type { SpooledFile } from '../files/spool.ts';
import type { Desk } from './desk.ts';
import type { AcceptPlan, PlanRequest } from './plan-request.ts';

/** A file of numbers to be made into a draft. */
export interface FileToSend {
  request: PlanRequest;
  file: SpooledFile;
  wishes: FileWishes & {
    hasHeader?: boolean;
    /** A column's name, or its position from 1. */
    numberColumn?: string;
    /** ISO 3166-1 alpha-2 of numbers without +. */
    country: string;
    /** The column of each variable, by its name or its position from 1; others take the column of their name. */
    mapping: Readonly<Record<string, string>>;
    /** Values for all rows, used where the file has none. */
    shared: Readonly<Record<string, string>>;
  };
  maxRows: number;
  idempotency: AcceptPlan['idempotency'];
}

/** What a file was found to hold. */
export interface FileSummary {
  format: FileOfRows['format'];
  encoding: string | null;
  layout: Layout;
  sources: ValueSource[];
  rejected: Partial<Record<RejectionCode, number>>;
  segments: number;
  /** The first messages as they will be sent. */
  preview: { line: number; recipient: number; text: string; segments: number }[];
}

/** Rows handed to the store in one piece: what one transaction may hold. */
const CHUNK = 1_000;
const PREVIEW_ROWS = 10;
/** Characters of rejected rows handed over in one piece, about. */
const REJECTED_PIECE = 262_144;

/**
 * Makes a draft of a file: every row becomes a message that waits to be confirmed, or is written down with the reason
 * why not. A file may be as long as it likes; what is held in memory is a chunk of it and the set of its numbers.
 * @returns the plan's id
 * @throws Refused when a rule says no; then nothing of it remains
 */
export async function draftFile(desk: Desk, input: FileToSend): Promise<number> {
  const { request, file, wishes, maxRows, idempotency } = input;
  const opened = await desk.do('openDraft', { request, idempotency });
  if ('replayed' in opened) return opened.replayed;
  const { planId } = opened;
  try {
    const content = prepareContent(opened.content);
    const writer = new DraftWriter(desk, planId, content);
    const read = await readRows(file, wishes, content, maxRows, async (row, judged) => {
      if (isRejection(judged)) writer.reject(row, judged.code, judged.reason);
      else writer.add(row, judged);
      if (writer.isFull) await writer.flush();
    });
    await writer.end();
    const { total, accepted, credits, rejected, segments, preview } = writer;
    const summary: FileSummary = {
      ...read,
      rejected,
      segments,
      preview,
    };
    const found = { total, accepted, credits, summary: JSON.stringify(summary) };
    const finished = await desk.do('finishDraft', { planId, ...found, idempotency });
    if (finished.planId !== planId) await removeStaged(desk, planId);
    return finished.planId;
  } catch (error) {
    await removeStaged(desk, planId);
    throw error;
  }
}

/** What a file would cost, and how many of its rows are messages; nothing is kept of it. */
export interface FilePrice {
  accepted: number;
  rejected: Partial<Record<RejectionCode, number>>;
  segments: number;
  credits: number;
}

/**
 * Reads a file as {@link draftFile} does, and counts.
 * @throws Refused when a rule says no
 */
export async function priceFile(
  desk: Desk,
  { request, file, wishes, maxRows }: Omit<FileToSend, 'idempotency'>,
): Promise<FilePrice> {
  const content = await desk.do('imaginePlan', { request });
  const rejected: FilePrice['rejected'] = {};
  const good: GoodRow[] = [];
  await readRows(file, wishes, prepareContent(content), maxRows, async (_row, judged) => {
    if (isRejection(judged)) rejected[judged.code] = (rejected[judged.code] ?? 0) + 1;
    else good.push(judged);
  });
  const { credits } = await desk.do('quoteMessages', {
    businessId: request.businessId,
    category: content.category,
    recipients: Float64Array.from(good, ({ recipient }) => recipient),
    segments: Uint8Array.from(good, ({ segments }) => segments),
  });
  const segments = good.reduce((sum, row) => sum + row.segments, 0);
  return { accepted: good.length, rejected, segments, credits };
}

/** Hands each row of a file over with what was found about it; answers how the file is laid out. */
async function readRows(
  file: SpooledFile,
  wishes: FileToSend['wishes'],
  content: PreparedContent,
  maxRows: number,
  take: (row: FileRow, judged: ReturnType<RowJudge['judge']>) => Promise<void>,
): Promise<Pick<FileSummary, 'format' | 'encoding' | 'layout' | 'sources'>> {
  const rows = await openFileOfRows(file.path, wishes);
  const pieces = rows.rows();
  const head = await firstRows(pieces);
  const layout = detectLayout(head, wishes);
  const sources = valueSources(layout, [...new Set(content.template.names)], wishes.mapping, wishes.shared);
  const judge = new RowJudge(layout, sources, content, wishes.country);
  let total = 0;
  const takeAll = async (some: readonly FileRow[]) => {
    for (const row of some) {
      must(++total <= maxRows, { code: 'fileRefused', why: `it has more than ${maxRows} rows: split it` });
      await take(row, judge.judge(row));
    }
  };
  await takeAll(layout.hasHeader ? head.slice(1) : head);
  for await (const some of pieces) await takeAll(some);
  must(total > 0, { code: 'fileRefused', why: 'it holds a header and no rows' });
  return { format: rows.format, encoding: rows.encoding, layout, sources };
}

/** Removes a plan that nobody sees, its messages some at a time. */
export async function removeStaged(desk: Desk, planId: number): Promise<void> {
  const limit = 5 * CHUNK;
  for (let removed = limit; removed === limit; ) ({ removed } = await desk.do('unstageMessages', { planId, limit }));
  await desk.do('dropStaged', { planId });
}

/** Enough rows to find the columns by; the rest is still in `pieces`. */
async function firstRows(pieces: AsyncGenerator<FileRow[]>): Promise<FileRow[]> {
  const head: FileRow[] = [];
  while (head.length <= SAMPLE_ROWS) {
    const next = await pieces.next();
    if (next.done) break;
    head.push(...next.value);
  }
  if (head.length === 0) throw unreadable('it holds no rows');
  return head;
}

/** Gathers rows and hands them to the store chunk by chunk: while one is written, the next is read. */
class DraftWriter {
  total = 0;
  accepted = 0;
  credits = 0;
  segments = 0;
  readonly rejected: Partial<Record<RejectionCode, number>> = {};
  readonly preview: FileSummary['preview'] = [];
  readonly #desk: Desk;
  readonly #planId: number;
  readonly #content: PreparedContent;
  #rows: GoodRow[] = [];
  #lines = '';
  #piece = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(desk: Desk, planId: number, content: PreparedContent) {
    this.#desk = desk;
    this.#planId = planId;
    this.#content = content;
  }

  add(row: FileRow, good: GoodRow): void {
    this.total++;
    this.segments += good.segments;
    this.#rows.push(good);
    if (this.preview.length >= PREVIEW_ROWS) return;
    const { recipient, segments, parameters } = good;
    const text = textOf(this.#content, parameters === null ? null : JSON.parse(parameters), recipient);
    this.preview.push({ line: row.line, recipient, text, segments });
  }

  reject(row: FileRow, code: RejectionCode, reason: string): void {
    this.total++;
    this.rejected[code] = (this.rejected[code] ?? 0) + 1;
    this.#lines += csvLine([String(row.line), reason, ...row.cells]);
  }

  get isFull(): boolean {
    return this.#rows.length >= CHUNK || this.#lines.length >= REJECTED_PIECE;
  }

  /** Begins to write what was gathered, once what was gathered before is written. */
  async flush(): Promise<void> {
    await this.#writing;
    this.#writing = this.#write();
    // Its failure is thrown by whoever waits for it next.
    this.#writing.catch(() => {});
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#writing;
  }

  async #write(): Promise<void> {
    const planId = this.#planId;
    const rows = this.#rows;
    const lines = this.#lines;
    const from = this.accepted;
    this.#rows = [];
    this.#lines = '';
    this.accepted += rows.length;
    if (lines !== '') await this.#desk.do('addRejectedRows', { planId, piece: this.#piece++, lines });
    if (rows.length === 0) return;
    const { credits } = await this.#desk.do('addDraftMessages', {
      planId,
      from,
      recipients: Float64Array.from(rows, ({ recipient }) => recipient),
      segments: Uint8Array.from(rows, ({ segments }) => segments),
      parameters: rows[0]!.parameters === null ? null : rows.map(({ parameters }) => parameters),
    });
    this.credits += credits;
  }
}
