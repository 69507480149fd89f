import type { Hold } from './bind-hold.ts';

/** What can hold a channel back (docs/operating/channel-limits.md). */
export const LIMITING_CAUSES = ['no_traffic', 'carrier_rate', 'window', 'response_time', 'cpu', 'link_down'] as const;
export type LimitingCause = (typeof LIMITING_CAUSES)[number];

/** What was seen of a channel, or of one of its binds, in the last seconds. */
export interface Measurements {
  spanMs: number;
  /** Share of the time that each limit held, 0 to 1; together 1. Of a channel: of its binds that are up. */
  held: Readonly<Record<Hold, number>>;
  /** The least that waited before the channel at any look: messages that were ready to be sent. */
  waiting: number;
  /** The busiest of our threads, and the share of the time in which it had something to do. */
  busiest: { thread: string; share: number };
  /** Parts a second that the carrier took. */
  perSecond: number;
  /** Parts a second it is held to; null: none. `learned`: by what the carrier said, not by a setting. */
  rate: { perSecond: number; learned: boolean } | null;
  /** Answers that asked for less speed. */
  throttled: number;
  /** Requests that may be unanswered at once: now, as set, and at most. */
  window: { now: number; configured: number; most: number };
  /** Median time to an answer, in milliseconds; null without answers. */
  responseMs: number | null;
  /** What that usually is, when the channel is not under load; null while it is not known. */
  usualResponseMs: number | null;
  /** Why the link is down; empty when it is not known. */
  downReason: string;
}

/** What was seen that led to a cause; each has an explanation and an advice of its own. */
export const LIMIT_REASONS = [
  'linkDown',
  'disabled',
  'onlyReceives',
  'nothingWaits',
  'nothingWaitsBusy',
  'notRead',
  'noAnswers',
  'slowAnswers',
  'largestWindow',
  'windowFull',
  'heldToRate',
  'askedForLess',
  'ourCpu',
] as const;
export type LimitReason = (typeof LIMIT_REASONS)[number];

/** The figures of a reason, for whoever says it in words of their own; what a reason has not is left out. */
export interface LimitFigures {
  /** Share of the time in which it was so, 0 to 1. */
  share?: number;
  /** A thread of ours, and the share of the time in which it was busy. */
  thread?: string;
  busy?: number;
  /** Requests that may be unanswered at once: now, and as set where that is more. */
  window?: number;
  configured?: number;
  /** Milliseconds to an answer: now, and usually. */
  took?: number;
  usual?: number;
  /** Parts a second. */
  speed?: number;
  /** How often the carrier asked for less, and in how many seconds. */
  times?: number;
  seconds?: number;
  /** Why the link is down, where that is known. */
  why?: string;
}

/** The limit that holds now, and what led to saying so. */
export interface Limit {
  cause: LimitingCause;
  reason: LimitReason;
  figures: LimitFigures;
  /** One sentence, for people. */
  explanation: string;
  /** What can be done about it; empty: nothing needs to be. */
  advice: string;
}

/** A link that was down for this share of the time is what holds. */
const MOSTLY = 0.5;
/** A thread that has something to do for this share of the time is the limit itself. */
const BUSY = 0.9;
/** An answer that takes so many times as long as usual, and so much longer, is a slow one. */
const SLOWER = 2;
const SLOWER_MS = 20;

/**
 * Names the one limit that holds a channel. The order of the questions is their meaning: nothing is a limit while nothing
 * waits; a speed that is kept to deliberately is never our CPU; a window that is full because nobody has time to read the
 * answers is; and a window is too small only while answers come as fast as usual.
 */
export function limitingCause(seen: Measurements): Limit {
  const { held, busiest, window } = seen;
  if (held.down > MOSTLY) {
    const why = seen.downReason === '' ? '' : `: ${seen.downReason}`;
    const figures = seen.downReason === '' ? {} : { why: seen.downReason };
    const advice = 'See the channel log for what the carrier answered.';
    return limit('link_down', 'linkDown', figures, `The link is down${why}.`, advice);
  }
  const speed = held.rate + held.throttled;
  const full = held.window + held.socket;
  if (speed + full <= held.idle) {
    if (seen.waiting > 0 && busiest.share >= BUSY) return ourCpu(seen);
    const share = speed + full === 0 ? '' : ` ${percent(held.idle)} of the time`;
    const figures = speed + full === 0 ? {} : { share: held.idle };
    const nothing = `Nothing waits for the channel${share}`;
    if (busiest.share < BUSY) return limit('no_traffic', 'nothingWaits', figures, `${nothing}.`, '');
    return limit(
      'no_traffic',
      'nothingWaitsBusy',
      { ...figures, thread: busiest.thread, busy: busiest.share },
      `${nothing}; the ${busiest.thread} thread of this server was busy ${percent(busiest.share)} of the time.`,
      'If requests to send are answered slowly, this server is what holds them back.',
    );
  }
  if (speed >= full) return carrierRate(seen);
  if (busiest.share >= BUSY) return ourCpu(seen);
  if (held.socket > held.window) {
    return limit(
      'response_time',
      'notRead',
      { share: held.socket },
      `The carrier does not read what it is sent, ${percent(held.socket)} of the time.`,
      'Ask the carrier; its side of the connection is full.',
    );
  }
  if (window.now < window.configured) return carrierRate(seen);
  const filled = `The window of ${window.now} was full ${percent(held.window)} of the time`;
  const { responseMs, usualResponseMs } = seen;
  const figures = { window: window.now, share: held.window };
  if (responseMs === null) {
    const seconds = Math.round(seen.spanMs / 1_000);
    return limit(
      'response_time',
      'noAnswers',
      { ...figures, seconds },
      `${filled}, and the carrier answered nothing for ${seconds} s.`,
      'Ask the carrier.',
    );
  }
  const usual = usualResponseMs ?? responseMs;
  if (responseMs >= usual * SLOWER && responseMs >= usual + SLOWER_MS) {
    return limit(
      'response_time',
      'slowAnswers',
      { ...figures, took: responseMs, usual },
      `${filled}, and answers take ${ms(responseMs)} where ${ms(usual)} is usual.`,
      'Ask the carrier: it is at its limit or has trouble. A larger window would only make its answers slower.',
    );
  }
  if (window.now >= window.most) {
    return limit(
      'response_time',
      'largestWindow',
      { ...figures, took: responseMs },
      `${filled}, and it is the largest there is; answers take ${ms(responseMs)}.`,
      'Add binds, or ask the carrier for faster answers.',
    );
  }
  return limit(
    'window',
    'windowFull',
    { ...figures, took: responseMs },
    `${filled}, and answers take ${ms(responseMs)}, as usual.`,
    'Raise the window, or add binds, as far as the carrier allows.',
  );
}

function carrierRate({ held, rate, throttled, window, spanMs }: Measurements): Limit {
  const share = held.rate + held.throttled;
  if (rate !== null && !rate.learned && held.rate >= held.throttled) {
    return limit(
      'carrier_rate',
      'heldToRate',
      { speed: rate.perSecond, share },
      `The channel is held to its rate of ${perSecond(rate.perSecond)}, ${percent(share)} of the time.`,
      'If the contract allows more, raise the rate of the channel.',
    );
  }
  const seconds = Math.round(spanMs / 1_000);
  const asked =
    throttled === 0
      ? 'The carrier asked for less speed lately'
      : `The carrier asked for less speed ${throttled === 1 ? 'once' : `${throttled} times`} in ${seconds} s`;
  const smaller = window.now < window.configured;
  const given = [
    ...(rate === null ? [] : [perSecond(rate.perSecond)]),
    ...(smaller ? [`a window of ${window.now} instead of ${window.configured}`] : []),
  ];
  const so = given.length === 0 ? '' : `, and is given ${given.join(' and ')}`;
  const figures = {
    times: throttled,
    seconds,
    ...(rate !== null && { speed: rate.perSecond }),
    ...(smaller && { window: window.now, configured: window.configured }),
  };
  const advice = 'Ask the carrier for a higher rate, or set the rate it allows.';
  return limit('carrier_rate', 'askedForLess', figures, `${asked}${so}.`, advice);
}

function ourCpu({ busiest, perSecond: speed }: Measurements): Limit {
  return limit(
    'cpu',
    'ourCpu',
    { thread: busiest.thread, busy: busiest.share, speed },
    `The ${busiest.thread} thread of this server was busy ${percent(busiest.share)} of the time, at ${perSecond(speed)}.`,
    'Give the server a faster processor or disk, or take other work from it.',
  );
}

const limit = (
  cause: LimitingCause,
  reason: LimitReason,
  figures: LimitFigures,
  explanation: string,
  advice: string,
): Limit => ({ cause, reason, figures, explanation, advice });

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const ms = (value: number): string => `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ms`;
const perSecond = (value: number): string =>
  `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} parts a second`;
