import type { MeterReading } from '../channels/bind-meter.ts';
import type { BindReading } from '../channels/channel.ts';
import { HOLDS, type Hold } from '../domain/bind-hold.ts';
import type { FlowFacts } from '../domain/channel-facts.ts';
import { limitingCause, type Measurements } from '../domain/limiting-cause.ts';
import { DurationCounts } from '../lib/duration-counts.ts';

/** One look at a channel. */
export interface Look {
  at: number;
  binds: MeterReading[];
  /** Which of them send. */
  senders: number[];
  /** Messages ready to be sent. */
  waiting: number;
  /** Share of the time since the look before in which each thread was busy. */
  loads: number[];
}

/** What was counted in the last seconds and in the last minute. */
interface Span {
  now: MeterReading;
  before: MeterReading;
  ms: number;
  minuteBefore: MeterReading;
  minuteMs: number;
  /** How many binds were counted. */
  binds: number;
}

/** Of one bind, or (null) of all of them. */
export function spanOf(
  { now, before, minuteBefore }: Record<'now' | 'before' | 'minuteBefore', Look>,
  bind: number | null,
): Span {
  const of = (look: Look) => (bind === null ? sumOf(look) : look.binds[bind]!);
  return {
    now: of(now),
    before: of(before),
    ms: now.at - before.at,
    minuteBefore: of(minuteBefore),
    minuteMs: now.at - minuteBefore.at,
    binds: bind === null ? now.senders.length : 1,
  };
}

type Standing = Pick<BindReading, 'inFlight' | 'window' | 'reason'>;

/** The binds as if they were one. */
export function together(binds: readonly BindReading[]): Standing {
  const up = binds.filter(({ link }) => link === 'bound');
  const total = (of: (bind: BindReading) => number) =>
    (up.length === 0 ? binds : up).reduce((n, bind) => n + of(bind), 0);
  return {
    inFlight: total(({ inFlight }) => inFlight),
    window: {
      now: total(({ window }) => window.now),
      configured: total(({ window }) => window.configured),
      most: total(({ window }) => window.most),
    },
    reason: binds.find(({ reason }) => reason !== '')?.reason ?? '',
  };
}

/** What one bind does, or all of them together, and which limit holds it. */
export function flow(
  { inFlight, window, reason }: Standing,
  { accepted, refused, throttled, unanswered }: MeterReading,
  span: Span,
  common: Pick<Measurements, 'spanMs' | 'waiting' | 'busiest' | 'rate' | 'usualResponseMs'>,
): FlowFacts {
  const held = heldIn(span);
  const perSecond = rateOf(span.now.accepted - span.before.accepted, span.ms);
  const minute = span.now.times.since(span.minuteBefore.times);
  const at = (share: number) => minute.percentile(share)!;
  return {
    perSecond,
    perSecondInMinute: rateOf(span.now.accepted - span.minuteBefore.accepted, span.minuteMs),
    accepted,
    refused,
    throttled,
    unanswered,
    inFlight,
    inFlightOnAverage: span.ms === 0 ? inFlight : (span.now.inFlightMs - span.before.inFlightMs) / span.ms,
    window,
    responseMs: minute.total === 0 ? null : { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    held,
    limit: limitingCause({
      ...common,
      held,
      perSecond,
      throttled: span.now.throttled - span.before.throttled,
      window,
      responseMs: span.now.times.since(span.before.times).percentile(0.5),
      downReason: reason,
    }),
  };
}

/**
 * Shares of the time: of all binds while none is up, else of those that are. The time is the one that the binds counted,
 * a little more or less than what passed between the looks, so that the shares are 1 together.
 */
function heldIn({ now, before, ms, binds }: Span): Record<Hold, number> {
  const passed = Object.fromEntries(HOLDS.map((hold) => [hold, now.heldMs[hold] - before.heldMs[hold]]));
  const all = HOLDS.reduce((sum, hold) => sum + passed[hold]!, 0);
  const up = all - passed.down!;
  const whole = binds > 1 && up >= ms / 2 ? up : all;
  if (whole > 0 && whole === up) passed.down = 0;
  return Object.fromEntries(HOLDS.map((hold) => [hold, whole > 0 ? passed[hold]! / whole : 0])) as Record<Hold, number>;
}

const rateOf = (count: number, ms: number): number => (ms <= 0 ? 0 : (count / ms) * 1_000);

/** How long the answers took that came between two looks. */
export function timesOf(now: Look, before: Look): DurationCounts {
  return sumOf(now).times.since(sumOf(before).times);
}

/** What the binds that send have done together. */
export function sumOf({ binds, senders }: Look): MeterReading {
  const readings = senders.map((i) => binds[i]!);
  const total = (of: (reading: MeterReading) => number) => readings.reduce((n, reading) => n + of(reading), 0);
  return {
    accepted: total(({ accepted }) => accepted),
    refused: total(({ refused }) => refused),
    throttled: total(({ throttled }) => throttled),
    unanswered: total(({ unanswered }) => unanswered),
    heldMs: Object.fromEntries(HOLDS.map((hold) => [hold, total(({ heldMs }) => heldMs[hold])])) as Record<
      Hold,
      number
    >,
    inFlightMs: total(({ inFlightMs }) => inFlightMs),
    times: readings.reduce((times, reading) => times.plus(reading.times), new DurationCounts()),
  };
}
