import { beforeEach, describe, expect, it } from 'vitest';
import { HandLeases } from '../../test/leases.ts';
import { FakeDesk, settle } from '../../test/workers.ts';
import { SIMULATOR_CHANNEL_ID } from '../domain/channel.ts';
import { LEASE_MS, RENEW_EVERY_MS } from '../domain/lease.ts';
import { createLogger } from '../lib/log.ts';
import type { LeftBehind, RecoverDispatching } from '../services/recovery.ts';
import { ChannelLeases, leaseOfChannel, SENDING_LEASE } from './channel-leases.ts';
import { LeaseHolder } from './lease-holder.ts';

const SELF = 'a'.repeat(16);
const BEFORE = 'b'.repeat(16);
const OTHER = 'c'.repeat(16);
const LEFT_BEHIND: LeftBehind = [{ planId: 7, index: 3 }];
const DONE = { uncertain: 0, waiting: 0, more: false, owner: true };

/** Which channels are a process's own, and what has to be settled first. */
describe('the leases of channels', () => {
  const log = createLogger('silent');
  let leases: HandLeases;
  let desk: FakeDesk;
  let listed: { channels: { id: number; enabled: boolean }[]; everHadOne: boolean };
  /** What settling says, one answer after the other; then, that all is settled. */
  let answers: (() => typeof DONE)[];
  let own: ChannelLeases;
  let holder: LeaseHolder;
  /** The channels that it may run, each time it was told. */
  let refreshed: number[][];
  let running: number[];

  beforeEach(() => {
    leases = new HandLeases();
    has(1);
    answers = [];
    refreshed = [];
    running = [];
    desk = new FakeDesk({ listChannels: () => listed, recoverDispatching: () => (answers.shift() ?? (() => DONE))() });
  });

  const has = (...ids: number[]) => {
    listed = { channels: ids.map((id) => ({ id, enabled: true })), everHadOne: true };
  };
  const hear = async () => {
    desk.tell({ kind: 'channelsChanged' });
    await settle();
  };
  const pass = async (ms = RENEW_EVERY_MS) => {
    leases.clock.advance(ms);
    await settle();
  };
  const join = async ({ together = false, simulatorAllowed = false } = {}) => {
    const { clock } = leases;
    holder = new LeaseHolder({
      leases: leases.open(),
      node: { id: SELF, roles: 'channel', host: 'h', pid: 1, version: '1', startedAt: 0 },
      predecessor: BEFORE,
      told: () => '',
      loads: [],
      clock,
      log,
    });
    own = new ChannelLeases({
      desk: desk.desk,
      holder,
      together,
      simulatorAllowed,
      leftBehind: LEFT_BEHIND,
      clock,
      log,
    });
    own.runBy({
      refresh: async () => void refreshed.push([0, 1, 2, 3].filter((id) => own.claimantOf(id) !== null)),
      running: () => running,
      told: (id) => ({ told: id }),
    });
    holder.serve(own);
    await own.start();
    await holder.start();
    await settle();
  };
  const settled = () =>
    desk.asked.filter(([name]) => name === 'recoverDispatching').map(([, input]) => input as RecoverDispatching);
  const ownedBefore = (owner: string, epoch: number, untilMs = 0) => {
    const name = leaseOfChannel(1);
    leases.rows.set(name, { name, owner, epoch, settled: epoch, untilMs, facts: null });
  };

  it('are one for each that is enabled', async () => {
    has(1, 3);
    listed.channels.push({ id: 2, enabled: false });
    await join();
    expect(own.names()).toEqual(['channel:1', 'channel:3']);
    await pass();
    expect([1, 2, 3].map((id) => own.mayWrite(id))).toEqual([true, false, true]);
  });

  it.each([
    ['while there has never been one, where that is allowed', true, false, [leaseOfChannel(SIMULATOR_CHANNEL_ID)]],
    ['not where it is not allowed', false, false, []],
    ['not once there was one', true, true, []],
  ])('are one for the simulator %s', async (_, simulatorAllowed, everHadOne, names) => {
    listed = { channels: [], everHadOne };
    await join({ simulatorAllowed });
    expect(own.names()).toEqual(names);
  });

  it('are one for all where one process sends everything', async () => {
    has(1, 2);
    await join({ together: true });
    expect(own.names()).toEqual([SENDING_LEASE]);
    await pass();
    expect(settled()).toMatchObject([{ channelId: null, claimant: { lease: SENDING_LEASE, epoch: 1 } }]);
    expect([1, 2].map((id) => own.claimantOf(id)?.lease)).toEqual([SENDING_LEASE, SENDING_LEASE]);
    running = [1, 2];
    expect(JSON.parse(own.facts(SENDING_LEASE)!)).toEqual({ 1: { told: 1 }, 2: { told: 2 } });
  });

  it('settle what was under way before a channel is run', async () => {
    answers = [
      () => {
        expect(own.claimantOf(1)).toBe(null);
        return { ...DONE, uncertain: 500, more: true };
      },
      () => {
        expect(refreshed).toEqual([]);
        return DONE;
      },
    ];
    await join();
    await pass();
    const claimant = { lease: 'channel:1', epoch: 1 };
    // Nobody knows what a process that is not this one's predecessor had under way.
    expect(settled()).toEqual(new Array(2).fill({ left: null, channelId: 1, claimant, limit: 500 }));
    expect(own.claimantOf(1)).toEqual(claimant);
    expect(refreshed).toEqual([[1]]);
  });

  it('know from the flight log what the process before this one had under way', async () => {
    ownedBefore(BEFORE, 4);
    await join();
    await pass();
    expect(settled()).toMatchObject([{ left: LEFT_BEHIND, claimant: { epoch: 5 } }]);
  });

  it('know of nothing under way when it was this process that left it and nobody has had it since', async () => {
    await join();
    leases.away = true;
    for (let ms = 0; ms < LEASE_MS; ms += RENEW_EVERY_MS) await pass();
    expect(refreshed).toEqual([[1], []]);
    leases.away = false;
    await pass();
    expect(settled().map(({ left, claimant }) => [left, claimant!.epoch])).toEqual([
      [null, 1],
      [[], 2],
    ]);
    expect(refreshed).toEqual([[1], [], [1]]);
  });

  it('are given up with a channel that is no more', async () => {
    await join();
    expect([own.claimantOf(1)?.epoch, own.mayWrite(1)]).toEqual([1, true]);
    has();
    await hear();
    await pass();
    expect(refreshed).toEqual([[1], []]);
    expect([own.claimantOf(1), own.mayWrite(1)]).toEqual([null, false]);
    expect(leases.rows.get('channel:1')!.owner).toBe(null);
  });

  it('are tried again when the store would not have it', async () => {
    const fail = () => {
      throw new Error('the store is away');
    };
    answers = [fail, fail];
    await join();
    expect([settled().length, own.claimantOf(1)]).toEqual([1, null]);
    await pass(500);
    await pass(500);
    expect([settled().length, own.claimantOf(1)?.epoch]).toEqual([3, 1]);
  });

  it('are not used when another process has taken one meanwhile', async () => {
    answers = [() => ({ ...DONE, owner: false })];
    await join();
    expect([settled().length, own.claimantOf(1)]).toEqual([1, null]);
    // It was given up, and is settled anew when it is taken again.
    await pass();
    expect(settled().map(({ claimant }) => claimant!.epoch)).toEqual([1, 2]);
    expect(own.claimantOf(1)?.epoch).toBe(2);
  });

  it('are not settled when their time is over', async () => {
    answers = new Array(100).fill(() => {
      throw new Error('the store is away');
    });
    await join();
    await pass();
    leases.away = true;
    for (let ms = 0; ms < LEASE_MS; ms += 500) await pass(500);
    const times = settled().length;
    expect([own.claimantOf(1), own.mayWrite(1)]).toEqual([null, false]);
    await pass(500);
    await pass(500);
    expect(settled()).toHaveLength(times);
  });

  it('leave alone what another process has', async () => {
    ownedBefore(OTHER, 4, leases.clock.now() + LEASE_MS);
    await join();
    await pass();
    expect([settled(), own.claimantOf(1)]).toEqual([[], null]);
  });

  it('tell of the channels that run under them', async () => {
    has(1, 2);
    await join();
    running = [1, 2];
    expect(JSON.parse(own.facts('channel:1')!)).toEqual({ 1: { told: 1 } });
    running = [2];
    expect(own.facts('channel:1')).toBe('{}');
  });

  it('are looked at again at once when channels come and go, and now and then should that not be heard', async () => {
    await join();
    await pass();
    has(1, 2);
    await hear();
    await pass(1);
    expect(own.claimantOf(2)?.epoch).toBe(1);
    has(1, 2, 3);
    await pass(5_000);
    await pass(1);
    expect(own.claimantOf(3)?.epoch).toBe(1);
    await own.stop();
    const times = desk.count('listChannels');
    await pass(10_000);
    expect(desk.count('listChannels')).toBe(times);
  });
});
