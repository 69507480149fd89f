import { join } from 'node:path';
import type { Helper } from '../lib/helper.ts';
import { waitUntil } from '../lib/time.ts';
import type { ReporterHelper } from '../processes/reporter.ts';
import { MariaDb } from '../servers/mariadb.ts';
import { RabbitMq } from '../servers/rabbitmq.ts';
import { Redis } from '../servers/redis.ts';
import type { Peer, PeerSetting, RunningPeer } from './peer.ts';
import { checkBooks, prepare, SignetServer, sendRequest, startReporter, TEMPLATE } from './signet.ts';

/** Processes of an installation, by what they do. */
export interface ClusterShape {
  name: string;
  workers: number;
  /** Processes that run channels. */
  carriers: number;
  /** Channels, shared among them. */
  channels: number;
}

/** Leases are handed on one at a time, some seconds apart. */
const SHARED_WITHIN_MS = 60_000;

/** Signet as several processes on a MariaDB, a RabbitMQ and a Redis of their own: one takes requests, charging on. */
export const cluster = (shape: ClusterShape, nodeArgs: readonly string[]): Peer => ({
  name: shape.name,
  async start({ dir, smscPort, sinkPort, numbersPerRequest }: PeerSetting): Promise<RunningPeer> {
    const running: { stop(): Promise<void> }[] = [];
    const begun = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
      const started = await starting;
      running.push(started);
      return started;
    };
    const stop = async (): Promise<void> => {
      for (const each of running.toReversed()) await each.stop();
    };
    try {
      const mariadb = await begun(MariaDb.start(join(dir, 'mariadb')));
      const rabbitmq = await begun(RabbitMq.start(join(dir, 'rabbitmq')));
      const redis = await begun(Redis.start(join(dir, 'redis')));
      const env = { SIGNET_STORE: mariadb.url, SIGNET_QUEUE: rabbitmq.url, SIGNET_REDIS: redis.url };
      const start = (name: string, role: string) =>
        begun(SignetServer.start(join(dir, name), { nodeArgs, env: { ...env, SIGNET_ROLE: role } }));
      const api = await start('api', 'api');
      const pids: Record<string, number> = { api: api.pid };
      for (let i = 1; i <= shape.workers; i++) pids[`worker ${i}`] = (await start(`worker-${i}`, 'worker')).pid;
      for (let i = 1; i <= shape.carriers; i++) pids[`channel ${i}`] = (await start(`channel-${i}`, 'channel')).pid;
      const prepared = await prepare(api, smscPort, sinkPort !== null, TEMPLATE, shape.channels);
      await waitUntil('the work to be shared', () => isShared(api, mariadb, shape), SHARED_WITHIN_MS, 500);
      let reporter: Helper<ReporterHelper> | null = null;
      if (sinkPort !== null) reporter = await begun(startReporter(api, sinkPort));
      return {
        port: api.port,
        request: sendRequest(prepared, numbersPerRequest),
        pids: {
          ...pids,
          MariaDB: mariadb.pid,
          RabbitMQ: rabbitmq.pid,
          Redis: redis.pid,
          ...(reporter === null ? {} : { reporter: reporter.pid }),
        },
        check: (messages) => checkBooks(api, messages),
        stop,
      };
    } catch (error) {
      await stop();
      throw error;
    }
  },
});

/** Whether each process has its share of duties and channels, and all channels are bound. */
async function isShared(
  api: SignetServer,
  mariadb: MariaDb,
  { workers, carriers, channels }: ClusterShape,
): Promise<boolean> {
  const owners = { duty: new Map<string, number>(), channel: new Map<string, number>() };
  for (const [name, owner] of mariadb.ask('SELECT name, owner FROM lease WHERE owner IS NOT NULL') as [
    string,
    string,
  ][]) {
    const kind = name.startsWith('channel:') ? 'channel' : 'duty';
    owners[kind].set(owner, (owners[kind].get(owner) ?? 0) + 1);
  }
  const counts = [...owners.channel.values()];
  const even = counts.length === carriers && Math.max(...counts) - Math.min(...counts) <= 1;
  if (!even || counts.reduce((sum, each) => sum + each, 0) < channels || owners.duty.size < workers) return false;
  const { items } = (await api.call('GET', '/api/v1/channels')) as { items: { state: { link: string } | null }[] };
  return items.every(({ state }) => state?.link === 'bound');
}
