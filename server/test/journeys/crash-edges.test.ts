import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import type { SubmitRecord } from '@signet/smpp/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type House, startHouse, until } from '../house.ts';
import { expectOk, ledgerFaults, numbersFrom, openSender, type Sender } from './sender.ts';

/** Kills at the moments that hurt most. */
describe('a kill', () => {
  const taken = new Map<string, number>();
  let house: House;
  let sender: Sender;
  afterEach(() => house.stop());

  const start = async (options: Parameters<typeof startHouse>[0]) => {
    taken.clear();
    house = await startHouse({
      ...options,
      simulator: {
        ...options?.simulator,
        onSubmit(records: SubmitRecord[]) {
          for (const { destination } of records) taken.set(destination, (taken.get(destination) ?? 0) + 1);
        },
      },
    });
    sender = await openSender(house, { credits: 100_000 });
  };

  /** A number that the store holds. */
  const stored = (sql: string): number => {
    const db = new DatabaseSync(join(house.dataDir, 'signet.db'));
    try {
      return Number(db.prepare(sql).get()?.n);
    } finally {
      db.close();
    }
  };

  it('while a large request is written leaves nothing of it, or all of it', async () => {
    await start({ env: { SIGNET_MAX_RECIPIENTS: '30000', SIGNET_FREQUENCY: 'off' } });
    const mobiles = numbersFrom(0, 30_000);
    let between = 0;
    for (let round = 0; between < 2 && round < 30; round++) {
      const key = { 'idempotency-key': `large-${round}` };
      let over = false;
      const posted = sender
        .post(mobiles, {}, key)
        .catch(() => null)
        .finally(() => {
          over = true;
        });
      // A thousand messages later each time.
      while (!over && stored('SELECT count(*) AS n FROM message') <= round * 1_000) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      await house.kill();
      const answer = await posted;
      const staged = stored('SELECT count(*) AS n FROM plan WHERE state = 0');
      const visible = stored('SELECT count(*) AS n FROM plan WHERE state <> 0');
      if (staged > 0 && stored('SELECT count(*) AS n FROM message') > 0) between++;
      if (answer?.status === 200) expect(visible).toBe(1);
      await house.start();
      await until(() => stored('SELECT count(*) AS n FROM plan WHERE state = 0') === 0, 'what was begun to be removed');
      if (visible > 0) break;
      expect(stored('SELECT count(*) AS n FROM message')).toBe(0);
      expect(await sender.balance()).toEqual({ available: 100_000, reserved: 0 });
      expect(expectOk(await sender.ask('GET', '/api/v1/plans')).json.items).toEqual([]);
    }
    expect(between).toBeGreaterThan(0);
    expect(await ledgerFaults(house)).toEqual([]);
    const { items } = expectOk(await sender.ask('GET', '/api/v1/plans')).json;
    const uuid = items.length > 0 ? items[0].uuid : await sender.send(mobiles.slice(0, 3_000));
    const { total } = await sender.finished(uuid);
    expect(await sender.balance()).toEqual({ available: 100_000 - total, reserved: 0 });
  });

  it('between reports and their commit loses no report', async () => {
    await start({ simulator: { receiptDelayMs: { min: 100, max: 300 } } });
    const uuids: string[] = [];
    for (let round = 0; round < 4; round++) {
      uuids.push(await sender.send(numbersFrom(round * 1_000, 800)));
      const { stats } = house.simulator;
      await until(() => stats.receiptsSent > stats.receiptsAnswered, 'reports to be on their way');
      await house.kill();
      await house.start();
    }
    for (const uuid of uuids) await sender.finished(uuid);
    expect(house.simulator.stats.receiptsRepeated).toBeGreaterThan(0);
    expect(house.simulator.stats.receiptsDropped).toBe(0);
    expect(await sender.balance()).toMatchObject({ reserved: 0 });
    expect(await ledgerFaults(house)).toEqual([]);
  });

  it('right after the answers loses none of them', async () => {
    await start({ simulator: { receipts: { none: 1 } } });
    const uuid = await sender.send(numbersFrom(0, 900));
    await until(() => taken.size >= 450, 'half to be taken');
    await house.kill();
    await house.start();
    await until(async () => {
      const { submitted = 0, uncertain = 0 } = (await sender.progress(uuid)).counts;
      return submitted + uncertain === 900;
    }, 'the others to be sent');
    const messages = await sender.messages(uuid);
    // Answers that had reached the server are known without a report; only a window may be uncertain.
    expect(messages.filter(({ state }) => state === 'uncertain').length).toBeLessThanOrEqual(100);
    for (const { to } of messages) expect(taken.get(to.slice(1)) ?? 0).toBeLessThanOrEqual(1);
  });

  describe('with a full window and more in hand', () => {
    const IN_HAND = 300;
    const IN_WINDOW = 40;
    let uuid: string;
    beforeEach(async () => {
      await start({
        simulator: { answerMs: 3_600_000, receipts: { none: 1 } },
        smpp: { window: IN_WINDOW },
        env: { SIGNET_UNCERTAIN_NOTIFICATION_MS: '200', SIGNET_UNKNOWN_AFTER_MS: '600000' },
      });
      uuid = await sender.send(numbersFrom(0, IN_HAND));
      await until(async () => {
        const { counts } = await sender.progress(uuid);
        return counts.dispatching === IN_HAND && taken.size === IN_WINDOW;
      }, 'the window to be full');
      await house.kill();
      house.simulator.set({ answerMs: 0, receipts: { delivered: 1 } });
    });

    const files = () => readdirSync(join(house.dataDir, 'flight')).map((name) => join(house.dataDir, 'flight', name));
    /** Starts again and waits until everything is sent; every repeat must be flagged, and no other message repeated. */
    const expectRepeats = async (count: number) => {
      await house.start();
      await sender.finished(uuid);
      const messages = await sender.messages(uuid);
      expect(messages.reduce((sum, { repeats }) => sum + repeats, 0)).toBe(count);
      for (const { to, repeats, settled } of messages) {
        expect(taken.get(to.slice(1))).toBeLessThanOrEqual(1 + repeats);
        expect(settled).toBe(1);
      }
      expect(await sender.balance()).toEqual({ available: 100_000 - IN_HAND, reserved: 0 });
      expect(await ledgerFaults(house)).toEqual([]);
    };

    it('repeats what had left, and nothing else', () => expectRepeats(IN_WINDOW));

    it('after a power failure repeats all that may have left', async () => {
      for (const file of files()) {
        const text = readFileSync(file, 'latin1');
        writeFileSync(file, text.replace(/^b .*$/m, 'b 00000000-0000-4000-8000-000000000000'), 'latin1');
      }
      await expectRepeats(IN_HAND);
    });

    it('after a power failure that emptied the flight log does so, too', async () => {
      for (const file of files()) truncateSync(file, 0);
      await expectRepeats(IN_HAND);
    });

    it('without a flight log does so, too', async () => {
      rmSync(join(house.dataDir, 'flight'), { recursive: true });
      await expectRepeats(IN_HAND);
    });

    it('in the middle of a line of the flight log reads what is whole', async () => {
      const file = files().at(-1)!;
      const { length } = readFileSync(file);
      truncateSync(file, length - 3);
      await house.start();
      await sender.finished(uuid);
      const repeats = (await sender.messages(uuid)).reduce((sum, message) => sum + message.repeats, 0);
      expect(repeats).toBe(IN_WINDOW - 1);
    });

    it('and again while it starts, time after time, comes to the same end', async () => {
      for (let round = 0; round < 4; round++) {
        const starting = house.start().catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 200 + round * 250));
        await house.kill();
        await starting;
      }
      await house.start();
      await sender.finished(uuid);
      const messages = await sender.messages(uuid);
      for (const { to, repeats } of messages) expect(taken.get(to.slice(1))).toBeLessThanOrEqual(1 + repeats);
      expect(await sender.balance()).toEqual({ available: 100_000 - IN_HAND, reserved: 0 });
      expect(await ledgerFaults(house)).toEqual([]);
    });
  });
});
