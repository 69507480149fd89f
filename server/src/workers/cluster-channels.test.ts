import { beforeEach, describe, expect, it } from 'vitest';
import { HandLeases } from '../../test/leases.ts';
import { FakeDesk, settle } from '../../test/workers.ts';
import type { ChannelStatus } from '../channels/channel.ts';
import { SIMULATOR_CHANNEL_ID } from '../domain/channel.ts';
import { LEASE_MS, MARGIN_MS, RENEW_EVERY_MS } from '../domain/lease.ts';
import { createLogger } from '../lib/log.ts';
import { ClusterChannels } from './cluster-channels.ts';
import { LeaseHolder } from './lease-holder.ts';

const OWNER = 'b'.repeat(16);
const FAILOVER_AFTER_MS = 3_000;
const LIST_EVERY_MS = 5_000;

/** How a process that runs no channel sees those that others run. */
describe('the channels of a cluster', () => {
  const log = createLogger('silent');
  let leases: HandLeases;
  let desk: FakeDesk;
  let listed: { channels: { id: number; enabled: boolean }[]; everHadOne: boolean };
  let away: boolean;
  let holder: LeaseHolder;
  let channels: ClusterChannels;
  let changes: number;

  beforeEach(() => {
    leases = new HandLeases();
    listed = { channels: [], everHadOne: true };
    away = false;
    changes = 0;
    desk = new FakeDesk({
      listChannels: () => {
        if (away) throw new Error('the store is away');
        return listed;
      },
    });
  });

  const join = async (simulatorAllowed = false) => {
    const { clock } = leases;
    const node = { id: 'a'.repeat(16), roles: 'api,worker', host: 'h', pid: 1, version: '1', startedAt: 0 };
    holder = new LeaseHolder({
      leases: leases.open(),
      node,
      predecessor: null,
      told: () => '',
      loads: [],
      clock,
      log,
    });
    channels = new ClusterChannels({
      desk: desk.desk,
      holder,
      takeBack: () => [],
      failoverAfterMs: FAILOVER_AFTER_MS,
      simulatorAllowed,
      onChange: () => changes++,
      clock,
      log,
    });
    await channels.start();
    await holder.start();
    await settle();
  };
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= RENEW_EVERY_MS) {
      leases.clock.advance(Math.min(left, RENEW_EVERY_MS));
      await settle();
    }
  };
  const has = (...ids: number[]) => {
    listed = { channels: ids.map((id) => ({ id, enabled: true })), everHadOne: true };
  };
  /** The owner of a channel says how its link is; it is heard with the next beat. */
  const tell = async (id: number, link: ChannelStatus['link'], owner: string | null = OWNER) => {
    const status: ChannelStatus = { link, reason: '', inFlight: 1, window: 10, submitted: 5, throttled: 0 };
    const facts = JSON.stringify({ [id]: { status, facts: { accepted: id } } });
    const untilMs = leases.clock.now() + LEASE_MS;
    leases.rows.set(`channel:${id}`, { name: `channel:${id}`, owner, epoch: 1, settled: 1, untilMs, facts });
    await pass(RENEW_EVERY_MS);
  };

  it('are those of the store that are enabled; the lowest takes what no route fits', async () => {
    has(4, 2);
    listed.channels.push({ id: 1, enabled: false });
    await join();
    expect([1, 2, 3, 4].map((id) => channels.runs(id))).toEqual([false, true, false, true]);
    expect(channels.defaultChannel()).toBe(2);
    expect(channels.simulating).toBe(false);
  });

  it.each([
    ['while there has never been one, where that is allowed', true, false, true],
    ['not where it is not allowed', false, false, false],
    ['not once there was one', true, true, false],
  ])('have the simulator for a carrier %s', async (_, allowed, everHadOne, simulating) => {
    listed = { channels: [], everHadOne };
    await join(allowed);
    expect(channels.simulating).toBe(simulating);
    expect(channels.defaultChannel()).toBe(simulating ? SIMULATOR_CHANNEL_ID : null);
  });

  it('stand as their owners tell, each of them', async () => {
    has(1, 2, 3);
    await join();
    await tell(1, 'bound');
    await tell(2, 'connecting');
    expect(channels.standings()).toEqual(
      new Map([
        [1, 'up'],
        [2, 'broken'],
        [3, 'broken'],
      ]),
    );
    expect([...channels.status().keys()]).toEqual([1, 2]);
    expect(channels.status().get(1)).toMatchObject({ link: 'bound', submitted: 5 });
    expect(channels.factsOf(2)).toEqual({ accepted: 2 });
    expect(channels.factsOf(3)).toBe(null);
    expect([...channels.facts().keys()]).toEqual([1, 2]);
  });

  it('know nothing of one whose owner has nothing to tell', async () => {
    has(1);
    await join();
    await tell(1, 'bound');
    leases.rows.set('channel:1', { ...leases.rows.get('channel:1')!, facts: JSON.stringify({ 1: null }) });
    await pass(RENEW_EVERY_MS);
    expect(channels.status().size).toBe(0);
    expect(channels.factsOf(1)).toBe(null);
  });

  it('believe an owner as long as nobody else may have its lease', async () => {
    has(1);
    await join();
    await tell(1, 'bound');
    await pass(LEASE_MS + MARGIN_MS - RENEW_EVERY_MS);
    expect(channels.status().has(1)).toBe(true);
    await pass(RENEW_EVERY_MS);
    expect(channels.status().has(1)).toBe(false);
    await tell(1, 'bound', null);
    expect(channels.status().has(1)).toBe(false);
  });

  it('are given up when a link stays down, and told when it is up again', async () => {
    has(1);
    await join();
    await tell(1, 'bound');
    const before = changes;
    await tell(1, 'down');
    expect([channels.usable(1), channels.standings().get(1)]).toEqual([true, 'broken']);
    await pass(FAILOVER_AFTER_MS);
    expect([channels.usable(1), channels.standings().get(1)]).toEqual([false, 'down']);
    expect(changes).toBe(before);
    await tell(1, 'bound');
    expect(changes).toBe(before + 1);
    // It has to stay up before it is used again.
    expect(channels.usable(1)).toBe(false);
    await pass(FAILOVER_AFTER_MS);
    expect([channels.usable(1), channels.standings().get(1)]).toEqual([true, 'up']);
  });

  it.each(['channelsChanged', 'missed'] as const)('are listed again when %s is heard', async (kind) => {
    has(1);
    await join();
    const before = changes;
    has(1, 2);
    expect(channels.runs(2)).toBe(false);
    desk.tell({ kind });
    await settle();
    expect([channels.runs(2), changes]).toEqual([true, before + 1]);
    desk.tell({ kind });
    await settle();
    expect(changes).toBe(before + 1);
  });

  it('are listed now and then should nothing be heard, and kept while the store is away', async () => {
    has(1);
    await join();
    away = true;
    await pass(LIST_EVERY_MS);
    expect(channels.runs(1)).toBe(true);
    away = false;
    has(2);
    await pass(LIST_EVERY_MS);
    expect([channels.runs(1), channels.runs(2)]).toEqual([false, true]);
    await channels.stop();
    const times = desk.count('listChannels');
    await pass(2 * LIST_EVERY_MS);
    expect(desk.count('listChannels')).toBe(times);
  });

  it('begin anew with one that was gone', async () => {
    has(1);
    await join();
    await pass(FAILOVER_AFTER_MS);
    expect(channels.standings().get(1)).toBe('down');
    has();
    desk.tell({ kind: 'channelsChanged' });
    await settle();
    expect(channels.usable(1)).toBe(false);
    has(1);
    desk.tell({ kind: 'channelsChanged' });
    await settle();
    expect(channels.standings().get(1)).toBe('broken');
  });
});
