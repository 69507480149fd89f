import { describe, expect, it } from 'vitest';
import { HOLDS, type Hold } from './bind-hold.ts';
import { LIMIT_REASONS, limitingCause, type Measurements } from './limiting-cause.ts';

const held = (shares: Partial<Record<Hold, number>>): Measurements['held'] => {
  const none = Object.fromEntries(HOLDS.map((hold) => [hold, 0])) as Record<Hold, number>;
  return { ...none, ...shares };
};

/** A channel that nothing is wrong with and nothing waits for. */
const CALM: Measurements = {
  spanMs: 5_000,
  held: held({ idle: 1 }),
  waiting: 0,
  busiest: { thread: 'main', share: 0.2 },
  perSecond: 100,
  rate: null,
  throttled: 0,
  window: { now: 100, configured: 100, most: 10_000 },
  responseMs: 50,
  usualResponseMs: 45,
  downReason: '',
};
const FULL = held({ window: 0.9, idle: 0.1 });
const BUSY = { thread: 'storage', share: 0.97 };
const SLOW = { responseMs: 400, usualResponseMs: 45 };

const causeOf = (seen: Partial<Measurements>) => limitingCause({ ...CALM, ...seen }).cause;

describe('what holds a channel back', () => {
  it.each<[string, Partial<Measurements>, string]>([
    ['nothing waits', {}, 'no_traffic'],
    ['little waits', { held: held({ idle: 0.6, window: 0.4 }) }, 'no_traffic'],
    ['it has only just been started', { held: held({}), spanMs: 0 }, 'no_traffic'],
    [
      'it was down for a while, and the window is full',
      { held: held({ down: 0.4, window: 0.4, idle: 0.2 }) },
      'window',
    ],
    ['nothing waits, and we are busy with something else', { busiest: BUSY }, 'no_traffic'],
    ['messages wait before the channel, but not for us', { waiting: 50 }, 'no_traffic'],
    ['messages wait before the channel, for us', { waiting: 50, busiest: BUSY }, 'cpu'],
    ['the window is full', { held: FULL }, 'window'],
    ['the window is full, and what is usual is not known', { held: FULL, usualResponseMs: null }, 'window'],
    ['answers are twice as slow, but quick', { held: FULL, responseMs: 9, usualResponseMs: 2 }, 'window'],
    ['answers are a little slower', { held: FULL, responseMs: 80 }, 'window'],
    ['answers are slow', { held: FULL, ...SLOW }, 'response_time'],
    ['there are no answers', { held: FULL, responseMs: null }, 'response_time'],
    ['no window is larger', { held: FULL, window: { now: 10_000, configured: 10_000, most: 10_000 } }, 'response_time'],
    ['the carrier does not read', { held: held({ socket: 0.8, window: 0.2 }) }, 'response_time'],
    ['nobody reads the answers', { held: FULL, ...SLOW, busiest: BUSY }, 'cpu'],
    [
      'the rate is kept to',
      { held: held({ rate: 0.9, idle: 0.1 }), rate: { perSecond: 500, learned: false } },
      'carrier_rate',
    ],
    ['the rate is kept to, and we are busy', { held: held({ rate: 1 }), busiest: BUSY }, 'carrier_rate'],
    ['the carrier asks for less', { held: held({ throttled: 1 }), throttled: 12 }, 'carrier_rate'],
    ['rate and window take turns', { held: held({ rate: 0.5, window: 0.45 }) }, 'carrier_rate'],
    [
      'a window was made smaller for the carrier',
      { held: FULL, window: { now: 60, configured: 100, most: 1e4 } },
      'carrier_rate',
    ],
    ['the link is down', { held: held({ down: 1 }), waiting: 50 }, 'link_down'],
    ['the link comes and goes', { held: held({ down: 0.6, window: 0.4 }) }, 'link_down'],
  ])('when %s', (_when, seen, cause) => {
    expect(causeOf(seen)).toBe(cause);
  });

  it.each<[Partial<Measurements>, RegExp, RegExp]>([
    [{}, /^Nothing waits for the channel\.$/, /^$/],
    [{ busiest: BUSY }, /^Nothing waits for the channel; the storage thread of this server was busy 97 % /, /slowly/],
    [{ held: held({ idle: 0.6, window: 0.4 }) }, /^Nothing waits for the channel 60 % of the time\.$/, /^$/],
    [
      { held: FULL },
      /^The window of 100 was full 90 % of the time, and answers take 50 ms, as usual\.$/,
      /^Raise the window/,
    ],
    [{ held: FULL, ...SLOW }, /, and answers take 400 ms where 45 ms is usual\.$/, /Ask the carrier/],
    [{ held: FULL, responseMs: null }, /the carrier answered nothing for 5 s/, /Ask the carrier/],
    [
      { held: held({ rate: 0.98 }), rate: { perSecond: 500, learned: false } },
      /^The channel is held to its rate of 500 parts a second, 98 % of the time\.$/,
      /raise the rate/,
    ],
    [
      { held: held({ throttled: 1 }), throttled: 12, rate: { perSecond: 480.3, learned: true } },
      /^The carrier asked for less speed 12 times in 5 s, and is given 480 parts a second\.$/,
      /higher rate/,
    ],
    [
      { held: FULL, window: { now: 60, configured: 100, most: 1e4 } },
      /^The carrier asked for less speed lately, and is given a window of 60 instead of 100\.$/,
      /higher rate/,
    ],
    [
      { held: FULL, busiest: BUSY },
      /^The storage thread of this server was busy 97 % of the time, at 100 parts a second\.$/,
      /faster/,
    ],
    [
      { held: held({ down: 1 }), downReason: 'connect-failed: no' },
      /^The link is down: connect-failed: no\.$/,
      /channel log/,
    ],
  ])('says what was seen, and what to do: %o', (seen, explanation, advice) => {
    const limit = limitingCause({ ...CALM, ...seen });
    expect(limit.explanation).toMatch(explanation);
    expect(LIMIT_REASONS).toContain(limit.reason);
    expect(limit.advice).toMatch(advice);
  });
});
