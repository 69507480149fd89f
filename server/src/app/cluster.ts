import { homeOf } from '../domain/merged-log.ts';
import type { LoopLoad } from '../lib/loop-load.ts';
import { mysqlAddress } from '../lib/mysql-address.ts';
import type { Service } from '../lib/start-stop.ts';
import type { Desk } from '../services/desk.ts';
import type { LeftBehind } from '../services/recovery.ts';
import { ChannelLeases, SENDING_LEASE } from '../workers/channel-leases.ts';
import { ClusterChannels, type ToldOfChannel } from '../workers/cluster-channels.ts';
import { ClusterLogs, type OwnLogs } from '../workers/cluster-logs.ts';
import { Duties } from '../workers/duties.ts';
import { LeaseHolder, type LeaseUser } from '../workers/lease-holder.ts';
import { LostRuns } from '../workers/lost-runs.ts';
import type { OutboxRelay } from '../workers/outbox-relay.ts';
import type { ChannelArea } from './channels.ts';
import type { Ground } from './ground.ts';
import type { Self } from './self.ts';
import type { WorkArea } from './work.ts';

/** This process as one of many. */
export interface Cluster {
  holder: LeaseHolder;
  /** Which channels are its own. */
  ownership: ChannelLeases;
  /** All channels of the installation, whoever runs them, */
  channels: ClusterChannels;
  /** and their logs. */
  logs: ClusterLogs;
}

/** Builds what agrees with other processes; the caller starts it with {@link joinCluster}. */
export async function buildCluster(
  ground: Ground,
  deps: {
    desk: Desk;
    self: Self;
    /** What this process does, in words for the others. */
    told: () => string;
    loads: readonly LoopLoad[];
    leftBehind: LeftBehind;
    /** Those of this process. */
    channelLogs: OwnLogs;
    /** Whether one process has all channels, since tasks cannot be handed to others. */
    together: boolean;
    keeper: () => ChannelArea['keeper'];
    onChange: () => void;
  },
): Promise<Cluster> {
  const { config, clock, log } = ground;
  // Loaded only where it is used: most houses start without it.
  const { MysqlLeases } = await import('../leases/mysql.ts');
  const { desk } = deps;
  const { id, directory, role, host, pid, version, startedAt, predecessor } = deps.self;
  const holder = new LeaseHolder({
    leases: new MysqlLeases(mysqlAddress(config.store!.url)),
    node: { id, roles: role, host, pid, version, startedAt },
    predecessor,
    told: deps.told,
    loads: deps.loads,
    clock,
    log,
  });
  const simulatorAllowed = config.environment !== 'production';
  const { leftBehind, together } = deps;
  return {
    holder,
    ownership: new ChannelLeases({ desk, holder, together, simulatorAllowed, leftBehind, clock, log }),
    logs: new ClusterLogs({ desk, own: deps.channelLogs, home: homeOf(directory), self: id, holder, clock, log }),
    channels: new ClusterChannels({
      desk,
      holder,
      takeBack: (channelId) => deps.keeper().takeBack(channelId),
      failoverAfterMs: config.failoverAfterMs,
      simulatorAllowed,
      onChange: deps.onChange,
      clock,
      log,
    }),
  };
}

/** Who works under which leases, and in which order it all begins. */
export function joinCluster(
  { clock, log }: Ground,
  desk: Desk,
  { holder, ownership, channels }: Cluster,
  { keeper, watch }: ChannelArea,
  work: WorkArea,
  together: boolean,
): Service[] {
  ownership.runBy({
    refresh: () => keeper.refresh(),
    running: () => keeper.running(),
    told: (channelId): ToldOfChannel | null => {
      const status = keeper.status().get(channelId);
      return status === undefined ? null : { status, facts: watch.factsOf(channelId) };
    },
  });
  holder.onView(() => keeper.standAside());
  const { relay, planRunner, caretaker, expiry, figures, webhooks } = work;
  const lostRuns = new LostRuns({ desk, alive: () => holder.alive, clock, log });
  const duties = { 'plan-runner': planRunner, caretaker, expiry, figures, webhooks, 'lost-runs': lostRuns };
  holder.serve(new Duties(together ? duties : { relay, ...duties }));
  holder.serve(together ? withRelay(ownership, relay) : ownership);
  return [ownership, channels, holder];
}

/** All channels and the relay, as one lease: what the relay publishes is only seen by its own process. */
const withRelay = (ownership: ChannelLeases, relay: OutboxRelay): LeaseUser => ({
  role: ownership.role,
  names: () => [SENDING_LEASE],
  async gained(name, gained) {
    await ownership.gained(name, gained);
    await relay.start();
  },
  async left(name) {
    await relay.stop();
    await ownership.left(name);
  },
  facts: (name) => ownership.facts(name),
});
