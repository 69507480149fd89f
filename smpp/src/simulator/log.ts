import { createWriteStream, openSync, type WriteStream } from 'node:fs';
import type { Clock, Timer } from '../lib/clock.ts';
import type { Carriage, MessagePart } from './parts.ts';

/** What the simulator saw of one submit_sm: the judge of what an ESME claims to have sent. */
export interface SubmitRecord {
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly systemId: string;
  /** The bind it came over, numbered from 1 in the order of binding. */
  readonly bind: number;
  readonly sequence: number;
  readonly source: string;
  readonly destination: string;
  /** Empty when it was refused. */
  readonly messageId: string;
  /** The status it was answered with, or would have been. */
  readonly status: number;
  /** Reference, total and number of a part of a long message. */
  readonly part: MessagePart | undefined;
  readonly carriage: Carriage;
  readonly dataCoding: number;
  /** The octets of short_message, or of message_payload where it is used. */
  readonly shortMessage: Uint8Array;
}

/** A text that an ESME has handed over whole, in one part or in several. */
export interface TakenText {
  /** When its last part came, in milliseconds since 1970. */
  readonly at: number;
  readonly systemId: string;
  readonly source: string;
  readonly destination: string;
  /** The ids of its parts, in their order. */
  readonly messageIds: readonly string[];
  readonly carriage: Carriage;
  readonly dataCoding: number;
  /** As a handset without national tables would show it; hexadecimal digits where the data_coding is no text. */
  readonly text: string;
}

/** At the latest after this long, what was logged is on its way to the file. */
const FLUSH_MS = 100;
const FLUSH_OCTETS = 64 * 1024;

/**
 * The log file: one line per submit_sm, its columns separated by tabs: time, sequence, source, destination, message
 * id, status (hexadecimal), part (reference-total-number), and where asked for the octets of the message in hexadecimal
 * and, on the line of its last part, the whole text (UTF-8). What is absent is a dash.
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

  /** `whole`: the text that is complete with this part. */
  write(record: SubmitRecord, whole?: string): void {
    const { part, status } = record;
    const statusHex = status === 0 ? '0x00000000' : `0x${status.toString(16).padStart(8, '0')}`;
    const partText = part === undefined ? '-' : `${part.reference}-${part.total}-${part.number}`;
    const addresses = `${column(record.source)}\t${column(record.destination)}`;
    const text = this.#withText
      ? `\t${column(Buffer.from(record.shortMessage).toString('hex'))}\t${column(whole ?? '')}`
      : '';
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
    this.#file.write(this.#buffer, 'utf8');
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
