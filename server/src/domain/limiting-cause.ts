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

/** The limit that holds now, and what led to saying so. */
export interface Limit {
  cause: LimitingCause;
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
    return limit('link_down', `The link is down${why}.`, 'See the channel log for what the carrier answered.');
  }
  const speed = held.rate + held.throttled;
  const full = held.window + held.socket;
  if (speed + full <= held.idle) {
    if (seen.waiting > 0 && busiest.share >= BUSY) return ourCpu(seen);
    const share = speed + full === 0 ? '' : ` ${percent(held.idle)} of the time`;
    const nothing = `Nothing waits for the channel${share}`;
    if (busiest.share < BUSY) return limit('no_traffic', `${nothing}.`, '');
    return limit(
      'no_traffic',
      `${nothing}; the ${busiest.thread} thread of this server was busy ${percent(busiest.share)} of the time.`,
      'If requests to send are answered slowly, this server is what holds them back.',
    );
  }
  if (speed >= full) return carrierRate(seen);
  if (busiest.share >= BUSY) return ourCpu(seen);
  if (held.socket > held.window) {
    return limit(
      'response_time',
      `The carrier does not read what it is sent, ${percent(held.socket)} of the time.`,
      'Ask the carrier; its side of the connection is full.',
    );
  }
  if (window.now < window.configured) return carrierRate(seen);
  const filled = `The window of ${window.now} was full ${percent(held.window)} of the time`;
  const { responseMs, usualResponseMs } = seen;
  if (responseMs === null) {
    return limit(
      'response_time',
      `${filled}, and the carrier answered nothing for ${Math.round(seen.spanMs / 1_000)} s.`,
      'Ask the carrier.',
    );
  }
  const usual = usualResponseMs ?? responseMs;
  if (responseMs >= usual * SLOWER && responseMs >= usual + SLOWER_MS) {
    return limit(
      'response_time',
      `${filled}, and answers take ${ms(responseMs)} where ${ms(usual)} is usual.`,
      'Ask the carrier: it is at its limit or has trouble. A larger window would only make its answers slower.',
    );
  }
  if (window.now >= window.most) {
    return limit(
      'response_time',
      `${filled}, and it is the largest there is; answers take ${ms(responseMs)}.`,
      'Add binds, or ask the carrier for faster answers.',
    );
  }
  return limit(
    'window',
    `${filled}, and answers take ${ms(responseMs)}, as usual.`,
    'Raise the window, or add binds, as far as the carrier allows.',
  );
}

function carrierRate({ held, rate, throttled, window, spanMs }: Measurements): Limit {
  const share = percent(held.rate + held.throttled);
  if (rate !== null && !rate.learned && held.rate >= held.throttled) {
    return limit(
      'carrier_rate',
      `The channel is held to its rate of ${perSecond(rate.perSecond)}, ${share} of the time.`,
      'If the contract allows more, raise the rate of the channel.',
    );
  }
  const asked =
    throttled === 0
      ? 'The carrier asked for less speed lately'
      : `The carrier asked for less speed ${throttled === 1 ? 'once' : `${throttled} times`} in ${Math.round(spanMs / 1_000)} s`;
  const given = [
    ...(rate === null ? [] : [perSecond(rate.perSecond)]),
    ...(window.now < window.configured ? [`a window of ${window.now} instead of ${window.configured}`] : []),
  ];
  const so = given.length === 0 ? '' : `, and is given ${given.join(' and ')}`;
  return limit('carrier_rate', `${asked}${so}.`, 'Ask the carrier for a higher rate, or set the rate it allows.');
}

function ourCpu({ busiest, perSecond: speed }: Measurements): Limit {
  return limit(
    'cpu',
    `The ${busiest.thread} thread of this server was busy ${percent(busiest.share)} of the time, at ${perSecond(speed)}.`,
    'Give the server a faster processor or disk, or take other work from it.',
  );
}

const limit = (cause: LimitingCause, explanation: string, advice: string): Limit => ({ cause, explanation, advice });

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const ms = (value: number): string => `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ms`;
const perSecond = (value: number): string =>
  `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} parts a second`;
