import { mkdir, rm } from 'node:fs/promises';
import { type CdrRow, differenceOf, type OwnMessage, pairByTime, plainCarrierId, takeFitting } from '../domain/cdr.ts';
import { parseMicros } from '../domain/cost.ts';
import { messageId } from '../domain/message.ts';
import { parseRecipient } from '../domain/recipient.ts';
import { must } from '../domain/refusals.ts';
import { Tariff } from '../domain/tariff.ts';
import { csvLine, unprotected } from '../files/csv-writer.ts';
import { digitsOf } from '../files/number-text.ts';
import { Partitions, type ScatteredRow } from '../files/partitions.ts';
import { openTable } from '../files/table.ts';
import { timeOfClock } from '../lib/calendar.ts';
import { isoTime } from '../lib/clock.ts';
import type { Reader, StoredCost, SubmittedMessage } from '../store/store.ts';
import type { Desk } from './desk.ts';

export const CDR_COLUMNS = ['id', 'to', 'segments', 'time', 'cost', 'status'] as const;
export type CdrColumn = (typeof CDR_COLUMNS)[number];

/** A carrier's list, and how to read it. */
export interface CdrFile {
  path: string;
  /** Columns that are not named as {@link CDR_COLUMNS}: their name, or their position from 1. */
  mapping: Partial<Record<CdrColumn, string>>;
  /** The zone its times are in, where they have no offset. */
  zone: string;
  /** ISO 3166-1 alpha-2 of numbers without +; null: they begin with their calling code. */
  country: string | null;
  maxRows: number;
}

/** How a comparison came out. */
export interface CdrComparison {
  /** Messages found in the list: by their ids, or by recipient and time. */
  matchedById: number;
  matchedByNumber: number;
  /** Of them, those that differ. */
  segmentsDiffer: number;
  costDiffers: number;
  /** Messages that are not in the list, and rows of it that are about no message of ours. */
  onlyOurs: number;
  onlyTheirs: number;
  ours: { messages: number; segments: number; costMicros: number };
  theirs: { rows: number; segments: number; costMicros: number };
}

/** Clocks differ, and a carrier's month may end a little later than ours. */
const SLACK_MS = 24 * 3_600_000;
const AT_ONCE = 2_000;

/** What stands in the first column of a difference. */
export const CDR_DIFFERENCES = ['segments', 'cost', 'segments and cost', 'only ours', 'only theirs'] as const;

/** The columns of the file of differences. */
export const CDR_DIFFERENCE_COLUMNS = [
  ...(['difference', 'message_id', 'to', 'sent_at', 'state', 'segments', 'cost_micros'] as const),
  ...(['line', 'carrier_id', 'carrier_to', 'carrier_time'] as const),
  ...(['carrier_segments', 'carrier_cost_micros', 'carrier_status'] as const),
] as const;

/**
 * Compares what a carrier charges for with what was sent over its channel from `from` to `to`. Both sides are scattered over
 * files by what they are joined by, and joined file by file, so memory holds a small part of them at a time.
 * @param folder a new one to work in; it is removed
 * @param say takes the differences as lines of CSV
 * @throws Refused (fileRefused)
 */
export async function compareCdr(
  desk: Desk,
  asked: { channelId: number; from: number; to: number; toleranceMs: number; file: CdrFile; folder: string },
  say: (lines: string) => Promise<void>,
): Promise<CdrComparison> {
  await mkdir(asked.folder, { mode: 0o700 });
  const comparison = new Comparison(desk, asked, say);
  try {
    return await comparison.run();
  } finally {
    await comparison.close();
    await rm(asked.folder, { recursive: true, force: true });
  }
}

class Comparison {
  readonly #desk: Desk;
  readonly #asked: Parameters<typeof compareCdr>[1];
  readonly #say: (lines: string) => Promise<void>;
  readonly #open: Partitions[] = [];
  readonly #found: CdrComparison = {
    matchedById: 0,
    matchedByNumber: 0,
    segmentsDiffer: 0,
    costDiffers: 0,
    onlyOurs: 0,
    onlyTheirs: 0,
    ours: { messages: 0, segments: 0, costMicros: 0 },
    theirs: { rows: 0, segments: 0, costMicros: 0 },
  };

  constructor(desk: Desk, asked: Parameters<typeof compareCdr>[1], say: (lines: string) => Promise<void>) {
    this.#desk = desk;
    this.#asked = asked;
    this.#say = say;
  }

  async close(): Promise<void> {
    for (const partitions of this.#open) await partitions.close();
  }

  async run(): Promise<CdrComparison> {
    // The mark tells spreadsheets that it is UTF-8.
    await this.#say(`\ufeff${csvLine(CDR_DIFFERENCE_COLUMNS)}`);
    const rows = await this.#partitions('rows-by-id');
    const parts = await this.#partitions('parts-by-id');
    const messages = await this.#partitions('messages');
    const told = await this.#partitions('rows-by-message');
    const restOfRows = await this.#partitions('rows-by-number');
    const restOfMessages = await this.#partitions('messages-by-number');
    await this.#readTheirs(rows, restOfRows);
    await this.#readOurs(parts, messages);
    await this.#joinById(rows, parts, told, restOfRows);
    await this.#compareMessages(messages, told, restOfMessages);
    await this.#joinByNumber(restOfRows, restOfMessages);
    return this.#found;
  }

  async #partitions(name: string): Promise<Partitions> {
    const partitions = await Partitions.in(`${this.#asked.folder}/${name}`);
    this.#open.push(partitions);
    return partitions;
  }

  async #readTheirs(rows: Partitions, restOfRows: Partitions): Promise<void> {
    const { path, mapping, zone, country, maxRows } = this.#asked.file;
    const table = await openTable<CdrColumn>(path, {}, { needed: [], optional: CDR_COLUMNS, mapping, strict: false });
    const { columns } = table;
    const byNumber = columns.to !== null && columns.time !== null;
    must(columns.id !== null || byNumber, {
      code: 'fileRefused',
      why: 'it names no column id, and not both to and time: say which columns they are',
    });
    const { theirs } = this.#found;
    for await (const piece of table.rows()) {
      for (const { line, cells } of piece) {
        const cell = (column: CdrColumn) => {
          const place = columns[column];
          return place === null ? '' : unprotected(cells[place] ?? '').trim();
        };
        const refuse = (column: CdrColumn, rule: string) =>
          must(false, { code: 'fileRefused', why: `line ${line}: ${column}: ${rule}` });
        const segments = cell('segments') === '' ? 1 : Number(cell('segments'));
        if (!Number.isInteger(segments) || segments < 0 || segments > 255)
          refuse('segments', 'a whole number up to 255');
        const cost = cell('cost') === '' ? null : parseMicros(cell('cost'));
        if (cost === null && cell('cost') !== '') refuse('cost', 'a decimal with at most six places');
        const at = cell('time') === '' ? null : timeOfClock(zone, cell('time'));
        if (at === null && cell('time') !== '')
          refuse('time', 'such as 2026-11-01 08:30:00, RFC 3339, or seconds since 1970');
        const row: CdrRow = {
          line,
          id: plainCarrierId(cell('id')),
          recipient: parseRecipient(digitsOf(cell('to')), country),
          segments,
          at,
          cost,
          status: cell('status'),
        };
        theirs.rows++;
        must(theirs.rows <= maxRows, { code: 'fileRefused', why: `it has more than ${maxRows} rows: split it` });
        theirs.segments += segments;
        theirs.costMicros += cost ?? 0;
        const target = row.id === '' ? restOfRows : rows;
        if (target.add(row.id === '' ? String(row.recipient) : row.id, packedRow(row))) await target.flush();
      }
    }
    await rows.end();
  }

  async #readOurs(parts: Partitions, messages: Partitions): Promise<void> {
    const { channelId, from, to } = this.#asked;
    const costs = (await this.#desk.ask('listCosts', { channelId })) ?? [];
    let tariff = new Tariff<StoredCost>(costs, from);
    const range = { channelId, from: from - SLACK_MS, to: to + SLACK_MS };
    for (let after: { planId: number; index: number } | null = { planId: 0, index: -1 }; after !== null; ) {
      const asked: { channelId: number; from: number; to: number; after: { planId: number; index: number } } = {
        ...range,
        after,
      };
      const found: Awaited<ReturnType<typeof submittedMessages>> = await this.#desk.ask('submittedMessages', asked);
      for (const { planId, index, recipient, segments, category, state, submittedAt, carrierIds } of found.messages) {
        if (submittedAt < tariff.from || submittedAt >= tariff.until) tariff = new Tariff(costs, submittedAt);
        const price = tariff.find(recipient, category);
        const id = messageId(planId, index);
        const cost = price === null ? null : price.micros * segments;
        const message: OwnMessage = { id, recipient, segments, sentAt: submittedAt, cost, state };
        if (this.#isOfMonth(message)) {
          this.#found.ours.messages++;
          this.#found.ours.segments += segments;
          this.#found.ours.costMicros += cost ?? 0;
        }
        if (messages.add(id, packedMessage(message))) await messages.flush();
        for (const carrierId of carrierIds) {
          const plain = plainCarrierId(carrierId);
          if (parts.add(plain, [plain, id, recipient, submittedAt])) await parts.flush();
        }
      }
      after = found.next;
    }
    await parts.end();
    await messages.end();
  }

  /** Each part takes the row with its carrier id that fits best; what is left of the rows is looked for by number. */
  async #joinById(rows: Partitions, parts: Partitions, told: Partitions, restOfRows: Partitions): Promise<void> {
    for (let i = 0; i < Partitions.count; i++) {
      const byId = new Map<string, CdrRow[]>();
      for (const row of (await rows.part(i)).map(unpackedRow)) {
        const same = byId.get(row.id);
        if (same === undefined) byId.set(row.id, [row]);
        else same.push(row);
      }
      for (const [carrierId, message, recipient, at] of await parts.part(i)) {
        const same = byId.get(carrierId as string);
        const row = same === undefined ? null : takeFitting(same, recipient as number, at as number);
        if (row !== null && told.add(message as string, [message!, ...packedRow(row)])) await told.flush();
      }
      for (const row of [...byId.values()].flat()) {
        if (restOfRows.add(String(row.recipient), packedRow(row))) await restOfRows.flush();
      }
    }
    await told.end();
    await restOfRows.end();
  }

  async #compareMessages(messages: Partitions, told: Partitions, rest: Partitions): Promise<void> {
    for (let i = 0; i < Partitions.count; i++) {
      const rowsOf = new Map<string, CdrRow[]>();
      for (const [message, ...row] of await told.part(i)) {
        const rows = rowsOf.get(message as string);
        if (rows === undefined) rowsOf.set(message as string, [unpackedRow(row)]);
        else rows.push(unpackedRow(row));
      }
      let lines = '';
      for (const message of (await messages.part(i)).map(unpackedMessage)) {
        const rows = rowsOf.get(message.id);
        if (rows === undefined) {
          if (rest.add(String(message.recipient), packedMessage(message))) await rest.flush();
          continue;
        }
        this.#found.matchedById++;
        lines += this.#differing(message, rows);
      }
      if (lines !== '') await this.#say(lines);
    }
    await rest.end();
  }

  async #joinByNumber(restOfRows: Partitions, restOfMessages: Partitions): Promise<void> {
    for (let i = 0; i < Partitions.count; i++) {
      const rows = byRecipient((await restOfRows.part(i)).map(unpackedRow));
      const messages = byRecipient((await restOfMessages.part(i)).map(unpackedMessage));
      let lines = '';
      for (const [recipient, own] of messages) {
        const joined = pairByTime(own, rows.get(recipient) ?? [], this.#asked.toleranceMs);
        rows.set(recipient, joined.rows);
        for (const pair of joined.pairs) {
          this.#found.matchedByNumber++;
          lines += this.#differing(pair.message, pair.rows);
        }
        for (const message of joined.messages) {
          // What was sent outside the time asked for may be in another list.
          if (!this.#isOfMonth(message)) continue;
          this.#found.onlyOurs++;
          lines += lineOf('only ours', message, null);
        }
      }
      for (const row of [...rows.values()].flat()) {
        this.#found.onlyTheirs++;
        lines += lineOf('only theirs', null, row);
      }
      if (lines !== '') await this.#say(lines);
    }
  }

  #isOfMonth({ sentAt }: OwnMessage): boolean {
    return sentAt >= this.#asked.from && sentAt < this.#asked.to;
  }

  #differing(message: OwnMessage, rows: readonly CdrRow[]): string {
    const difference = differenceOf(message, rows);
    if (difference === null) return '';
    if (difference.includes('segments')) this.#found.segmentsDiffer++;
    if (difference.includes('cost')) this.#found.costDiffers++;
    return rows.map((row) => lineOf(difference, message, row)).join('');
  }
}

function byRecipient<T extends { recipient: number | null }>(all: readonly T[]): Map<number | null, T[]> {
  const groups = new Map<number | null, T[]>();
  for (const each of all) {
    const group = groups.get(each.recipient);
    if (group === undefined) groups.set(each.recipient, [each]);
    else group.push(each);
  }
  return groups;
}

const numberText = (recipient: number | null | undefined): string => (recipient == null ? '' : `+${recipient}`);

const lineOf = (difference: (typeof CDR_DIFFERENCES)[number], message: OwnMessage | null, row: CdrRow | null): string =>
  csvLine([
    difference,
    message?.id ?? null,
    numberText(message?.recipient),
    message === null ? null : isoTime(message.sentAt),
    message?.state ?? null,
    message?.segments ?? null,
    message?.cost ?? null,
    row?.line ?? null,
    row?.id ?? null,
    numberText(row?.recipient),
    row === null || row.at === null ? null : isoTime(row.at),
    row?.segments ?? null,
    row?.cost ?? null,
    row?.status ?? null,
  ]);

const packedRow = ({ line, id, recipient, segments, at, cost, status }: CdrRow): ScatteredRow => [
  line,
  id,
  recipient,
  segments,
  at,
  cost,
  status,
];
const unpackedRow = (row: ScatteredRow): CdrRow => {
  const [line, id, recipient, segments, at, cost, status] = row as [number, string, null, number, null, null, string];
  return { line, id, recipient, segments, at, cost, status };
};
const packedMessage = ({ id, recipient, segments, sentAt, cost, state }: OwnMessage): ScatteredRow => [
  id,
  recipient,
  segments,
  sentAt,
  cost,
  state,
];
const unpackedMessage = (row: ScatteredRow): OwnMessage => {
  const [id, recipient, segments, sentAt, cost, state] = row as [string, number, number, number, null, string];
  return { id, recipient, segments, sentAt, cost, state };
};

/** Messages a carrier accepted in some time over a channel, some at a time, in the order of their plans. */
export const submittedMessages = (
  reader: Reader,
  input: { channelId: number; from: number; to: number; after: { planId: number; index: number } },
): Promise<{ messages: SubmittedMessage[]; next: { planId: number; index: number } | null }> =>
  reader.messages.submitted({ ...input, limit: AT_ONCE });
