import { civilToMs, msToCivil } from './lib/civil.ts';
import { DATA_CODING, ESM_CLASS, MESSAGE_STATE } from './pdu/constants.ts';
import type { Tlvs } from './pdu/tlvs.ts';

/** The states of a message a receipt can tell (§5.2.28, appendix B). */
export type ReceiptState =
  | 'enroute'
  | 'delivered'
  | 'expired'
  | 'deleted'
  | 'undeliverable'
  | 'accepted'
  | 'unknown'
  | 'rejected';

/** What a delivery receipt says. */
export interface Receipt {
  /** The SMSC's id of the message; empty when the receipt names none. */
  readonly messageId: string;
  readonly state: ReceiptState;
  /** The carrier's error code as it wrote it, or the code of network_error_code; empty when there is none. */
  readonly error: string;
  /** Milliseconds since 1970, by the given offset from UTC. */
  readonly submittedAt: number | undefined;
  readonly doneAt: number | undefined;
  /** Its text as the carrier wrote it; empty when it has parameters only. */
  readonly text: string;
}

/** What of a deliver_sm is read for its receipt. */
export interface ReceiptCarrier {
  esm_class: number;
  data_coding: number;
  short_message: Uint8Array;
  tlvs?: Tlvs;
}

/** Each state by its number (§5.2.28) and by its word in the text (appendix B, table B-2). */
const STATES: readonly (readonly [ReceiptState, number, string])[] = [
  ['enroute', MESSAGE_STATE.ENROUTE, 'ENROUTE'],
  ['delivered', MESSAGE_STATE.DELIVERED, 'DELIVRD'],
  ['expired', MESSAGE_STATE.EXPIRED, 'EXPIRED'],
  ['deleted', MESSAGE_STATE.DELETED, 'DELETED'],
  ['undeliverable', MESSAGE_STATE.UNDELIVERABLE, 'UNDELIV'],
  ['accepted', MESSAGE_STATE.ACCEPTED, 'ACCEPTD'],
  ['unknown', MESSAGE_STATE.UNKNOWN, 'UNKNOWN'],
  ['rejected', MESSAGE_STATE.REJECTED, 'REJECTD'],
];

/** SMPP 5.0 §4.7.15 has two more: scheduled (0), which is on its way, and skipped (9), which will not arrive. */
const SCHEDULED = 0;
const SKIPPED = 9;
const BY_NUMBER: readonly (ReceiptState | undefined)[] = Array.from({ length: SKIPPED + 1 }, (_, number) => {
  if (number === SCHEDULED) return 'enroute';
  return number === SKIPPED ? 'undeliverable' : STATES.find((each) => each[1] === number)?.[0];
});
const BY_WORD = new Map<string, ReceiptState>(STATES.map(([state, , word]) => [word, state]));
const WORDS = new Map<ReceiptState, string>(STATES.map(([state, , word]) => [state, word]));
const NUMBERS = new Map<ReceiptState, number>(STATES.map(([state, number]) => [state, number]));

/** Words carriers write instead of those of appendix B, by their first letters. */
const VARIANTS: readonly (readonly [string, ReceiptState])[] = [
  ['DELIV', 'delivered'],
  ['UNDEL', 'undeliverable'],
  ['FAIL', 'undeliverable'],
  ['EXPIR', 'expired'],
  ['DELET', 'deleted'],
  ['ACC', 'accepted'],
  ['REJ', 'rejected'],
  ['ENR', 'enroute'],
  ['BUFF', 'enroute'],
  ['SENT', 'enroute'],
  ['SUBM', 'enroute'],
  ['PEND', 'enroute'],
  ['QUEU', 'enroute'],
  ['SCHED', 'enroute'],
  ['SKIP', 'undeliverable'],
  ['CANCEL', 'deleted'],
  ['TIMEOUT', 'expired'],
  ['SUCC', 'delivered'],
];

/** The number of message_state for a state (§5.2.28). */
export function messageState(state: ReceiptState): number {
  return NUMBERS.get(state)!;
}

/** Whether esm_class marks a deliver_sm as a delivery receipt or an intermediate notification (§5.2.12). */
export function isReceipt(esmClass: number): boolean {
  const type = esmClass & ESM_CLASS.TYPE_MASK;
  return type === ESM_CLASS.DELIVERY_RECEIPT || type === ESM_CLASS.INTERMEDIATE_NOTIFICATION;
}

/**
 * Reads the receipt a deliver_sm carries; null when it carries none, as esm_class and its parameters say. The parameters
 * receipted_message_id, message_state and network_error_code are believed before the text (§5.3.2.12, .35, .31).
 * @param utcOffsetMinutes what the carrier's clock is ahead of UTC; receipt dates have no zone.
 */
export function parseReceipt(pdu: ReceiptCarrier, utcOffsetMinutes = 0): Receipt | null {
  // Nothing but a receipt names the message it speaks of, though some carriers forget to mark it.
  if (!isReceipt(pdu.esm_class) && pdu.tlvs?.receipted_message_id === undefined) return null;
  const text = receiptText(pdu);
  const said = parseStandard(text, utcOffsetMinutes) ?? parseVariant(text, utcOffsetMinutes);
  const { tlvs } = pdu;
  if (tlvs === undefined) return said;
  const { receipted_message_id, message_state, network_error_code } = tlvs;
  return {
    messageId: receipted_message_id || said.messageId,
    state: (message_state === undefined ? undefined : BY_NUMBER[message_state]) ?? said.state,
    error: said.error === '' && network_error_code ? networkError(network_error_code) : said.error,
    submittedAt: said.submittedAt,
    doneAt: said.doneAt,
    text,
  };
}

function receiptText(pdu: ReceiptCarrier): string {
  const octets = pdu.short_message.length > 0 ? pdu.short_message : (pdu.tlvs?.message_payload ?? pdu.short_message);
  const bytes = octets as Buffer;
  if (pdu.data_coding !== DATA_CODING.UCS2) return bytes.toString('latin1');
  return Buffer.from(bytes.subarray(0, bytes.length & ~1))
    .swap16()
    .toString('utf16le');
}

/** network_error_code is a network type and a two-octet code (§5.3.2.31). */
function networkError(value: Uint8Array): string {
  return String((value[1]! << 8) | value[2]!).padStart(3, '0');
}

/** Where each part of the form of appendix B stands, counted from the end of the id. */
const FORM = {
  dlvrd: 8,
  submitDate: 18,
  submitDigits: 31,
  doneDate: 41,
  doneDigits: 52,
  stat: 62,
  word: 68,
  err: 75,
  code: 80,
  end: 83,
} as const;

/** What a receipt says behind its id. */
type Said = Omit<Receipt, 'messageId' | 'text'>;

/**
 * The form read last, and what it said. Receipts come in crowds that differ in nothing but their ids, because dates
 * are written to the minute; comparing 83 characters is several times cheaper than reading them.
 */
let lastForm = '';
let lastOffsetMinutes = 0;
let lastSaid: Said | undefined;

/** Reads exactly the form of appendix B, which nearly all receipts have, by position; undefined for any other. */
function parseStandard(text: string, utcOffsetMinutes: number): Receipt | undefined {
  if (!text.startsWith('id:')) return undefined;
  const at = text.indexOf(' ', 3);
  if (at < 0) return undefined;
  const form = text.slice(at, at + FORM.end + 1);
  if (form !== lastForm || utcOffsetMinutes !== lastOffsetMinutes) {
    lastSaid = readForm(form, utcOffsetMinutes);
    lastForm = form;
    lastOffsetMinutes = utcOffsetMinutes;
  }
  if (lastSaid === undefined) return undefined;
  const { state, error, submittedAt, doneAt } = lastSaid;
  return { messageId: text.slice(3, at), state, error, submittedAt, doneAt, text };
}

function readForm(form: string, utcOffsetMinutes: number): Said | undefined {
  if (
    !form.startsWith(' sub:') ||
    !form.startsWith(' dlvrd:', FORM.dlvrd) ||
    !form.startsWith(' submit date:', FORM.submitDate) ||
    !form.startsWith(' done date:', FORM.doneDate) ||
    !form.startsWith(' stat:', FORM.stat) ||
    !form.startsWith(' err:', FORM.err) ||
    form.length < FORM.end ||
    !(form.length === FORM.end || form.endsWith(' '))
  ) {
    return undefined;
  }
  const state = BY_WORD.get(form.slice(FORM.word, FORM.err));
  if (state === undefined) return undefined;
  return {
    state,
    error: form.slice(FORM.code, FORM.end),
    submittedAt: parseDate(form, FORM.submitDigits, FORM.doneDate, utcOffsetMinutes),
    doneAt: parseDate(form, FORM.doneDigits, FORM.stat, utcOffsetMinutes),
  };
}

/** A known key with its value, whatever case, order and company it comes in. */
const KEY_VALUE =
  /(?<![a-z])(id|stat|err|submit[ _]?date|done[ _]?date) ?:(?: (?![a-z]+(?:[ _]date)? ?:))?([^ \t\r\n;,]*)/gi;

/** Everything behind is the text of the message, which may say "stat:" as well. */
const TEXT_KEY = /(?<![a-z])text ?:/i;

function parseVariant(text: string, utcOffsetMinutes: number): Receipt {
  const textAt = text.search(TEXT_KEY);
  const head = textAt < 0 ? text : text.slice(0, textAt);
  let messageId = '';
  let state: ReceiptState = 'unknown';
  let error = '';
  let submittedAt: number | undefined;
  let doneAt: number | undefined;
  for (const [, key = '', value = ''] of head.matchAll(KEY_VALUE)) {
    switch (key[0]!.toLowerCase()) {
      case 'i':
        messageId ||= value;
        break;
      case 'e':
        error ||= value;
        break;
      case 'd':
        doneAt ??= parseDate(value, 0, value.length, utcOffsetMinutes);
        break;
      default:
        if (key.length === 'stat'.length) state = stateOf(value);
        else submittedAt ??= parseDate(value, 0, value.length, utcOffsetMinutes);
    }
  }
  return { messageId, state, error, submittedAt, doneAt, text };
}

function stateOf(word: string): ReceiptState {
  const upper = word.toUpperCase();
  return (
    BY_WORD.get(upper) ??
    VARIANTS.find(([start]) => upper.startsWith(start))?.[1] ??
    BY_NUMBER[Number.parseInt(upper, 10)] ??
    'unknown'
  );
}

/** Reads YYMMDDhhmm or YYMMDDhhmmss; also with a four-digit year, as some carriers write it. */
function parseDate(text: string, start: number, end: number, utcOffsetMinutes: number): number | undefined {
  for (let i = start; i < end; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x30 || code > 0x39) return undefined;
  }
  const width = end - start;
  let ms: number | undefined;
  if (width === 10 || width === 12) ms = civil(text, start, width);
  if (ms === undefined && (width === 12 || width === 14)) ms = civil(text, start + 2, width - 2);
  return ms === undefined ? undefined : ms - utcOffsetMinutes * 60_000;
}

function civil(text: string, at: number, width: number): number | undefined {
  const second = width === 12 ? digits(text, at + 10) : 0;
  return civilToMs(
    digits(text, at),
    digits(text, at + 2),
    digits(text, at + 4),
    digits(text, at + 6),
    digits(text, at + 8),
    second,
  );
}

function digits(text: string, at: number): number {
  return (text.charCodeAt(at) - 0x30) * 10 + text.charCodeAt(at + 1) - 0x30;
}

/** What formatReceipt() writes. */
export interface ReceiptInput {
  messageId: string;
  state: ReceiptState;
  /** Three characters; default 000. */
  error?: string;
  submittedAt: number;
  doneAt: number;
  /** The first 20 characters of the message. */
  text?: string;
}

/** What was written last behind an id, and for what; as with reading, it is mostly the same again. */
let lastWritten = '';
let writtenFor = { state: '', error: '', submitted: '', done: '' };

/** Writes the text of a receipt in the form of appendix B, dates in UTC. */
export function formatReceipt(receipt: ReceiptInput): string {
  const { messageId, state, error = '000', text = '' } = receipt;
  const submitted = msToCivil(receipt.submittedAt);
  const done = msToCivil(receipt.doneAt);
  const last = writtenFor;
  if (state !== last.state || error !== last.error || submitted !== last.submitted || done !== last.done) {
    const delivered = state === 'delivered' ? '001' : '000';
    const code = error.padStart(3, '0').slice(-3);
    lastWritten = ` sub:001 dlvrd:${delivered} submit date:${submitted} done date:${done} stat:${WORDS.get(state)!} err:${code} text:`;
    writtenFor = { state, error, submitted, done };
  }
  const written = `id:${messageId}${lastWritten}`;
  return text === '' ? written : written + text.slice(0, 20);
}
