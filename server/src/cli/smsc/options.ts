import type {
  DelayMs,
  DestinationRule,
  IdForm,
  InboundText,
  Knobs,
  Occasion,
  OutcomeMix,
  PartReceipts,
  ReceiptIdForm,
  ReceiptOutcome,
} from '@signet/smpp/simulator';
import { usageError } from '../failure.ts';

/** What `signet smsc` is told; shares come as parts of 1. */
export interface SmscOptions {
  host: string;
  port: number;
  tlsCert?: string;
  tlsKey?: string;
  smppVersion: '3.3' | '3.4' | '5.0';
  account: Record<string, string>;
  maxBinds?: number;
  refuseBinds?: NonNullable<Knobs['refuseBinds']>;
  answerMs: DelayMs;
  throttle?: number;
  maxUnanswered?: number;
  rule: DestinationRule[];
  ids: IdForm;
  receipts: OutcomeMix;
  receiptDelayMs: DelayMs;
  earlyReceipts?: number;
  lateReceipts?: number;
  lateMs: DelayMs;
  duplicateReceipts?: number;
  shuffleReceipts?: boolean;
  partReceipts: PartReceipts;
  receiptIds: ReceiptIdForm;
  receiptTlvs: boolean;
  receiptText: boolean;
  dropEvery?: number;
  dropChance?: number;
  dropAfterMs?: number;
  halfOpenEvery?: number;
  halfOpenChance?: number;
  halfOpenAfterMs?: number;
  garbage?: number;
  brokenStreams?: number;
  readPauseMs: DelayMs;
  inbound?: boolean;
  inboundLong: NonNullable<InboundText['long']>;
  log?: string;
  logText?: boolean;
}

export const OUTCOMES: readonly ReceiptOutcome[] = [
  'enroute',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'accepted',
  'unknown',
  'rejected',
  'none',
];

/** When something happens to a link; the three ways to say it exclude each other. */
export function occasion(
  name: string,
  everyPdus: number | undefined,
  chance: number | undefined,
  afterMs: number | undefined,
): Occasion | null {
  if ([everyPdus, chance, afterMs].filter((each) => each !== undefined).length > 1) {
    throw usageError(`--${name}-every, --${name}-chance and --${name}-after-ms exclude each other`);
  }
  if (everyPdus !== undefined) return { everyPdus };
  if (chance !== undefined) return { chance };
  return afterMs === undefined ? null : { afterMs };
}

/** Reads 5, 0.5 or 5% as a part of 1. */
export function percent(text: string): number {
  const value = /^\d{1,3}(\.\d{1,6})?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN;
  if (!(value <= 100)) throw usageError(`${JSON.stringify(text)} is not a percentage from 0 to 100`);
  return value / 100;
}

/** Reads a time in ms, or a range of them. */
export function delay(text: string): DelayMs {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (!match) throw usageError(`${JSON.stringify(text)} is not a time in ms: 20, or 10-50`);
  return match[2] === undefined ? Number(match[1]) : { min: Number(match[1]), max: Number(match[2]) };
}

/** Reads outcomes and their weights. */
export function mix(text: string): OutcomeMix {
  const weights: Record<string, number> = {};
  for (const part of text.split(',')) {
    const match = /^([a-z]+)(?::(\d{1,9}))?$/.exec(part.trim());
    if (!match || !isOutcome(match[1]!)) {
      throw usageError(
        `${JSON.stringify(part)} is no outcome`,
        `Write outcome:weight, with one of ${OUTCOMES.join(', ')}.`,
      );
    }
    weights[match[1]!] = Number(match[2] ?? 1);
  }
  return weights;
}

/** Adds an exception by number to those given before. */
export function collectRule(text: string, rules: DestinationRule[]): DestinationRule[] {
  const rule: Record<string, unknown> = {};
  for (const part of text.split(',')) {
    const [name, value] = part.trim().split('=') as [string, string | undefined];
    if (name === 'silent' && value === undefined) rule.silent = true;
    else if ((name === 'prefix' || name === 'suffix') && value) rule[name] = value.replace(/^\+/, '');
    else if (name === 'share' && value) rule.share = percent(value);
    else if (name === 'status' && value) rule.status = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : value;
    else if (name === 'receipt' && value && isOutcome(value)) rule.receipt = value;
    else throw usageError(`${JSON.stringify(part)} is no part of a rule`, 'See "signet smsc --help".');
  }
  return [...rules, rule as DestinationRule];
}

/** Adds an account to those given before. */
export function collectAccount(text: string, accounts: Record<string, string>): Record<string, string> {
  const at = text.indexOf(':');
  if (at < 1) throw usageError('--account takes system_id:password');
  return { ...accounts, [text.slice(0, at)]: text.slice(at + 1) };
}

function isOutcome(word: string): word is ReceiptOutcome {
  return (OUTCOMES as readonly string[]).includes(word);
}
