import { statfs } from 'node:fs/promises';
import { describeConfig } from '../config/config.ts';
import { settingOf } from '../config/env.ts';
import type { HouseSetup } from '../http/deps.ts';
import type { Queue } from '../queue/queue.ts';
import { VERSION } from '../version.ts';
import type { Ground } from './ground.ts';

/** What the house runs with, as it stands when somebody asks. */
export function setupOf(
  { config, paths }: Ground,
  house: {
    startedAt: number;
    queue: Queue;
    ready(): Promise<{ ready: true } | { ready: false; reason: string }>;
    /** Whether Redis answers this process; null: it is not asked by itself. */
    redisReachable(): boolean | null;
  },
): () => Promise<HouseSetup> {
  return async () => {
    const ready = await house.ready();
    const disk = await statfs(config.dataDir).catch(() => null);
    const { store, queue, redis } = config;
    return {
      version: VERSION,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      startedAt: house.startedAt,
      dataDirectory: config.dataDir,
      freeDiskBytes: disk === null ? null : disk.bavail * disk.bsize,
      parts: [
        {
          name: 'store',
          kind: store === null ? 'sqlite' : 'mysql',
          address: store?.shown ?? paths.store,
          reachable: ready.ready,
          reason: ready.ready ? '' : ready.reason,
        },
        {
          name: 'queue',
          kind: queue === null ? 'memory' : 'rabbitmq',
          address: queue?.shown ?? '',
          reachable: house.queue.reachable,
          reason: house.queue.reachable ? '' : 'the server cannot be reached; messages are accepted and wait',
        },
        {
          name: 'redis',
          kind: redis === null ? 'none' : 'redis',
          address: redis?.shown ?? '',
          reachable: redis === null ? null : house.redisReachable(),
          reason: '',
        },
      ],
      settings: describeConfig(config).map(([name, value, source]) => {
        const { meaning, fallback } = settingOf(name);
        return { name, value, source, meaning, fallback };
      }),
    };
  };
}
