import { expect, it } from 'vitest';
import { ManualClock } from '../lib/manual-clock.ts';
import { BindMeter } from './bind-meter.ts';

it('adds up how long each limit held, and how much was in flight', () => {
  const clock = new ManualClock();
  const meter = new BindMeter(clock);
  clock.advance(100);
  meter.holds('idle', 0);
  clock.advance(50);
  meter.holds('window', 10);
  clock.advance(200);
  meter.holds('window', 8);
  clock.advance(100);
  const { heldMs, inFlightMs } = meter.read();
  expect(heldMs).toEqual({ down: 100, idle: 50, window: 300, rate: 0, throttled: 0, socket: 0 });
  expect(inFlightMs).toBe(200 * 10 + 100 * 8);
  clock.advance(1);
  expect(meter.read().heldMs.window).toBe(301);
});

it('knows since when its link is up, or is not, and what went wrong', () => {
  const clock = new ManualClock();
  const begun = clock.now();
  const meter = new BindMeter(clock);
  clock.advance(10);
  meter.down('connect-failed: nobody there');
  expect(meter.link).toEqual({
    since: begun,
    reconnects: 0,
    lastError: { text: 'connect-failed: nobody there', at: begun + 10 },
  });
  clock.advance(10);
  meter.up();
  expect(meter.link).toMatchObject({ since: begun + 20, reconnects: 0 });
  clock.advance(10);
  meter.down('peer-closed: gone');
  clock.advance(10);
  meter.down('connect-failed: nobody there');
  expect(meter.link).toMatchObject({ since: begun + 30, lastError: { at: begun + 40 } });
  meter.up();
  meter.down('');
  expect(meter.link).toMatchObject({ reconnects: 1, lastError: { at: begun + 40 } });
});

it('counts answers, with those that said no by their status', () => {
  const meter = new BindMeter(new ManualClock());
  meter.answered('accepted', 0, 20);
  meter.answered('accepted', 0, 30);
  meter.answered('throttled', 0x58, 5);
  meter.answered('refused', 11, 5);
  meter.answered('refused', 11, 5);
  meter.unanswered();
  const read = meter.read();
  expect(read).toMatchObject({ accepted: 2, refused: 2, throttled: 1, unanswered: 1 });
  expect(read.times.total).toBe(5);
  expect([...meter.statuses]).toEqual([
    [0x58, 1],
    [11, 2],
  ]);
});

it('keeps a bounded list of statuses, whatever a carrier invents', () => {
  const meter = new BindMeter(new ManualClock());
  for (let status = 1; status <= 1_000; status++) meter.answered('refused', status, 1);
  expect(meter.statuses.size).toBe(65);
  expect(meter.statuses.get(null)).toBe(936);
});
