import { parseRecipient } from './recipient.ts';

/** What a text from a handset was taken for. The position is the stored code: append, never reorder. */
export const INBOUND_KINDS = ['plain', 'opt-out', 'opt-in', 'keyword'] as const;
export type InboundKind = (typeof INBOUND_KINDS)[number];

const CODE_OF = new Map<InboundKind, number>(INBOUND_KINDS.map((kind, code) => [kind, code]));

export const inboundCode = (kind: InboundKind): number => CODE_OF.get(kind)!;

export function inboundKindOfCode(code: number): InboundKind {
  const kind = INBOUND_KINDS[code];
  if (kind === undefined) throw new Error(`no kind of inbound message has code ${code}`);
  return kind;
}

/** A text that came from a handset (MO). */
export interface InboundMessage {
  /** Time-ordered. */
  id: number;
  channelId: number;
  /** Whose it is; null: nobody's, the administrator sees it. */
  businessId: number | null;
  /** E.164 with + where it is a mobile number, else as the carrier wrote it. */
  from: string;
  /** The number or short code it was sent to, as the carrier wrote it. */
  to: string;
  text: string;
  /** SMS it came in. */
  parts: number;
  /** How many of them never came: their places in the text are left out. */
  missing: number;
  kind: InboundKind;
  /** The keyword it began with, folded; empty: none. */
  keyword: string;
  /** The plan of the automatic reply; null: there was none. */
  replyPlanId: number | null;
  /** Why a reply that was due was not sent, as the code of the refusal; empty: nothing was wrong. */
  replyError: string;
  receivedAt: number;
}

/** Which part of a longer text an SMS is (3GPP TS 23.040 §9.2.3.24.1; SMPP 3.4 §5.3.2.22 to .24). */
export interface InboundPart {
  /** The same in every part of a text. */
  reference: number;
  total: number;
  /** Counted from 1. */
  index: number;
}

/** One SMS as it came in: a whole text, or a part of one. */
export interface InboundArrival {
  channelId: number;
  from: string;
  to: string;
  /** Of a part: may begin or end with half a surrogate pair. */
  text: string;
  part: InboundPart | null;
  /** An integer below 2^53 that is the same whenever the carrier delivers the same SMS again. */
  fingerprint: number;
  at: number;
  /** Since when the link it came on has been up. */
  linkSince: number;
}

/** What is remembered of an SMS that was taken. */
export interface SeenInbound {
  channelId: number;
  fingerprint: number;
  at: number;
  /** When it was written down; the carrier was told so afterwards. */
  takenAt: number;
}

/** How long an SMS is remembered, to know it when it is delivered again. */
export const REPEAT_WITHIN_MS = 3_600_000;

/**
 * Whether an SMS that equals one taken before is that one, delivered again. SMPP gives inbound messages no id, and people
 * do write the same twice. So it is taken for a repeat only where the carrier cannot have our answer: it came before
 * the first was written down, or on a link younger than the first.
 */
export const isRepeat = (arrival: Pick<InboundArrival, 'at' | 'linkSince'>, seen: SeenInbound): boolean =>
  arrival.at - seen.at <= REPEAT_WITHIN_MS && (arrival.at <= seen.takenAt || arrival.linkSince > seen.at);

/** Parts of a text wait this long for the others, from the first that came. */
export const PARTS_WAIT_MS = 3_600_000;
/** Parts that wait at once on the whole installation; beyond them the oldest texts are stored as far as they came. */
export const MAX_WAITING_PARTS = 10_000;

/** A text made of its parts, in their order; those that never came leave nothing. */
export function joined(parts: readonly { index: number; text: string }[]): string {
  return [...parts]
    .sort((a, b) => a.index - b.index)
    .map(({ text }) => text)
    .join('');
}

/** A text as it is stored: without NUL, and without halves of surrogate pairs. */
export const storable = (text: string): string => text.replaceAll('\0', '').toWellFormed();

/**
 * The mobile number of a sender, or null when it has none: short codes, names, fixed lines. Bare digits are read as
 * dialled in the country of the business first, because carriers at home leave the country out.
 */
export function senderNumber(from: string, country: string | null): number | null {
  if (from.startsWith('+')) return parseRecipient(from, null);
  return (country === null ? null : parseRecipient(from, country)) ?? parseRecipient(from, null);
}

/** A number or short code that messages come in on, and whose they are. */
export interface InboundNumber {
  id: number;
  /** Digits without +. */
  number: string;
  /** Whether it stands for every number that begins with these digits. */
  prefix: boolean;
  /** Null: on any channel. */
  channelId: number | null;
  businessId: number;
  createdAt: number;
}

/** As people write it: digits, with * behind them for all that begin so; * alone is every number. */
export const INBOUND_NUMBER = /^(?:\+?[0-9]{1,20}\*?|\*)$/;
export const INBOUND_NUMBER_RULE = 'digits, at most 20, with or without +; with * behind: every number that begins so';

/** Reads {@link INBOUND_NUMBER}. */
export function readInboundNumber(text: string): Pick<InboundNumber, 'number' | 'prefix'> {
  const prefix = text.endsWith('*');
  return { number: text.replace(/^\+/, '').replace(/\*$/, ''), prefix };
}

/** Whom the digits of `to` belong to: the longest that fits, and one of this channel before one of any. */
export function ownerOfNumber(
  candidates: readonly InboundNumber[],
  to: string,
  channelId: number,
): InboundNumber | null {
  const digits = to.replace(/^\+/, '');
  let best: InboundNumber | null = null;
  for (const each of candidates) {
    const fits = each.prefix ? digits.startsWith(each.number) : digits === each.number;
    if (!fits || (each.channelId !== null && each.channelId !== channelId)) continue;
    if (best === null || rank(each) > rank(best)) best = each;
  }
  return best;
}

/** Longer goes before shorter, a whole number before the beginning of one, this channel before any. */
const rank = ({ number, prefix, channelId }: InboundNumber): number =>
  number.length * 4 + (prefix ? 0 : 2) + (channelId === null ? 0 : 1);
