import { expect, test } from 'vitest';
import { ADMIN, TestDesk } from '../../test/desk.ts';
import { accept, answerAccepted, NUMBER, open, openSender } from '../../test/traffic.ts';
import { QUARTER_MS } from '../lib/calendar.ts';
import { createLogger } from '../lib/log.ts';
import { FigureKeeper } from './figure-keeper.ts';

const DAY = 96;

test('figures follow what happens, and are counted again when somebody asks for it', async () => {
  const desk = await TestDesk.open();
  const keeper = new FigureKeeper(desk, desk.clock, createLogger('silent'));
  const sender = await openSender(desk);
  const quarter = Math.floor(desk.clock.now() / QUARTER_MS);
  const sent = async () => {
    const query = { businessId: sender.businessId, from: quarter - DAY, to: quarter + DAY, by: [] };
    const [sum] = await desk.read((reader) => reader.figures.sums(query));
    return sum?.sent ?? 0;
  };
  /** Moves the clock on until it is so. */
  const until = async (isSo: () => Promise<boolean>) => {
    for (let turn = 0; !(await isSo()); turn++) {
      expect(turn).toBeLessThan(1_000);
      desk.clock.advance(100);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const send = async (carrierId: string) => {
    const planId = await accept(desk, sender, 1);
    await open(desk, [{ planId, from: 0, to: 0 }]);
    await answerAccepted(desk, [{ planId, index: 0, recipient: NUMBER, carrierIds: [carrierId] }]);
  };
  try {
    await keeper.start();
    await send('a');
    await until(async () => (await sent()) === 1);
    await send('b');
    await until(async () => (await sent()) === 2);
    expect(await desk.ask('countedUntil', {})).toEqual({ until: null, rebuilding: false });
    await until(() => desk.ask('figuresSpanned', {}));
    await desk.do('rebuildFigures', { actor: ADMIN, from: quarter * QUARTER_MS, to: (quarter + DAY) * QUARTER_MS });
    expect(await sent()).toBe(0);
    await until(async () => (await desk.ask('openRebuild', {})) === null);
    expect(await sent()).toBe(2);
  } finally {
    await keeper.stop();
    await desk.close();
  }
});
