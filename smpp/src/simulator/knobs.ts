import type { Random } from '../lib/random.ts';
import { type StatusName, statusCode } from '../pdu/statuses.ts';
import type { ReceiptState } from '../receipt.ts';
import { ID_FORMS, type IdForm, RECEIPT_ID_FORMS, type ReceiptIdForm } from './ids.ts';

/** Milliseconds: always so many, or evenly spread between two bounds. */
export type DelayMs = number | { min: number; max: number };

/** What a receipt says; `none` is the message that nobody ever reports on. */
export type ReceiptOutcome = ReceiptState | 'none';

/** Weights of receipt outcomes, of any sum: {delivered: 95, undeliverable: 5}. */
export type OutcomeMix = { [Outcome in ReceiptOutcome]?: number };

/** What happens to destinations that start or end with certain digits; the first rule that fits counts. */
export interface DestinationRule {
  prefix?: string;
  suffix?: string;
  /** To how many of them, by chance, 0 to 1; default all. The others are left to the rules behind. */
  share?: number;
  /** Answer submit_sm with this status. */
  status?: StatusName | number;
  /** Never answer submit_sm at all; the message counts as accepted here all the same. */
  silent?: boolean;
  /** Report this. */
  receipt?: ReceiptOutcome;
}

/**
 * When something happens to a session: at every n-th submit_sm of it, at each with a certain chance (0 to 1), or so long
 * after its bind (sessions bound from then on).
 */
export type Occasion = { everyPdus: number } | { chance: number } | { afterMs: number };

/** Which receipts the parts of a long message get, and what they name. */
export type PartReceipts = 'each' | 'first' | 'last' | 'shared' | 'shared-each';
export const PART_RECEIPTS: readonly PartReceipts[] = ['each', 'first', 'last', 'shared', 'shared-each'];

/** Everything about a simulator that may be turned while it runs. */
export interface Knobs {
  /** From submit_sm to its response; default 0. */
  answerMs: DelayMs;
  /** From submit_sm to its receipt, which is early when answerMs is longer; default 50. */
  receiptDelayMs: DelayMs;
  /** How many receipts leave before the submit_sm_resp that they belong to, 0 to 1; default 0. */
  earlyReceipts: number;
  /** How many receipts come after another delay, 0 to 1, and which; null for none. */
  lateReceipts: { share: number; delayMs: DelayMs } | null;
  /** How many receipts come a second time, 0 to 1; the repetition takes receiptDelayMs once more. Default 0. */
  duplicateReceipts: number;
  /** Whether receipts that leave together do so in any order; default false. */
  shuffleReceipts: boolean;
  /**
   * Receipts of a message that comes in parts: one for each part (default), one for all of them that names the first
   * part's id or the last's, or parts that share one id, with one receipt (shared) or one for each part (shared-each).
   * Where there is one for all, it comes after the last part.
   */
  partReceipts: PartReceipts;
  /** What receipts say; default all delivered. */
  receipts: OutcomeMix;
  /** Exceptions by destination; default none. */
  rules: readonly DestinationRule[];
  /** More submit_sm in one second are answered ESME_RTHROTTLED; null for no limit. */
  throttle: { perSecond: number } | null;
  /** More unanswered submit_sm of one session are answered ESME_RMSGQFUL; 0 for no limit. */
  maxUnanswered: number;
  /** When a session's link is cut, with the answers of its socket read unsent. Null for never. */
  dropLink: Occasion | null;
  /** When a session stops to take and to answer anything while its connection stays open. Null for never. */
  halfOpen: Occasion | null;
  /**
   * Octets without sense, with a chance (0 to 1) at each socket read that brings a submit_sm: PDUs that nobody can
   * understand, and streams in which nobody can find the next PDU. Null for none.
   */
  garbage: { pdus: number; streams: number } | null;
  /** How long a session reads nothing after each socket read; default 0. */
  readPauseMs: DelayMs;
  /** How message ids are written; all are random. Default hex (16 digits). */
  ids: IdForm;
  /** What receipts make of the id that submit_sm_resp gave; default same. */
  receiptIds: ReceiptIdForm;
  /** Whether receipts carry receipted_message_id and message_state beside their text; default true. */
  receiptTlvs: boolean;
  /** Whether receipts have a text; without one they carry the parameters alone. Default true. */
  receiptText: boolean;
  /** Who may bind, as system_id → password; null lets everybody in. */
  accounts: Readonly<Record<string, string>> | null;
  /** More sessions of one system_id at once are refused with ESME_RALYBND; 0 for no limit. */
  maxBinds: number;
  /** The status every bind is refused with; null lets them in. */
  refuseBinds: StatusName | number | null;
}

/** The knobs of a simulator nobody has touched. */
export const DEFAULT_KNOBS: Knobs = {
  answerMs: 0,
  receiptDelayMs: 50,
  earlyReceipts: 0,
  lateReceipts: null,
  duplicateReceipts: 0,
  shuffleReceipts: false,
  partReceipts: 'each',
  receipts: { delivered: 1 },
  rules: [],
  throttle: null,
  maxUnanswered: 0,
  dropLink: null,
  halfOpen: null,
  garbage: null,
  readPauseMs: 0,
  ids: 'hex',
  receiptIds: 'same',
  receiptTlvs: true,
  receiptText: true,
  accounts: null,
  maxBinds: 0,
  refuseBinds: null,
};

/** Knobs with some of them turned; throws RangeError for a value without sense. */
export function turned(knobs: Knobs, given: Partial<Knobs>): Knobs {
  const result = { ...knobs };
  for (const name of Object.keys(DEFAULT_KNOBS) as (keyof Knobs)[]) {
    if (given[name] !== undefined) Object.assign(result, { [name]: given[name] });
  }
  checkKnobs(result);
  return result;
}

/** Refuses values that make no sense, with a sentence that names the knob. */
export function checkKnobs(knobs: Knobs): void {
  checkDelay('answerMs', knobs.answerMs);
  checkDelay('receiptDelayMs', knobs.receiptDelayMs);
  checkDelay('readPauseMs', knobs.readPauseMs);
  checkShare('earlyReceipts', knobs.earlyReceipts);
  checkShare('duplicateReceipts', knobs.duplicateReceipts);
  if (knobs.lateReceipts !== null) {
    checkShare('lateReceipts.share', knobs.lateReceipts.share);
    checkDelay('lateReceipts.delayMs', knobs.lateReceipts.delayMs);
  }
  checkOneOf('partReceipts', knobs.partReceipts, PART_RECEIPTS);
  const weights = Object.values(knobs.receipts);
  if (!weights.every((weight) => weight >= 0) || !weights.some((weight) => weight > 0)) {
    throw new RangeError('receipts: needs weights that are not negative, and one above 0');
  }
  for (const rule of knobs.rules) {
    if (rule.status !== undefined) checkStatus('rules', rule.status);
    if (rule.share !== undefined) checkShare('rules: share', rule.share);
  }
  if (knobs.throttle !== null) checkCount('throttle.perSecond', knobs.throttle.perSecond);
  checkOccasion('dropLink', knobs.dropLink);
  checkOccasion('halfOpen', knobs.halfOpen);
  if (knobs.garbage !== null) {
    checkShare('garbage.pdus', knobs.garbage.pdus);
    checkShare('garbage.streams', knobs.garbage.streams);
  }
  checkOneOf('ids', knobs.ids, ID_FORMS);
  checkOneOf('receiptIds', knobs.receiptIds, RECEIPT_ID_FORMS);
  if (!knobs.receiptText && !knobs.receiptTlvs) throw new RangeError('receiptText: is needed without receiptTlvs');
  if (knobs.refuseBinds !== null) checkStatus('refuseBinds', knobs.refuseBinds);
}

function checkOccasion(name: string, occasion: Occasion | null): void {
  if (occasion === null) return;
  if ('everyPdus' in occasion) checkCount(`${name}.everyPdus`, occasion.everyPdus);
  else if ('chance' in occasion) checkShare(`${name}.chance`, occasion.chance);
  else checkCount(`${name}.afterMs`, occasion.afterMs);
}

function checkShare(name: string, share: number): void {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`${name}: ${share} is not between 0 and 1`);
}

function checkStatus(name: string, status: StatusName | number): void {
  if (typeof status === 'string' && statusCode(status) === undefined) {
    throw new RangeError(`${name}: no status is called ${status}`);
  }
}

function checkOneOf(name: string, value: string, values: readonly string[]): void {
  if (!values.includes(value)) throw new RangeError(`${name}: ${value} is none of ${values.join(', ')}`);
}

function checkDelay(name: string, delay: DelayMs): void {
  const { min, max } = typeof delay === 'number' ? { min: delay, max: delay } : delay;
  if (!(min >= 0 && max >= min && max < 2 ** 31)) throw new RangeError(`${name}: ${min} to ${max} ms`);
}

function checkCount(name: string, value: number): void {
  if (!(value >= 1)) throw new RangeError(`${name}: ${value} is below 1`);
}

/** One delay out of a range. */
export function pickDelay(delay: DelayMs, random: Random): number {
  return typeof delay === 'number' ? delay : delay.min + random() * (delay.max - delay.min);
}

/** Whether something of a certain chance happens; no chance and certainty draw nothing. */
export function happens(chance: number, random: Random): boolean {
  return chance > 0 && (chance >= 1 || random() < chance);
}

/** The first rule that fits a destination. */
export function findRule(
  rules: readonly DestinationRule[],
  destination: string,
  random: Random,
): DestinationRule | undefined {
  for (const rule of rules) {
    if (rule.prefix !== undefined && !destination.startsWith(rule.prefix)) continue;
    if (rule.suffix !== undefined && !destination.endsWith(rule.suffix)) continue;
    if (rule.share !== undefined && !happens(rule.share, random)) continue;
    return rule;
  }
  return undefined;
}

/** The status code a rule asks for; 0 when it lets the message pass. */
export function ruleStatus(rule: DestinationRule): number {
  return rule.status === undefined ? 0 : codeOf(rule.status);
}

/** The code of a status that is given by name or by code. */
export function codeOf(status: StatusName | number): number {
  return typeof status === 'string' ? statusCode(status)! : status;
}

/** A function that draws outcomes by their weights. */
export function outcomePicker(mix: OutcomeMix, random: Random): () => ReceiptOutcome {
  const weighted = Object.entries(mix).filter(([, weight]) => weight > 0) as [ReceiptOutcome, number][];
  const only = weighted[0]![0];
  if (weighted.length === 1) return () => only;
  const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
  return () => {
    let left = random() * total;
    for (const [outcome, weight] of weighted) {
      left -= weight;
      if (left < 0) return outcome;
    }
    return only;
  };
}
