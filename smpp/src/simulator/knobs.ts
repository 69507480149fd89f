import type { Random } from '../lib/random.ts';
import { type StatusName, statusCode } from '../pdu/statuses.ts';
import type { ReceiptState } from '../receipt.ts';

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
  /** Answer submit_sm with this status. */
  status?: StatusName | number;
  /** Never answer submit_sm at all; the message counts as accepted here all the same. */
  silent?: boolean;
  /** Report this. */
  receipt?: ReceiptOutcome;
}

/** Everything about a simulator that may be turned while it runs. */
export interface Knobs {
  /** From submit_sm to its response; default 0. */
  answerMs: DelayMs;
  /** From submit_sm to its receipt, which is early when answerMs is longer; default 50. */
  receiptDelayMs: DelayMs;
  /** What receipts say; default all delivered. */
  receipts: OutcomeMix;
  /** Exceptions by destination; default none. */
  rules: readonly DestinationRule[];
  /** More submit_sm in one second are answered ESME_RTHROTTLED; null for no limit. */
  throttle: { perSecond: number } | null;
  /** More unanswered submit_sm of one session are answered ESME_RMSGQFUL; 0 for no limit. */
  maxUnanswered: number;
  /**
   * Cuts a session's link: at every n-th submit_sm, with the answers of its socket read unsent, or so long after its
   * bind (sessions bound from then on). Null for never.
   */
  dropLink: { everyPdus: number } | { afterMs: number } | null;
  /** How message ids are written; all are random. Default hex (16 digits). */
  ids: 'hex' | 'decimal';
  /** Whether receipts name the id as submit_sm_resp did, or in the other base, as some carriers do. */
  receiptIds: 'same' | 'other-base';
  /** Whether receipts carry receipted_message_id and message_state beside their text; default true. */
  receiptTlvs: boolean;
  /** Who may bind, as system_id → password; null lets everybody in. */
  accounts: Readonly<Record<string, string>> | null;
}

/** The knobs of a simulator nobody has touched. */
export const DEFAULT_KNOBS: Knobs = {
  answerMs: 0,
  receiptDelayMs: 50,
  receipts: { delivered: 1 },
  rules: [],
  throttle: null,
  maxUnanswered: 0,
  dropLink: null,
  ids: 'hex',
  receiptIds: 'same',
  receiptTlvs: true,
  accounts: null,
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
  const weights = Object.values(knobs.receipts);
  if (!weights.every((weight) => weight >= 0) || !weights.some((weight) => weight > 0)) {
    throw new RangeError('receipts: needs weights that are not negative, and one above 0');
  }
  for (const rule of knobs.rules) {
    if (typeof rule.status === 'string' && statusCode(rule.status) === undefined) {
      throw new RangeError(`rules: no status is called ${rule.status}`);
    }
  }
  if (knobs.throttle !== null) checkCount('throttle.perSecond', knobs.throttle.perSecond);
  if (knobs.dropLink !== null) {
    if ('everyPdus' in knobs.dropLink) checkCount('dropLink.everyPdus', knobs.dropLink.everyPdus);
    else checkCount('dropLink.afterMs', knobs.dropLink.afterMs);
  }
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

/** The first rule that fits a destination. */
export function findRule(rules: readonly DestinationRule[], destination: string): DestinationRule | undefined {
  for (const rule of rules) {
    if (rule.prefix !== undefined && !destination.startsWith(rule.prefix)) continue;
    if (rule.suffix !== undefined && !destination.endsWith(rule.suffix)) continue;
    return rule;
  }
  return undefined;
}

/** The status code a rule asks for; 0 when it lets the message pass. */
export function ruleStatus(rule: DestinationRule): number {
  return (typeof rule.status === 'string' ? statusCode(rule.status) : rule.status) ?? 0;
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
