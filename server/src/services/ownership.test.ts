import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestDesk } from '../../test/desk.ts';
import { accept, messageOf, NUMBER, openDue, openSender, type Sender, statesOf } from '../../test/traffic.ts';
import type { FailedMessage } from './outcome.ts';
import type { Claimant } from './ownership.ts';
import { packAccepted, packRanges } from './packed.ts';

const LEASE = 'channel:1';
let lease: { epoch: number; settled: number } | null;
let desk: TestDesk;
let sender: Sender;
let planId: number;

beforeEach(async () => {
  lease = { epoch: 4, settled: 4 };
  desk = await TestDesk.open({
    leases: {
      byName: async (name) => (name === LEASE ? lease && { ...lease } : null),
      settle: async (name, epoch) => {
        if (name === LEASE && lease?.epoch === epoch) lease.settled = epoch;
      },
    },
  });
  sender = await openSender(desk, { credits: 100 });
  planId = await accept(desk, sender, 4);
});
afterEach(async () => {
  expect(await desk.faults()).toEqual([]);
  await desk.close();
});

const owner = (epoch: number): Claimant => ({ lease: LEASE, epoch });
const claim = async (epoch: number, channelId = 1, from = 0, to = 3) => {
  const ranges = packRanges([{ planId, from, to }]);
  const { indexes, stale } = await desk.do('openAttempts', { channelId, ranges, retries: [], claimant: owner(epoch) });
  return stale === true ? 'stale' : [...indexes];
};
const states = () => statesOf(desk, planId);
const takeOver = (epoch: number, left: { planId: number; index: number }[] | null = null, limit = 100) =>
  desk.do('recoverDispatching', { left, channelId: 1, claimant: owner(epoch), limit });
const answer = (epoch: number, acceptedOnes: number[], failed: FailedMessage[] = []) =>
  desk.do('recordOutcomes', {
    channelId: 1,
    receipts: true,
    accepted: packAccepted(
      acceptedOnes.map((index) => ({ planId, index, recipient: NUMBER + index, carrierIds: [`c${index}`] })),
    ),
    failed,
    claimant: owner(epoch),
  });
const failed = (index: number, outcome: FailedMessage['outcome']): FailedMessage => {
  return { planId, index, recipient: NUMBER + index, outcome, error: '' };
};

describe('messages are claimed', () => {
  test('by the owner of the channel, and by nobody who was it before', async () => {
    expect(await claim(3)).toBe('stale');
    expect(await claim(5)).toBe('stale');
    expect(await states()).toEqual(Array(4).fill('accepted'));
    expect(await claim(4)).toEqual([0, 1, 2, 3]);
    lease = null;
    expect(await claim(4)).toBe('stale');
  });

  test('only when what earlier owners left is settled', async () => {
    lease = { epoch: 5, settled: 4 };
    expect(await claim(5)).toBe('stale');
    expect(await takeOver(5)).toEqual({ uncertain: 0, waiting: 0, more: false, owner: true });
    expect(lease.settled).toBe(5);
    expect(await claim(5)).toEqual([0, 1, 2, 3]);
  });
});

describe('a channel that is taken over', () => {
  test('leaves uncertain what its owner had in hand, and nothing of other channels', async () => {
    await claim(4, 1, 0, 1);
    await claim(4, 2, 2, 2);
    lease = { epoch: 5, settled: 4 };
    expect(await takeOver(5)).toEqual({ uncertain: 2, waiting: 0, more: false, owner: true });
    expect(await states()).toEqual(['uncertain', 'uncertain', 'dispatching', 'accepted']);
  });

  test('is taken over in steps, and may be used after the last', async () => {
    await claim(4);
    lease = { epoch: 5, settled: 4 };
    expect(await takeOver(5, null, 3)).toMatchObject({ uncertain: 3, more: true });
    expect(lease.settled).toBe(4);
    expect(await takeOver(5, null, 3)).toMatchObject({ uncertain: 1, more: false });
    expect(lease.settled).toBe(5);
  });

  test('by the process that had it, loses nothing that did not leave', async () => {
    await claim(4);
    lease = { epoch: 5, settled: 4 };
    expect(await takeOver(5, [{ planId, index: 2 }])).toMatchObject({ uncertain: 1, waiting: 3 });
    expect(await states()).toEqual(['accepted', 'accepted', 'uncertain', 'accepted']);
  });

  test('is not taken over by one that comes too late', async () => {
    lease = { epoch: 6, settled: 6 };
    await claim(6);
    expect(await takeOver(5)).toEqual({ uncertain: 0, waiting: 0, more: false, owner: false });
    expect(await states()).toEqual(Array(4).fill('dispatching'));
    expect(lease.settled).toBe(6);
  });
});

describe('answers that an earlier owner tells', () => {
  test('count where the carrier accepted', async () => {
    await claim(4);
    lease = { epoch: 5, settled: 4 };
    await takeOver(5);
    await answer(4, [0, 3]);
    expect(await states()).toEqual(['submitted', 'uncertain', 'uncertain', 'submitted']);
  });

  test('count where nothing had left, as long as that is uncertain and was not sent again', async () => {
    await claim(4);
    lease = { epoch: 5, settled: 4 };
    await takeOver(5);
    await desk.do('decideUncertain', { limit: 100 });
    await answer(4, [], [failed(0, 'notSent'), failed(1, 'never'), failed(2, 'unknown'), failed(3, 'later')]);
    expect(await states()).toEqual(['queued', 'uncertain', 'uncertain', 'queued']);
    // They are not taken for repeats.
    expect(await messageOf(desk, planId, 0)).toMatchObject({ repeats: 0 });
    desk.clock.advance(60_000);
    await desk.do('decideUncertain', { limit: 100 });
    expect(await states()).toEqual(['queued', 'queued', 'queued', 'queued']);
    expect(await messageOf(desk, planId, 1)).toMatchObject({ repeats: 1 });
    await openDue(desk);
    await desk.do('recordOutcomes', {
      channelId: 1,
      receipts: true,
      accepted: packAccepted([]),
      failed: [failed(1, 'unknown')],
      claimant: owner(5),
    });
    // It is uncertain because of its repeat.
    await answer(4, [], [failed(1, 'notSent')]);
    expect(await states()).toEqual(['dispatching', 'uncertain', 'dispatching', 'dispatching']);
  });

  test('change nothing else: its successor has decided, and may be sending', async () => {
    await claim(4);
    lease = { epoch: 5, settled: 4 };
    await takeOver(5, []);
    await claim(5);
    await answer(4, [], [failed(0, 'notSent'), failed(1, 'later'), failed(2, 'never'), failed(3, 'unknown')]);
    expect(await states()).toEqual(Array(4).fill('dispatching'));
    await answer(5, [], [failed(0, 'notSent'), failed(2, 'never')]);
    expect(await states()).toEqual(['accepted', 'dispatching', 'refused', 'dispatching']);
  });
});
