import type { InboundSettings, ReportSettings } from './http-settings.ts';
import { textAt, valueAt } from './json-path.ts';
import type { ReportedState } from './message.ts';
import { parseRecipient } from './recipient.ts';

/** A report on a message, as a callback has it. */
export interface CallbackReport {
  carrierId: string;
  /** Null when the carrier left it out. */
  recipient: number | null;
  state: ReportedState;
  error: string;
}

/** An SMS from a handset, as a callback has it. */
export interface CallbackInbound {
  id: string;
  from: string;
  to: string;
  text: string;
}

/** What a callback says. */
export interface ReadCallback {
  reports: CallbackReport[];
  inbound: CallbackInbound[];
  /** Things that could be neither: without an id or a status, or of a form nobody described. */
  unreadable: number;
  /** Words for states that the settings do not have. */
  unknownStates: string[];
}

/** Things one callback may speak of. */
export const MAX_CALLBACK_ITEMS = 10_000;

/** What a callback about messages says. @param value the callback, its query included; null: there are too many items */
export function readReports(settings: ReportSettings, value: unknown): ReadCallback | null {
  const says: ReadCallback = { reports: [], inbound: [], unreadable: 0, unknownStates: [] };
  const items = itemsOf(value, settings.items);
  if (items === null) return null;
  for (const item of items) {
    const carrierId = carrierIdOf(textAt(item, settings.id));
    const word = textAt(item, settings.status);
    if (carrierId === '' || word === '') {
      says.unreadable++;
      continue;
    }
    const state = Object.hasOwn(settings.states, word) ? settings.states[word]! : null;
    if (state === null) says.unknownStates.push(word);
    if (state === null || state === 'ignored') continue;
    const recipient =
      settings.recipient === '' ? null : recipientOf(textAt(item, settings.recipient), settings.country);
    const error = settings.error === '' || state === 'delivered' ? '' : errorOf(textAt(item, settings.error));
    says.reports.push({ carrierId, recipient, state, error });
  }
  return says;
}

/** What a callback with SMS from handsets says; null: there are too many of them. */
export function readInbound(settings: InboundSettings, value: unknown): ReadCallback | null {
  const says: ReadCallback = { reports: [], inbound: [], unreadable: 0, unknownStates: [] };
  const items = itemsOf(value, settings.items);
  if (items === null) return null;
  for (const item of items) {
    const from = phoneOf(textAt(item, settings.from), settings.country);
    const text = textAt(item, settings.text);
    if (from === '' || valueAt(item, settings.text) === undefined) says.unreadable++;
    else
      says.inbound.push({
        id: settings.id === '' ? '' : textAt(item, settings.id),
        from,
        to: textAt(item, settings.to),
        text,
      });
  }
  return says;
}

const CARRIER_ID_MAX_LENGTH = 128;
const ERROR_MAX_LENGTH = 100;

/** A carrier's id as it is kept: ASCII, and not endless. */
export function carrierIdOf(text: string): string {
  const ascii = /^[\x20-\x7e]*$/.test(text) ? text : encodeURIComponent(text.toWellFormed());
  return ascii.slice(0, CARRIER_ID_MAX_LENGTH);
}

/** A carrier's words as they are kept. */
export const errorOf = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(/\p{Cc}/gu, ' ')
    .slice(0, ERROR_MAX_LENGTH);

function itemsOf(value: unknown, path: string): unknown[] | null {
  const found = valueAt(value, path);
  if (found === undefined || found === null) return [];
  const items = Array.isArray(found) ? found : [found];
  return items.length > MAX_CALLBACK_ITEMS ? null : items;
}

/**
 * A recipient as carriers write it, with or without a plus or a calling code; null when it is none, and the id alone says
 * whose report it is.
 * @param country whose numbers those without a calling code are, ISO 3166-1 alpha-2; empty: every number has one
 */
export const recipientOf = (text: string, country = ''): number | null =>
  parseRecipient(text.replaceAll(/[^\d+]/g, ''), country === '' ? null : country);

/** A number an SMS came from: with + where it is a mobile number, else as the carrier wrote it. */
export function phoneOf(text: string, country = ''): string {
  const recipient = recipientOf(text, country);
  return recipient === null ? text.trim() : `+${recipient}`;
}
