import { join } from 'node:path';
import type { ServerConfig } from '../config/config.ts';
import type { SessionPolicy } from '../domain/session.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';

/** What every area of the house is built on. */
export interface Ground {
  config: ServerConfig;
  paths: DataPaths;
  clock: Clock;
  log: Logger;
  metrics: Metrics;
}

/** Where things are in a data directory. */
export interface DataPaths {
  store: string;
  lock: string;
  flight: string;
  uploads: string;
  comparisons: string;
  channelLog: string;
  /** The name of the process that had the directory last. */
  node: string;
}

export function dataPaths(dataDir: string): DataPaths {
  return {
    store: join(dataDir, 'signet.db'),
    lock: join(dataDir, 'server.lock'),
    flight: join(dataDir, 'flight'),
    uploads: join(dataDir, 'uploads'),
    comparisons: join(dataDir, 'comparisons'),
    channelLog: join(dataDir, 'channel-log'),
    node: join(dataDir, 'node'),
  };
}

export const sessionPolicyOf = ({ sessionIdleMs, sessionMaxMs }: ServerConfig): SessionPolicy => ({
  idleMs: sessionIdleMs,
  maxMs: sessionMaxMs,
});
