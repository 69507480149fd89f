import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import type { Clock, Timer } from '../lib/clock.ts';
import type { SubmitSm } from '../pdu/commands.ts';
import { ESM_CLASS } from '../pdu/constants.ts';

/** What the simulator saw of one submit_sm: the judge of what an ESME claims to have sent. */
export interface SubmitRecord {
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly systemId: string;
  readonly sequence: number;
  readonly source: string;
  readonly destination: string;
  /** Empty when it was refused. */
  readonly messageId: string;
  /** The status it was answered with, or would have been. */
  readonly status: number;
  /** Reference, total and number of a part of a long message. */
  readonly part: MessagePart | undefined;
  readonly shortMessage: Uint8Array;
}

export interface MessagePart {
  readonly reference: number;
  readonly total: number;
  readonly number: number;
}

const CONCATENATION_8 = 0x00;
const CONCATENATION_16 = 0x08;

/** Which part of a long message a submit_sm is, by its user data header (3GPP 23.040 §9.2.3.24) or sar_ parameters. */
export function messagePart(pdu: SubmitSm): MessagePart | undefined {
  const { sar_msg_ref_num, sar_total_segments, sar_segment_seqnum } = pdu.tlvs ?? {};
  if (sar_msg_ref_num !== undefined && sar_total_segments !== undefined && sar_segment_seqnum !== undefined) {
    return { reference: sar_msg_ref_num, total: sar_total_segments, number: sar_segment_seqnum };
  }
  if ((pdu.esm_class & ESM_CLASS.UDHI) === 0) return undefined;
  const octets = pdu.short_message;
  const end = Math.min((octets[0] ?? 0) + 1, octets.length);
  for (let at = 1; at + 1 < end; at += 2 + octets[at + 1]!) {
    const [id, length] = [octets[at], octets[at + 1]!];
    if (at + 2 + length > end) return undefined;
    if (id === CONCATENATION_8 && length === 3) {
      return { reference: octets[at + 2]!, total: octets[at + 3]!, number: octets[at + 4]! };
    }
    if (id === CONCATENATION_16 && length === 4) {
      return { reference: octets.readUInt16BE(at + 2), total: octets[at + 4]!, number: octets[at + 5]! };
    }
  }
  return undefined;
}

/** At the latest after this long, what was logged is on its way to the file. */
const FLUSH_MS = 100;
const FLUSH_OCTETS = 64 * 1024;

/**
 * The log file: one line per submit_sm, its columns separated by tabs: time, sequence, source, destination, message
 * id, status (hexadecimal), part (reference-total-number), and the octets of short_message in hexadecimal where asked
 * for. What is absent is a dash.
 */
export class SubmitLog {
  readonly #file: WriteStream;
  readonly #clock: Clock;
  readonly #withText: boolean;
  #buffer = '';
  #timer: Timer | undefined;
  #error: Error | undefined;

  /** Opens the file at once; throws when it cannot be written. */
  constructor(path: string, withText: boolean, clock: Clock) {
    this.#file = createWriteStream(path, { fd: openSync(path, 'a') });
    this.#withText = withText;
    this.#clock = clock;
    this.#file.on('error', (error) => {
      this.#error = error;
    });
  }

  write(record: SubmitRecord): void {
    const { part, status } = record;
    const statusHex = status === 0 ? '0x00000000' : `0x${status.toString(16).padStart(8, '0')}`;
    const partText = part === undefined ? '-' : `${part.reference}-${part.total}-${part.number}`;
    const addresses = `${column(record.source)}\t${column(record.destination)}`;
    const text = this.#withText ? `\t${column(Buffer.from(record.shortMessage).toString('hex'))}` : '';
    this.#buffer += `${Math.floor(record.at)}\t${record.sequence}\t${addresses}\t${column(record.messageId)}\t${statusHex}\t${partText}${text}\n`;
    if (this.#buffer.length >= FLUSH_OCTETS) this.#flush();
    else this.#timer ??= this.#clock.setTimer(() => this.#flush(), FLUSH_MS);
  }

  /** Writes what is left and closes; rejects when a line could not be written. */
  close(): Promise<void> {
    this.#flush();
    return new Promise((resolve, reject) => {
      const done = (): void => (this.#error === undefined ? resolve() : reject(this.#error));
      if (this.#file.closed) done();
      else {
        this.#file.once('close', done);
        this.#file.end();
      }
    });
  }

  #flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#buffer === '') return;
    this.#file.write(this.#buffer, 'latin1');
    this.#buffer = '';
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const CONTROL = /[\x00-\x1f\x7f]/g;

/** Addresses come from outside: a tab or a line break in one must not forge a column or a line. */
function column(value: string): string {
  if (value === '') return '-';
  return value.search(CONTROL) < 0 ? value : value.replace(CONTROL, '?');
}
