import { beforeEach, describe, expect, it } from 'vitest';
import { BindMeter } from '../channels/bind-meter.ts';
import type { BindReading, ChannelReading } from '../channels/channel.ts';
import type { Hold } from '../domain/bind-hold.ts';
import type { ChannelFacts } from '../domain/channel-facts.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { ChannelWatch } from './channel-watch.ts';

const CHANNEL = 3;
const NONE = { verification: 0, notification: 0, marketing: 0 };

/** A channel that says of itself what a test wants to hear. */
class Pretended {
  readonly binds: BindReading[];
  rate: ChannelReading['rate'] = null;
  waiting = { ...NONE };

  constructor(clock: ManualClock, binds: number) {
    this.binds = Array.from({ length: binds }, () => ({
      type: 'transceiver',
      sends: true,
      link: 'bound',
      reason: '',
      inFlight: 0,
      window: { now: 10, configured: 10, most: 10_000 },
      meter: new BindMeter(clock),
    }));
  }

  reading(): ChannelReading {
    const { binds, waiting, rate } = this;
    return { binds, waiting, rate, statusName: (status) => `status ${status}` };
  }
}

let clock: ManualClock;
let channel: Pretended;
let queued = { ...NONE };
let load = 0;
let watch: ChannelWatch;

const begin = async (binds = 1) => {
  channel = new Pretended(clock, binds);
  watch = new ChannelWatch({
    channels: { readings: () => new Map([[CHANNEL, channel.reading()]]) },
    queued: () => queued,
    loads: [
      { name: 'main', read: () => 0.1 },
      { name: 'storage', read: () => load },
    ],
    clock,
  });
  await watch.start();
};
const facts = (): ChannelFacts => watch.facts().get(CHANNEL)!;
const hold = (reason: Hold, inFlight = 0, bind = 0) => channel.binds[bind]!.meter.holds(reason, inFlight);
/** Lets time pass in which a bind gets so many answers a second, each after `tookMs`. */
const pass = (seconds: number, { answers = 0, tookMs = 50, bind = 0 } = {}) => {
  for (let i = 0; i < seconds * 10; i++) {
    for (let n = 0; n < answers / 10; n++) channel.binds[bind]!.meter.answered('accepted', 0, tookMs);
    clock.advance(100);
  }
};

beforeEach(() => {
  clock = new ManualClock();
  queued = { ...NONE };
  load = 0;
});

describe('the facts of a channel', () => {
  it('are there from its first moment on', async () => {
    await begin();
    expect(facts()).toMatchObject({
      perSecond: 0,
      responseMs: null,
      usualResponseMs: null,
      limit: { cause: 'no_traffic' },
    });
    expect(watch.facts().has(CHANNEL + 1)).toBe(false);
  });

  it('say how fast it is, now and over a minute, and how long answers take', async () => {
    await begin();
    hold('window', 10);
    pass(60, { answers: 100, tookMs: 20 });
    pass(5, { answers: 300, tookMs: 40 });
    const { perSecond, perSecondInMinute, responseMs, accepted, inFlightOnAverage, held, spanMs } = facts();
    expect(perSecond).toBeCloseTo(300, -1);
    expect(perSecondInMinute).toBeCloseTo((55 * 100 + 5 * 300) / 60, 0);
    expect(accepted).toBe(7_500);
    expect(responseMs!.p50).toBeCloseTo(20, -1);
    expect(responseMs!.max).toBeCloseTo(40, -1);
    expect(inFlightOnAverage).toBe(10);
    expect(held.window).toBe(1);
    expect(spanMs).toBeGreaterThanOrEqual(4_000);
  });

  it('forget what was more than a minute ago', async () => {
    await begin();
    pass(5, { answers: 100, tookMs: 5_000 });
    pass(70, { answers: 100, tookMs: 10 });
    expect(facts().responseMs!.max).toBeLessThan(12);
  });

  it('count answers that say no by their status, over all binds', async () => {
    await begin(2);
    for (const { meter } of channel.binds) {
      meter.answered('refused', 11, 1);
      meter.answered('throttled', 88, 1);
    }
    channel.binds[1]!.meter.answered('refused', 11, 1);
    expect(facts()).toMatchObject({
      refused: 3,
      throttled: 2,
      statuses: [
        { status: 'status 11', count: 3 },
        { status: 'status 88', count: 2 },
      ],
      binds: [
        { bind: 1, refused: 1 },
        { bind: 2, refused: 2 },
      ],
    });
  });

  it('say what waits in each lane, in the queue and in the channel', async () => {
    await begin();
    queued.marketing = 70;
    channel.waiting.verification = 2;
    expect(facts().waiting).toEqual({
      verification: { queue: 0, channel: 2 },
      notification: { queue: 0, channel: 0 },
      marketing: { queue: 70, channel: 0 },
    });
  });

  it('begin anew when the channel does', async () => {
    await begin();
    pass(10, { answers: 100 });
    channel = new Pretended(clock, 1);
    expect(facts()).toMatchObject({ accepted: 0, perSecond: 0, responseMs: null, usualResponseMs: null });
    pass(3, { answers: 10 });
    expect(facts().perSecond).toBeCloseTo(10, 0);
  });
});

describe('the limit that holds', () => {
  const cause = () => facts().limit.cause;

  it('is the window, then slow answers, once it is known what is usual', async () => {
    await begin();
    hold('window', 10);
    pass(6, { answers: 200, tookMs: 50 });
    expect(cause()).toBe('window');
    expect(facts().usualResponseMs).toBeCloseTo(50, -1);
    pass(6, { answers: 30, tookMs: 330 });
    expect(cause()).toBe('response_time');
    expect(facts().usualResponseMs).toBeCloseTo(50, -1);
    pass(6);
    expect(facts().limit.explanation).toContain('answered nothing');
  });

  it('is what held for most of the last seconds only', async () => {
    await begin();
    hold('rate', 1);
    channel.rate = { perSecond: 20, learned: false };
    pass(10, { answers: 20 });
    expect(cause()).toBe('carrier_rate');
    hold('idle');
    pass(2);
    expect(cause()).toBe('carrier_rate');
    pass(2);
    expect(cause()).toBe('no_traffic');
  });

  it('is our CPU while messages wait at every look and a thread is busy', async () => {
    await begin();
    hold('idle');
    load = 1;
    pass(6);
    expect(cause()).toBe('no_traffic');
    queued.notification = 100;
    pass(6);
    expect(facts().limit).toMatchObject({ cause: 'cpu', explanation: expect.stringContaining('storage') });
    queued.notification = 0;
    pass(1);
    expect(cause()).toBe('no_traffic');
  });

  it('is judged by the binds that are up', async () => {
    await begin(2);
    Object.assign(channel.binds[1]!, { link: 'down', reason: 'connect-failed: no' });
    hold('window', 10, 0);
    pass(6, { answers: 100 });
    expect(facts()).toMatchObject({
      limit: { cause: 'window' },
      held: { window: 1, down: 0 },
      window: { now: 10, configured: 10 },
      binds: [{ limit: { cause: 'window' } }, { limit: { cause: 'link_down' }, held: { down: 1 } }],
    });
    Object.assign(channel.binds[1]!, { type: 'receiver', sends: false });
    expect(facts().binds[1]).toMatchObject({ type: 'receiver', limit: { cause: 'no_traffic' } });
    hold('down');
    pass(6);
    Object.assign(channel.binds[0]!, { link: 'down', reason: 'connect-failed: no' });
    expect(facts().limit).toMatchObject({ cause: 'link_down', explanation: 'The link is down: connect-failed: no.' });
  });
});
