import { describe, expect, it } from 'vitest';
import { ManualClock } from '../lib/manual-clock.ts';
import { LineFlow, PATIENCE_MS } from './line-flow.ts';

const A = { channelId: 1, weight: 70 };
const B = { channelId: 2, weight: 30 };
const WHOLE = 200;

describe('the flow of a line', () => {
  const opened = () => {
    const clock = new ManualClock();
    const flow = new LineFlow(clock);
    const free = new Map([
      [1, WHOLE],
      [2, WHOLE],
    ]);
    const next = (...inUse: { channelId: number; weight: number }[]) =>
      flow.next(inUse, (id) => ({ free: free.get(id)!, whole: WHOLE }));
    /** Gives segments one by one until nobody is next; how many each channel got. */
    const fill = (most = 10_000) => {
      const got = { 1: 0, 2: 0 } as Record<number, number>;
      for (let i = 0; i < most; i++) {
        const to = next(A, B);
        if (to === null) break;
        flow.given(to, 1);
        free.set(to.channelId, free.get(to.channelId)! - 1);
        got[to.channelId]!++;
      }
      return [got[1], got[2]];
    };
    return { clock, flow, free, next, fill };
  };

  it('goes over one channel while that has room', () => {
    const { next, free } = opened();
    expect(next(A)?.channelId).toBe(1);
    free.set(1, 0);
    expect(next(A)).toBe(null);
    expect(next()).toBe(null);
  });

  it('keeps to the weights while the channels keep up, although their queues are full now and then', () => {
    const { fill, free, clock } = opened();
    let sum = [0, 0];
    for (let i = 0; i < 50; i++) {
      const [a, b] = fill();
      sum = [sum[0]! + a!, sum[1]! + b!];
      clock.advance(PATIENCE_MS / 5);
      free.set(1, WHOLE);
      free.set(2, WHOLE);
    }
    expect(sum[0]! / (sum[0]! + sum[1]!)).toBeCloseTo(0.7, 2);
  });

  it('waits for a full channel a little, then gives its share to the others', () => {
    const { fill, flow, free, clock } = opened();
    expect(fill()).toEqual([200, 86]);
    expect(flow.waitsUntil).toBe(clock.monotonic() + PATIENCE_MS);
    clock.advance(PATIENCE_MS - 1);
    expect(fill()).toEqual([0, 0]);
    clock.advance(1);
    expect(fill()).toEqual([0, 114]);
    expect(flow.waitsUntil).toBe(clock.monotonic() + PATIENCE_MS);
    // It is slow as long as half of its queue is not empty.
    free.set(1, 50);
    free.set(2, WHOLE);
    expect(fill()).toEqual([0, 200]);
    free.set(1, 100);
    free.set(2, 100);
    expect(fill(10)).toEqual([7, 3]);
  });

  it('gives to whoever has room when all are slow', () => {
    const { fill, free, clock } = opened();
    fill();
    clock.advance(PATIENCE_MS);
    fill();
    free.set(2, 0);
    free.set(1, 0);
    fill();
    clock.advance(PATIENCE_MS);
    free.set(1, 3);
    expect(fill()).toEqual([3, 0]);
    free.set(2, 2);
    expect(fill()).toEqual([0, 2]);
  });
});
