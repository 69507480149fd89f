import { beforeEach, describe, expect, test } from 'vitest';
import { settle } from '../../test/workers.ts';
import { systemClock } from '../lib/clock.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import type { Nudge, Rung, RungSource, Urgency } from './bell.ts';
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

/** What is rung is noted, and nudges come when a test says so. */
class Nudged implements Nudge {
  readonly rung: Urgency[] = [];
  comes: (urgency: Urgency) => void = () => {};

  ring(urgency: Urgency): void {
    this.rung.push(urgency);
  }

  onRing(listener: (urgency: Urgency) => void): void {
    this.comes = listener;
  }
}

const log = createLogger('silent');

bellContract('PollingBell', async () => {
  const told = new Told();
  const bell = (process: string) =>
    new PollingBell(told, process, null, { handsOut: () => false, clock: systemClock, log });
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
  let handsOut: boolean;
  beforeEach(() => {
    clock = new ManualClock();
    told = new Told();
    heard = [];
    missed = 0;
    handsOut = false;
  });
  const start = async (nudge: Nudge | null = null) => {
    const bell = new PollingBell(told, 'us', nudge, { handsOut: () => handsOut, clock, log });
    await bell.start({ heard: (rung) => heard.push(...rung.map(({ body }) => body)), missed: () => missed++ });
    await settle();
    return bell;
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };

  test('hears at once when it is nudged, and a quarter of a second later when it is not', async () => {
    const nudge = new Nudged();
    const bell = await start(nudge);
    told.tell('them', 'one');
    nudge.comes('all');
    await settle();
    expect(heard).toEqual(['one']);
    told.tell('them', 'two');
    await pass(250);
    expect(heard).toEqual(['one', 'two']);
    bell.ring('work');
    expect(nudge.rung).toEqual(['work']);
    await bell.stop();
  });

  test('hears of waiting work at once where it is handed out, and elsewhere when it looks next', async () => {
    const nudge = new Nudged();
    const bell = await start(nudge);
    told.tell('them', 'one');
    nudge.comes('work');
    await settle();
    expect(heard).toEqual([]);
    await pass(250);
    expect(heard).toEqual(['one']);
    handsOut = true;
    told.tell('them', 'two');
    nudge.comes('work');
    await settle();
    expect(heard).toEqual(['one', 'two']);
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
