import { beforeEach, describe, expect, test } from 'vitest';
import { settle } from '../../test/workers.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import type { Nudge, Rung, RungSource } from './bell.ts';
import { bellContract } from './contract.ts';
import { PollingBell } from './polling.ts';

/** What is told, in memory. */
class Told implements RungSource {
  readonly rung: Rung[] = [];
  fails = false;
  asked = 0;

  tell(process: string, body: string): void {
    this.rung.push({ seq: this.rung.length + 1, process, body });
  }

  async latest(): Promise<number> {
    if (this.fails) throw new Error('away');
    return this.rung.length;
  }

  async after(seq: number, limit: number): Promise<Rung[]> {
    this.asked++;
    if (this.fails) throw new Error('away');
    return this.rung.filter((each) => each.seq > seq).slice(0, limit);
  }

  async close(): Promise<void> {}
}

const log = createLogger('silent');

bellContract('PollingBell', async () => {
  const told = new Told();
  const bell = (process: string) => new PollingBell(told, process, null, { clock: systemClock, log });
  return {
    a: bell('a'),
    b: bell('b'),
    tell: async (process, body) => told.tell(process, body),
    tellInVain: async () => {},
    end: async () => {},
  };
});

describe('a bell that looks', () => {
  let clock: ManualClock;
  let told: Told;
  let heard: string[];
  let missed: number;
  beforeEach(() => {
    clock = new ManualClock();
    told = new Told();
    heard = [];
    missed = 0;
  });
  const start = async (nudge: Nudge | null = null) => {
    const bell = new PollingBell(told, 'us', nudge, { clock, log });
    await bell.start({ heard: (rung) => heard.push(...rung.map(({ body }) => body)), missed: () => missed++ });
    await settle();
    return bell;
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };

  test('hears at once when it is nudged, and a quarter of a second later when it is not', async () => {
    let ring = () => {};
    let rung = 0;
    const bell = await start({
      ring: () => rung++,
      onRing: (listener) => {
        ring = listener;
      },
    });
    told.tell('them', 'one');
    ring();
    await settle();
    expect(heard).toEqual(['one']);
    told.tell('them', 'two');
    await pass(250);
    expect(heard).toEqual(['one', 'two']);
    bell.ring();
    expect(rung).toBe(1);
    await bell.stop();
  });

  test('goes on where it was when it could not look for a while', async () => {
    const bell = await start();
    told.fails = true;
    told.tell('them', 'one');
    for (let ms = 0; ms < 20_000; ms += 250) await pass(250);
    told.fails = false;
    await pass(250);
    expect(heard).toEqual(['one']);
    expect(missed).toBe(0);
    await bell.stop();
  });

  test('begins anew when it could not look for so long that it may have missed something', async () => {
    const bell = await start();
    told.fails = true;
    told.tell('them', 'swept by now');
    for (let ms = 0; ms < 31_000; ms += 250) await pass(250);
    expect(missed).toBe(0);
    told.fails = false;
    await pass(250);
    expect(missed).toBe(1);
    told.tell('them', 'later');
    await pass(250);
    expect(heard).toEqual(['later']);
    await bell.stop();
  });

  test('looks no more once it is stopped', async () => {
    const bell = await start();
    await bell.stop();
    const { asked } = told;
    for (let i = 0; i < 10; i++) await pass(250);
    expect(told.asked).toBe(asked);
  });
});
