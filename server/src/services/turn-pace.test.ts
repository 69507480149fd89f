import { beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../lib/manual-clock.ts';
import { TurnPace } from './turn-pace.ts';

let clock: ManualClock;
let pace: TurnPace;
beforeEach(() => {
  clock = new ManualClock();
  pace = new TurnPace(clock);
});

/** A batch that took so long, whatever was in it. */
const commit = (tookMs: number) => {
  pace.sent();
  clock.advance(tookMs);
  pace.ended(1);
};

describe('a process that takes turns with others', () => {
  test('begins at once, and rests after a commit twice as long as that took', () => {
    pace.gathered('openAttempts', 9);
    expect(pace.restMs).toBe(0);
    commit(8);
    pace.gathered('recordOutcomes', 9);
    expect(pace.restMs).toBe(16);
    clock.advance(10);
    expect(pace.restMs).toBe(6);
    clock.advance(7);
    expect(pace.restMs).toBe(0);
  });

  test('rests no longer than 40 ms, however long it waited for its turn', () => {
    commit(900);
    pace.gathered('recordReceipts', 1);
    expect(pace.restMs).toBe(40);
  });

  test('waits for what is under way, which says how long to rest', () => {
    pace.sent();
    pace.gathered('recordReceipts', 1);
    expect(pace.restMs).toBe(Number.POSITIVE_INFINITY);
    clock.advance(6);
    pace.ended(1);
    expect(pace.restMs).toBe(12);
  });

  test('rests for nobody who waits for an answer, nor with much in hand', () => {
    commit(10);
    pace.gathered('recordReceipts', 1);
    pace.gathered('acceptPlan', 1);
    expect(pace.restMs).toBe(0);
    commit(10);
    pace.gathered('recordReceipts', 99);
    expect(pace.restMs).toBe(20);
    pace.gathered('recordReceipts', 1);
    expect(pace.restMs).toBe(0);
  });

  test('counts the first of several batches that end together', () => {
    pace.sent();
    clock.advance(3);
    pace.sent();
    clock.advance(4);
    pace.ended(2);
    pace.gathered('openAttempts', 1);
    expect(pace.restMs).toBe(14);
    // Answers to questions end none.
    pace.ended(0);
    expect(pace.restMs).toBe(14);
  });
});
