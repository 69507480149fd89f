import { beforeEach, describe, expect, it } from 'vitest';
import { FakeDesk } from '../../test/workers.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import type { DueRetry } from '../services/dispatch.ts';
import { RetryFeed } from './retry-feed.ts';

/** Retries of two groups: even indexes go over channel 2, odd ones over channel 1. */
describe('the retry feed', () => {
  let clock: ManualClock;
  let desk: FakeDesk;
  let feed: RetryFeed;
  let store: DueRetry[];
  let rooms: Record<number, number>;
  let published: { channelId: number; indexes: number[] }[];
  let moved: boolean;

  beforeEach(() => {
    clock = new ManualClock();
    store = [];
    rooms = { 1: 1_000, 2: 1_000 };
    published = [];
    moved = false;
    desk = new FakeDesk({
      nextRetry: () => (store.length === 0 ? null : 0),
      leaseRetries: ({ limit }: { limit: number }) => store.splice(0, limit),
    });
    feed = new RetryFeed('notification', desk.desk, clock, {
      groupOf({ index }) {
        const channelId = moved ? 3 : index % 2 === 0 ? 2 : 1;
        const standing = [{ channelId, weight: 1 }];
        return {
          key: String(channelId),
          line: 'l',
          next: () => (rooms[channelId]! > 0 ? { channelId, standing } : null),
        };
      },
      room: () => rooms[1]! + rooms[2]!,
      roomOf: (channelId) => rooms[channelId]!,
      async publish(_group, { channelId }, retries) {
        rooms[channelId]! -= retries.length;
        published.push({ channelId, indexes: retries.map(({ index }) => index) });
      },
      onTaken() {},
    });
  });

  const due = (count: number, from = 0): DueRetry[] =>
    Array.from({ length: count }, (_, i) => ({
      planId: 1,
      index: from + i,
      category: 'notification',
      dueAt: 0,
      businessId: 1,
      recipient: 8_613_800_138_000 + i,
      segments: 1,
      attempts: 1,
      refusedBy: [],
      testChannelId: null,
    }));
  const sent = () => published.splice(0).flatMap(({ indexes }) => indexes);

  it('hands over what is due, together what goes the same way', async () => {
    store = due(6);
    await feed.publish();
    expect(published).toEqual([
      { channelId: 2, indexes: [0, 2, 4] },
      { channelId: 1, indexes: [1, 3, 5] },
    ]);
    published = [];
    await feed.publish();
    expect(published).toEqual([]);
  });

  it('keeps what there is no room for, and takes few more while there is none at all', async () => {
    rooms = { 1: 3, 2: 0 };
    store = due(200);
    await feed.publish();
    expect(store).toHaveLength(197);
    expect(sent()).toEqual([1]);
    feed.added();
    await feed.publish();
    expect(store).toHaveLength(195);
    expect(sent()).toEqual([3]);
    rooms = { 1: 0, 2: 0 };
    for (let i = 0; i < 3; i++) {
      feed.added();
      await feed.publish();
    }
    expect(store).toHaveLength(98);
    expect(sent()).toEqual([]);
    rooms = { 1: 0, 2: 100 };
    await feed.publish();
    expect(sent().slice(0, 3)).toEqual([0, 2, 4]);
  });

  it('goes on with the others past any number that have to wait, and asks for those again after their lease', async () => {
    rooms = { 1: 100_000, 2: 0 };
    store = Array.from({ length: 12_000 }, (_, i) => due(1, 2 * i)[0]!);
    store.push(due(1, 1)[0]!);
    for (let i = 0; i < 13; i++) {
      feed.added();
      await feed.publish();
    }
    expect(sent()).toEqual([1]);
    rooms = { 1: 0, 2: 100_000 };
    await feed.publish();
    const kept = sent();
    // The first ones.
    expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => 2 * i));
    expect(kept.length).toBeGreaterThan(4_000);
    expect(kept.length).toBeLessThanOrEqual(5_000);
  });

  it('forgets what it keeps before its lease is over', async () => {
    rooms = { 1: 1, 2: 0 };
    store = due(1);
    await feed.publish();
    clock.advance(59_000);
    rooms[2] = 10;
    await feed.publish();
    expect(sent()).toEqual([]);
  });

  it('asks anew where things go when routes change', async () => {
    rooms = { 1: 10, 2: 0, 3: 10 };
    store = due(4);
    await feed.publish();
    expect(sent()).toEqual([1, 3]);
    moved = true;
    feed.regroup();
    await feed.publish();
    expect(published).toEqual([{ channelId: 3, indexes: [0, 2] }]);
  });
});
