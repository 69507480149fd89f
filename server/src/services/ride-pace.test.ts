import { beforeEach, expect, test } from 'vitest';
import { ManualClock } from '../lib/manual-clock.ts';
import { RidePace } from './ride-pace.ts';

let clock: ManualClock;
let pace: RidePace;
beforeEach(() => {
  clock = new ManualClock();
  pace = new RidePace(clock);
});

test('what carriers answered waits five milliseconds for something to go along with', () => {
  pace.gathered('recordOutcomes', 3);
  expect(pace.restMs).toBe(5);
  clock.advance(2);
  pace.gathered('recordOutcomes', 3);
  expect(pace.restMs).toBe(3);
  clock.advance(4);
  expect(pace.restMs).toBe(0);
  pace.sent();
  pace.gathered('recordOutcomes', 1);
  expect(pace.restMs).toBe(5);
});

test('it goes with the next change somebody waits for', () => {
  pace.gathered('recordOutcomes', 3);
  pace.gathered('acceptPlan', 3);
  expect(pace.restMs).toBe(0);
  pace.sent();
  pace.gathered('recordReceipts', 1);
  pace.gathered('recordOutcomes', 1);
  expect(pace.restMs).toBe(0);
});

test('much of it goes by itself', () => {
  pace.gathered('recordOutcomes', 99);
  expect(pace.restMs).toBe(5);
  pace.gathered('recordOutcomes', 1);
  expect(pace.restMs).toBe(0);
});

test('a desk that has nothing in hand waits for nothing', () => {
  expect(pace.restMs).toBe(0);
});
