import type { ReportedState } from 'signet/internal/domain/message';
import { packReports, type RawReport } from 'signet/internal/services/report-log';
import type { Filler } from './filler.ts';

const PAGE_ROWS = 50_000;
/** Reports that came together: on a large plan, and on plans of one. */
const TOGETHER = 1_000;
const TOGETHER_OF_SINGLES = 20;
/** Characters of one statement. */
const MAX_STATEMENT = 4_000_000;

/** What carriers reported, by the code of the state, as the receipts of SMPP write it. */
const REPORTED = new Map<number, { state: ReportedState; word: string; error: string }>([
  [4, { state: 'delivered', word: 'DELIVRD', error: '000' }],
  [5, { state: 'undelivered', word: 'UNDELIV', error: '042' }],
  [6, { state: 'expired', word: 'EXPIRED', error: '042' }],
  [7, { state: 'rejected', word: 'REJECTD', error: '042' }],
]);

/** How a carrier calls the part of a message, by how many there were before. */
export const carrierIdOf = (serial: number): string => serial.toString(16).padStart(10, '0');

/** The reports on all messages, as carriers wrote them and as they were kept when they came. @returns how many there are */
export async function addReports(filler: Filler): Promise<number> {
  const writer = new LogWriter(filler);
  let serial = 0;
  let [plan, index] = [0, -1];
  let batch: RawReport[] = [];
  const flush = async () => {
    if (batch.length > 0) await writer.add(batch);
    batch = [];
  };
  for (;;) {
    let rows = await messages(filler, `plan_id = ${plan} AND idx > ${index}`);
    if (rows.length === 0) rows = await messages(filler, `plan_id > ${plan}`);
    if (rows.length === 0) break;
    for (const [, ownIndex, recipient, code, channelId, at] of rows) {
      const reported = REPORTED.get(code);
      if (reported === undefined) continue;
      const full = batch.length >= TOGETHER || (ownIndex === 0 && batch.length >= TOGETHER_OF_SINGLES);
      if (full) await flush();
      const { state, word, error } = reported;
      const carrierId = carrierIdOf(serial++);
      batch.push({ channelId, carrierId, recipient, state, error, at, raw: receiptOf(carrierId, at, word, error) });
    }
    [plan, index] = rows.at(-1)!;
  }
  await flush();
  await writer.end();
  return serial;
}

type MessageRow = [plan: number, index: number, recipient: number, state: number, channelId: number, finalAt: number];

const messages = async (filler: Filler, where: string): Promise<MessageRow[]> =>
  (await filler.rows(`SELECT plan_id, idx, recipient, state, channel_id, final_at FROM message WHERE ${where}
    ORDER BY plan_id, idx LIMIT ${PAGE_ROWS}`)) as MessageRow[];

function receiptOf(id: string, at: number, word: string, error: string): string {
  const minute = new Date(at).toISOString().slice(2, 16).replaceAll(/\D/g, '');
  return `id:${id} sub:001 dlvrd:001 submit date:${minute} done date:${minute} stat:${word} err:${error} text:`;
}

/** Writes many batches with one statement. */
class LogWriter {
  readonly #filler: Filler;
  #values: string[] = [];
  #characters = 0;

  constructor(filler: Filler) {
    this.#filler = filler;
  }

  async add(reports: readonly RawReport[]): Promise<void> {
    const { at, hashes, body } = packReports(reports);
    const value = `(${at}, X'${hex(new Uint8Array(hashes.buffer))}', X'${hex(body)}')`;
    this.#values.push(value);
    this.#characters += value.length;
    if (this.#characters >= MAX_STATEMENT) await this.end();
  }

  async end(): Promise<void> {
    if (this.#values.length === 0) return;
    await this.#filler.begin();
    await this.#filler.run(`INSERT INTO report_log (at, hashes, body) VALUES ${this.#values.join(', ')}`);
    await this.#filler.commit();
    this.#values = [];
    this.#characters = 0;
  }
}

const hex = (octets: Uint8Array): string =>
  Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex');
