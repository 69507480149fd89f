import { expect, it } from 'vitest';
import { BindMeter } from '../channels/bind-meter.ts';
import { HOLDS } from '../domain/bind-hold.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { flow, type Look, spanOf, together } from './flow-facts.ts';

it('shares out the time that the binds counted, which may be more than what passed between two looks', () => {
  const clock = new ManualClock();
  const meter = new BindMeter(clock);
  meter.holds('window', 2);
  // A look notes the time first and reads each bind a moment later; the second one took its time about it.
  const look = (readAfterMs: number): Look => {
    const at = clock.monotonic();
    clock.advance(readAfterMs);
    return { at, binds: [meter.read()], senders: [0], waiting: 1, loads: [] };
  };
  const before = look(0);
  clock.advance(1_000);
  const now = look(3);
  const window = { now: 2, configured: 2, most: 10 };
  const { held, limit } = flow(
    together([{ type: 'transceiver', sends: true, link: 'bound', reason: '', inFlight: 2, window, meter }]),
    now.binds[0]!,
    spanOf({ now, before, minuteBefore: before }, null),
    { spanMs: 1_000, waiting: 1, busiest: { thread: 'main', share: 0 }, rate: null, usualResponseMs: null },
  );
  expect(held).toEqual({ ...Object.fromEntries(HOLDS.map((hold) => [hold, 0])), window: 1 });
  expect(limit.figures.share).toBe(1);
});
