import { describe, expect, it } from 'vitest';
import { ManualClock } from '../lib/manual-clock.ts';
import { LinkWatch } from './link-watch.ts';

const CHANNEL = 3;

describe('the link watch', () => {
  const watched = (failoverAfterMs = 30_000) => {
    const clock = new ManualClock();
    const links = new LinkWatch(clock, failoverAfterMs);
    const see = (up: boolean, afterMs = 0) => {
      clock.advance(afterMs);
      links.see(CHANNEL, up);
      return links.usable(CHANNEL);
    };
    return { links, see };
  };

  it('waits for a link that comes up, or that breaks for a short time', () => {
    const { see } = watched();
    expect(see(false)).toBe(true);
    expect(see(false, 29_999)).toBe(true);
    expect(see(true, 0)).toBe(true);
    expect(see(false, 60_000)).toBe(true);
    expect(see(false, 29_999)).toBe(true);
    expect(see(true)).toBe(true);
  });

  it('gives up one that stays down, until it has been up for a while', () => {
    const { see } = watched();
    see(true);
    see(false);
    expect(see(false, 30_000)).toBe(false);
    expect(see(true)).toBe(false);
    expect(see(true, 4_999)).toBe(false);
    expect(see(true, 1)).toBe(true);
  });

  it('does not take back one that comes and goes', () => {
    const { see } = watched();
    see(false);
    expect(see(false, 30_000)).toBe(false);
    for (let i = 0; i < 10; i++) {
      expect(see(true, 1_000)).toBe(false);
      expect(see(true, 4_000)).toBe(false);
      expect(see(false, 500)).toBe(false);
    }
  });

  it('takes back sooner what is given up sooner', () => {
    const { see } = watched(200);
    see(false);
    expect(see(false, 200)).toBe(false);
    see(true);
    expect(see(true, 200)).toBe(true);
  });

  it('knows nothing of what is not there', () => {
    const { links, see } = watched();
    see(true);
    links.forget(CHANNEL);
    expect([links.usable(CHANNEL), links.usable(4)]).toEqual([false, false]);
  });
});
