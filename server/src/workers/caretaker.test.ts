import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeDesk, settle } from '../../test/workers.ts';
import type { Logger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { Caretaker } from './caretaker.ts';

/** Keeps what is logged: level and words. */
function listeningLog(): { log: Logger; said: string[] } {
  const said: string[] = [];
  const say = (level: string) => (_what: unknown, words?: string) => void said.push(`${level}: ${words ?? _what}`);
  const log = { info: say('info'), warn: say('warn'), error: say('error') } as unknown as Logger;
  return { log, said };
}

describe('the caretaker', () => {
  let caretaker: Caretaker;
  afterEach(() => caretaker.stop());

  const employ = async (answers: Partial<FakeDesk['answers']> = {}, minFreeDiskBytes = 0) => {
    const fake = new FakeDesk({
      decideUncertain: () => ({ decided: 0 }),
      ageReceipts: () => ({ next: null }),
      forgetIdempotency: () => ({ dropped: 0 }),
      ledgerFaults: () => [],
      ...(answers as FakeDesk['answers']),
    });
    const clock = new ManualClock();
    const { log, said } = listeningLog();
    caretaker = new Caretaker({ desk: fake.desk, clock, log, dataDir: tmpdir(), minFreeDiskBytes });
    await caretaker.start();
    const pass = async (ms: number, stepMs = ms) => {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(stepMs);
        // The disk is asked for real.
        await settle();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    return { fake, said, pass };
  };

  it('does each chore at its own pace', async () => {
    const { fake, pass } = await employ();
    await pass(1_000, 250);
    expect(fake.count('decideUncertain')).toBe(4);
    expect(fake.count('ageReceipts')).toBe(0);
    await pass(600_000);
    expect(fake.count('ageReceipts')).toBe(1);
    expect(fake.count('forgetIdempotency')).toBe(1);
    expect(fake.count('ledgerFaults')).toBe(0);
    await pass(3_000_000);
    expect(fake.count('ledgerFaults')).toBe(1);
  });

  it('decides on uncertain messages until none is due', async () => {
    const due = [500, 500, 20];
    const { fake, pass } = await employ({ decideUncertain: () => ({ decided: due.shift() ?? 0 }) });
    await pass(250);
    expect(fake.count('decideUncertain')).toBe(3);
  });

  it('ages page after page', async () => {
    const pages = [{ planId: 1, from: 9, to: 9 }, { planId: 2, from: 9, to: 9 }, null];
    const { fake, pass } = await employ({ ageReceipts: () => ({ next: pages.shift() ?? null }) });
    await pass(600_000);
    const asked = fake.asked
      .filter(([name]) => name === 'ageReceipts')
      .map(([, input]) => (input as { after: unknown }).after);
    expect(asked).toEqual([null, { planId: 1, from: 9, to: 9 }, { planId: 2, from: 9, to: 9 }]);
    const [, input] = fake.asked.find(([name]) => name === 'ageReceipts')!;
    const { parkedBefore, awaitingBefore } = input as { parkedBefore: number; awaitingBefore: number };
    // Reports that came early are kept for 10 minutes, messages wait for theirs for 72 hours.
    expect(parkedBefore - awaitingBefore).toBe(72 * 3_600_000 - 600_000);
  });

  it('raises an alarm when the ledger does not reconcile', async () => {
    const { said, pass } = await employ({ ledgerFaults: () => [{ businessId: 1, planId: null, what: 'a gap' }] });
    await pass(3_600_000);
    expect(said).toContain('error: the ledger does not reconcile');
  });

  it('goes on after a chore that failed', async () => {
    const { fake, said, pass } = await employ({
      decideUncertain: () => {
        throw new Error('the store is away');
      },
    });
    await pass(750, 250);
    expect(fake.count('decideUncertain')).toBe(3);
    expect(said).toContain('error: a chore failed');
  });

  it('sees at its start that the disk is nearly full, and says so once', async () => {
    const { said, pass } = await employ({}, Number.MAX_SAFE_INTEGER);
    expect(caretaker.diskFull).toBe(true);
    await pass(6_000, 2_000);
    expect(said.filter((words) => /disk/.test(words))).toEqual([
      'error: the disk is nearly full: no new messages are accepted',
    ]);
  });

  it('finds room enough where there is', async () => {
    const { said } = await employ({}, 1);
    expect(caretaker.diskFull).toBe(false);
    expect(said).toEqual([]);
  });

  it('does nothing more once it is stopped, and waits for what it does', async () => {
    let finish = () => {};
    const { fake, pass } = await employ({
      decideUncertain: () =>
        new Promise((resolve) => {
          finish = () => resolve({ decided: 500 });
        }),
    });
    await pass(250);
    let stopped = false;
    const stopping = caretaker.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    finish();
    await stopping;
    await pass(10_000, 1_000);
    expect(fake.count('decideUncertain')).toBe(1);
  });
});
