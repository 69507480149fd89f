import { describe, expect, it } from 'vitest';
import { BackPressure } from './back-pressure.ts';

interface Run {
  /** How long each code waited for its answer, in milliseconds, sorted. */
  codes: number[];
  /** Parts taken and refused in each second. */
  taken: number[];
  throttled: number[];
  /** The rate at the end of each second. */
  rates: (number | null)[];
}

interface World {
  seconds: number;
  answerMs: number;
  window?: number;
  /** Whether a part is taken that arrives at a moment. */
  takes: (at: number, second: { number: number; taken: number }, inFlight: number) => boolean;
  /** Whether there is always something to send beside the codes; default always. */
  busy?: (at: number) => boolean;
}

/** A connector and its carrier, a millisecond at a time: marketing without an end, and a code every 100 ms. */
function run({ seconds, answerMs, window = 100, takes, busy = () => true }: World): Run {
  const pressure = new BackPressure();
  const result: Run = { codes: [], taken: [], throttled: [], rates: [] };
  const waitingCodes: number[] = [];
  let flying: { back: number; epoch: number; code: number | null; taken: boolean }[] = [];
  let busySince = Number.POSITIVE_INFINITY;
  const second = { number: -1, taken: 0 };
  for (let now = 0; now < seconds * 1_000; now++) {
    if (Math.floor(now / 1_000) !== second.number) {
      second.number++;
      second.taken = 0;
      result.taken.push(0);
      result.throttled.push(0);
      result.rates.push(null);
    }
    if (now % 100 === 37) waitingCodes.push(now);
    busySince = busy(now) || waitingCodes.length > 0 ? Math.min(busySince, now) : Number.POSITIVE_INFINITY;
    const back = flying.filter((each) => each.back <= now);
    flying = flying.filter((each) => each.back > now);
    for (const { epoch, code, taken } of back) {
      if (taken) {
        pressure.taken(1, now, busySince);
        if (code !== null) result.codes.push(now - code);
        continue;
      }
      pressure.throttled(epoch, now, busySince);
      if (code !== null) waitingCodes.unshift(code);
    }
    let free = Math.min(pressure.free(now), pressure.windowOf(window) - flying.length);
    const { epoch } = pressure;
    for (; free > 0 && (waitingCodes.length > 0 || busy(now)); free--) {
      const ok = takes(now, second, flying.length);
      if (ok) second.taken++;
      (ok ? result.taken : result.throttled)[second.number]!++;
      flying.push({ back: now + answerMs, epoch, code: waitingCodes.shift() ?? null, taken: ok });
      pressure.wrote(1, now);
    }
    result.rates[second.number] = pressure.rate;
  }
  result.codes.sort((a, b) => a - b);
  return result;
}

/** The same numbers from 0 to 1 for a seed: mulberry32. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
const percentile = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)]!;
const perSecond = (limit: number) => (_at: number, second: { taken: number }) => second.taken < limit;

describe('the speed a carrier bears', () => {
  it('is not limited as long as it says nothing', () => {
    const { rates, throttled } = run({ seconds: 3, answerMs: 20, takes: () => true });
    expect(rates).toEqual([null, null, null]);
    expect(sum(throttled)).toBe(0);
  });

  it.each([
    [500, 0],
    [500, 50],
    [100, 20],
    [2_000, 30],
  ])('of %i a second is learned and nearly used, with answers after %i ms', (limit, answerMs) => {
    const { taken, throttled, rates } = run({ seconds: 120, answerMs, window: 1_000, takes: perSecond(limit) });
    const late = (numbers: number[]) => numbers.slice(10);
    expect(sum(late(taken)) / 110).toBeGreaterThan(limit * 0.9);
    expect(sum(late(throttled))).toBeLessThan(sum(late(taken)) * 0.02);
    for (const rate of late(rates as number[])) expect(rate).toBeLessThan(limit * 1.15);
  });

  it('lets codes pass although the carrier says no all the time to more', () => {
    const { codes } = run({ seconds: 60, answerMs: 5, takes: perSecond(500) });
    expect(codes.length).toBeGreaterThan(590);
    expect(percentile(codes, 0.5)).toBeLessThan(50);
    expect(percentile(codes, 0.99)).toBeLessThan(1_000);
  });

  it('is that of one a second, too', () => {
    const { taken } = run({ seconds: 60, answerMs: 20, takes: perSecond(1) });
    expect(sum(taken)).toBeGreaterThan(45);
  });

  it('follows a carrier that becomes slower, and one that becomes faster', () => {
    const limit = (at: number) => (at < 30_000 ? 500 : at < 60_000 ? 100 : 500);
    const { taken, throttled } = run({
      seconds: 180,
      answerMs: 20,
      takes: (at, second) => second.taken < limit(at),
    });
    expect(sum(taken.slice(40, 60)) / 20).toBeGreaterThan(85);
    expect(sum(throttled.slice(40, 60)) / 20).toBeLessThan(10);
    expect(sum(taken.slice(160)) / 20).toBeGreaterThan(400);
  });

  it('is found for a carrier whose queue is full, and the window shrinks with it', () => {
    const { taken, throttled } = run({ seconds: 60, answerMs: 50, takes: (_at, _second, inFlight) => inFlight < 20 });
    // Twenty places and 50 ms are 400 a second.
    expect(sum(taken.slice(10)) / 50).toBeGreaterThan(300);
    expect(sum(throttled.slice(10)) / 50).toBeLessThan(10);
  });

  it('does not stay slow after a no that came while little was sent', () => {
    const { taken } = run({
      seconds: 40,
      answerMs: 20,
      busy: (at) => at > 10_000,
      takes: (at) => at < 5_000 || at > 5_200,
    });
    expect(sum(taken.slice(30)) / 10).toBeGreaterThan(2_000);
  });

  it.each([
    [0.01, 5, 20, 0.95],
    [0.01, 50, 1_000, 0.95],
    [0.02, 20, 100, 0.8],
  ])('is not limited by a carrier that says no to %f of all parts by chance', (share, answerMs, window, least) => {
    const chance = dice(7);
    const { taken, throttled, codes } = run({ seconds: 60, answerMs, window, takes: () => chance() >= share });
    const parts = sum(taken) + sum(throttled);
    // All that the window lets through, or nearly: by chance noes may stand together, once in many thousands.
    expect(parts).toBeGreaterThan(((60 * 1_000) / answerMs) * window * least);
    expect(sum(throttled)).toBeLessThan(parts * share * 1.5);
    // One that is sent again, and a rest.
    expect(percentile(codes, 0.99)).toBeLessThan(answerMs * 4 + 250);
  });

  it('is learned also of a carrier that says no by chance as well', () => {
    const chance = dice(11);
    const { taken, throttled } = run({
      seconds: 120,
      answerMs: 20,
      takes: (_at, second) => second.taken < 500 && chance() >= 0.01,
    });
    expect(sum(taken.slice(10)) / 110).toBeGreaterThan(430);
    expect(sum(throttled.slice(10)) / 110).toBeLessThan(20);
  });

  it('is learned of one that takes parts evenly, and says no to what is too much', () => {
    let tokens = 0;
    let filledAt = 0;
    const { taken, throttled } = run({
      seconds: 120,
      answerMs: 20,
      takes: (at) => {
        tokens = Math.min(20, tokens + (at - filledAt) * 0.5);
        filledAt = at;
        if (tokens < 1) return false;
        tokens--;
        return true;
      },
    });
    expect(sum(taken.slice(10)) / 110).toBeGreaterThan(450);
    expect(sum(throttled.slice(10))).toBeLessThan(sum(taken.slice(10)) * 0.06);
  });

  it('leaves the carrier alone for a quarter of a second at most, and asks again when that is over', () => {
    const pressure = new BackPressure();
    const rests: number[] = [];
    let now = 0;
    for (let i = 0; i < 6; i++) {
      expect(pressure.throttled(pressure.epoch, now, 0)).toBe(true);
      const from = now;
      while (pressure.free(now) === 0) now++;
      rests.push(now - from);
    }
    expect(rests).toEqual([100, 200, 250, 250, 250, 250]);
    // What was written before it was slowed down says nothing new.
    pressure.throttled(0, now, 0);
    expect(pressure.rests(now)).toBe(false);
  });
});
