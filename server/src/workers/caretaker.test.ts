import { afterEach, describe, expect, it } from 'vitest';
import { listeningLog } from '../../test/listening-log.ts';
import { FakeDesk, settle } from '../../test/workers.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { Caretaker } from './caretaker.ts';

describe('the caretaker', () => {
  let caretaker: Caretaker;
  afterEach(() => caretaker.stop());

  const employ = async (answers: Partial<FakeDesk['answers']> = {}) => {
    const fake = new FakeDesk({
      decideUncertain: () => ({ decided: 0 }),
      settleParked: () => ({ settled: 0 }),
      orphanReports: () => ({ taken: 0, orphaned: 0 }),
      forgetReports: () => ({ dropped: 0 }),
      ageReceipts: () => ({ next: null }),
      forgetIdempotency: () => ({ dropped: 0 }),
      finishInbound: () => ({ finished: 0 }),
      forgetInbound: () => ({ dropped: 0 }),
      forgetTasks: () => ({ dropped: 0 }),
      listBusinesses: () => [{ id: 1 }],
      lastOpening: () => ({ next: 0, available: 0, reserved: 0 }),
      firstUnadded: () => null,
      checkBalance: () => ({ fault: null }),
      plansToCheck: () => [],
      makeRoom: () => null,
      forgetMessages: () => ({ forgotten: 0 }),
      forgetEvents: () => ({ forgotten: 0 }),
      nextNumberRun: () => null,
      stagedPlans: () => [],
      ...(answers as FakeDesk['answers']),
    });
    const clock = new ManualClock();
    const { log, said } = listeningLog();
    const orphans: number[] = [];
    caretaker = new Caretaker({
      desk: fake.desk,
      clock,
      log,
      stagedAfterMs: 0,
      unreportedAfterMs: 72 * 3_600_000,
      onOrphans: (count) => orphans.push(count),
    });
    await caretaker.start();
    const pass = async (ms: number, stepMs = ms) => {
      for (let passed = 0; passed < ms; passed += stepMs) {
        clock.advance(stepMs);
        // The disk is asked for real.
        await settle();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    return { fake, said, pass, orphans };
  };

  it('does each chore at its own pace', async () => {
    const { fake, pass } = await employ();
    await pass(1_000, 250);
    expect(fake.count('decideUncertain')).toBe(4);
    expect(fake.count('ageReceipts')).toBe(0);
    await pass(600_000);
    expect(fake.count('ageReceipts')).toBe(1);
    expect(fake.count('forgetIdempotency')).toBe(1);
    expect(fake.count('plansToCheck')).toBe(0);
    await pass(3_000_000);
    expect(fake.count('plansToCheck')).toBe(1);
  });

  it('removes what a dead process was writing, messages some at a time', async () => {
    const removed = [5_000, 17, 0];
    const { fake } = await employ({
      stagedPlans: () => [7, 8],
      unstageMessages: () => ({ removed: removed.shift() }),
      dropStaged: () => ({ dropped: true }),
    });
    for (let turn = 0; turn < 20; turn++) await settle();
    const asked = fake.asked.map(([name, input]) => `${name} ${(input as { planId?: number }).planId}`);
    expect(asked.filter((each) => /staged|unstage/i.test(each) && !each.startsWith('stagedPlans'))).toEqual([
      'unstageMessages 7',
      'unstageMessages 7',
      'dropStaged 7',
      'unstageMessages 8',
      'dropStaged 8',
    ]);
  });

  it('removes drafts that were not confirmed in time, messages some at a time', async () => {
    const removed = [5_000, 5_000, 17];
    const { fake, pass } = await employ({
      forgetFrequency: () => ({ dropped: 0 }),
      forgetDeliveries: () => ({ dropped: 0 }),
      expiredDrafts: () => [7],
      discardDraft: () => null,
      unstageMessages: () => ({ removed: removed.shift() }),
      dropStaged: () => ({ dropped: 1 }),
    });
    await pass(600_000);
    expect(['discardDraft', 'unstageMessages', 'dropStaged'].map((name) => fake.count(name))).toEqual([1, 3, 1]);
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
    const { awaitingBefore, forgottenBefore } = input as { awaitingBefore: number; forgottenBefore: number };
    // Messages wait for their reports as long as the setting says, and reports that come later count up to 14 days.
    expect(awaitingBefore - forgottenBefore).toBe((14 - 3) * 86_400_000);
  });

  it('makes orphans of early reports that wait for too long, all of them, and tells how many', async () => {
    const left = [500, 500, 20];
    const { fake, pass, orphans } = await employ({
      orphanReports: () => {
        const taken = left.shift() ?? 0;
        return { taken, orphaned: Math.floor(taken / 10) };
      },
    });
    await pass(600_000);
    expect(fake.count('orphanReports')).toBe(3);
    expect(orphans).toEqual([50, 50, 2]);
    expect(fake.count('forgetReports')).toBe(1);
  });

  it('forgets old frequency counts, a bounded number at once', async () => {
    const dropped = [2_000, 2_000, 7];
    const { fake, pass } = await employ({
      settleParked: () => ({ settled: 0 }),
      orphanReports: () => ({ taken: 0, orphaned: 0 }),
      forgetReports: () => ({ dropped: 0 }),
      ageReceipts: () => ({ next: null }),
      forgetFrequency: () => ({ dropped: dropped.shift() ?? 0 }),
    });
    await pass(600_000);
    expect(fake.count('forgetFrequency')).toBe(3);
    expect(dropped).toEqual([]);
  });

  it('sorts numbers into runs, a bounded piece at once, and writes a bounded part of it at once', async () => {
    const numbers = {
      recipients: Float64Array.from({ length: 4_500 }, (_, i) => 8_613_800_130_000 + i),
      planIds: new Float64Array(4_500).fill(9),
      indexes: Uint32Array.from({ length: 4_500 }, (_, i) => i),
    };
    const run = { id: 3, after: 0, to: 9 };
    const runs = [run];
    const end = { planId: 8, index: 7 };
    const pieces = [
      { numbers, end },
      {
        numbers: { recipients: Float64Array.of(1), planIds: Float64Array.of(9), indexes: Uint32Array.of(1) },
        end: null,
      },
    ];
    const { fake, pass } = await employ({
      nextNumberRun: () => runs.shift() ?? null,
      sortNumbers: () => pieces.shift()!,
      addNumbers: () => null,
      sealNumbers: () => null,
    });
    await pass(60_000);
    const asked = fake.asked.filter(([name]) => /Number/.test(name));
    expect(asked.map(([name]) => name)).toEqual([
      'nextNumberRun',
      'sortNumbers',
      'addNumbers',
      'addNumbers',
      'addNumbers',
      'sortNumbers',
      'addNumbers',
      'sealNumbers',
      'nextNumberRun',
    ]);
    const parts = asked
      .filter(([name]) => name === 'addNumbers')
      .map(([, input]) => input as { pieceId: number; numbers: typeof numbers });
    expect(parts.map(({ pieceId, numbers }) => [pieceId, numbers.indexes.length])).toEqual([
      [3, 2_000],
      [3, 2_000],
      [3, 500],
      [4, 1],
    ]);
    expect(parts.slice(0, 3).flatMap((part) => [...part.numbers.indexes])).toEqual([...numbers.indexes]);
    expect(asked.filter(([name]) => name === 'sortNumbers').map(([, input]) => input)).toEqual([
      { run, after: null, size: 50_000 },
      { run, after: end, size: 50_000 },
    ]);
    expect(asked.find(([name]) => name === 'sealNumbers')![1]).toEqual({ run, pieces: 2 });
  });

  it('raises an alarm when the ledger does not reconcile', async () => {
    const { said, pass } = await employ({
      checkBalance: () => ({ fault: { businessId: 1, planId: null, what: 'a gap' } }),
    });
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
