import { statfs } from 'node:fs/promises';
import { describeConfig } from '../config/config.ts';
import { settingOf } from '../config/env.ts';
import type { HouseSetup, Readiness } from '../http/deps.ts';
import { VERSION } from '../version.ts';
import type { Ground } from './ground.ts';

/** What the house runs with, as it stands when somebody asks. */
export function setupOf(
  { config }: Ground,
  house: {
    startedAt: number;
    ready(): Promise<Readiness>;
  },
): () => Promise<HouseSetup> {
  return async () => {
    const { parts } = await house.ready();
    const disk = await statfs(config.dataDir).catch(() => null);
    return {
      version: VERSION,
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
      startedAt: house.startedAt,
      dataDirectory: config.dataDir,
      freeDiskBytes: disk === null ? null : disk.bavail * disk.bsize,
      parts,
      settings: describeConfig(config).map(([name, value, source]) => {
        const { meaning, fallback } = settingOf(name);
        return { name, value, source, meaning, fallback };
      }),
    };
  };
}
