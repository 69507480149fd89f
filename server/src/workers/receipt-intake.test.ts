import { describe, expect, it } from 'vitest';
import { FakeDesk, settle } from '../../test/workers.ts';
import type { ChannelReport } from '../channels/channel.ts';
import { createLogger } from '../lib/log.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { ReceiptIntake } from './receipt-intake.ts';

const report = (carrierId: string): ChannelReport => ({ carrierId, recipient: null, state: 'delivered', error: '' });

/** An intake at a store that commits when it is told to. */
function intakeAtSlowStore() {
  const commits: { ids: string[]; done(): void; fail(error: Error): void }[] = [];
  const fake = new FakeDesk({
    recordReceipts: ({ reports }: { reports: { carrierId: string }[] }) =>
      new Promise<void>((done, fail) => {
        commits.push({ ids: reports.map(({ carrierId }) => carrierId), done, fail });
      }),
  });
  const clock = new ManualClock();
  return { intake: new ReceiptIntake(fake.desk, clock, createLogger('silent'), false), commits, fake, clock };
}

describe('the receipt intake', () => {
  it('says that reports are safe when they are committed, with when and whence they came', async () => {
    const { intake, commits, fake, clock } = intakeAtSlowStore();
    let safe = false;
    void intake.take(7, [report('a')]).then(() => {
      safe = true;
    });
    await settle();
    expect(safe).toBe(false);
    const reports = [{ ...report('a'), channelId: 7, userReference: null, at: clock.now() }];
    expect(fake.asked).toEqual([['recordReceipts', { reports, batch: null }]]);
    commits[0]!.done();
    await settle();
    expect(safe).toBe(true);
  });

  it('gathers while it commits, in the order they came', async () => {
    const { intake, commits } = intakeAtSlowStore();
    const taken = ['a', 'b', 'c', 'd'].map((id, i) => intake.take(i % 2, [report(id)]));
    await settle();
    expect(commits.map(({ ids }) => ids)).toEqual([['a']]);
    commits[0]!.done();
    await settle();
    expect(commits.map(({ ids }) => ids)).toEqual([['a'], ['b', 'c', 'd']]);
    commits[1]!.done();
    await Promise.all(taken);
  });

  it('fails those that were not recorded, and goes on with the next', async () => {
    const { intake, commits } = intakeAtSlowStore();
    const first = intake.take(1, [report('a')]);
    const second = intake.take(1, [report('b')]);
    await settle();
    commits[0]!.fail(new Error('the disk is full'));
    await expect(first).rejects.toThrow('the disk is full');
    await settle();
    commits[1]!.done();
    await second;
  });

  it('is idle when everything taken is recorded', async () => {
    const { intake, commits } = intakeAtSlowStore();
    await intake.idle();
    const taken = [intake.take(1, [report('a')]), intake.take(1, [report('b')])];
    let idle = false;
    void intake.idle().then(() => {
      idle = true;
    });
    await settle();
    commits[0]!.done();
    await settle();
    expect(idle).toBe(false);
    commits[1]!.done();
    await Promise.all(taken);
    await settle();
    expect(idle).toBe(true);
  });
});
