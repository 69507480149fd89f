import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { listeningLog } from '../../test/listening-log.ts';
import { settle } from '../../test/workers.ts';
import { ManualClock } from '../lib/manual-clock.ts';
import { DiskWatch } from './disk-watch.ts';

describe('the watch over the disk', () => {
  let watch: DiskWatch;
  afterEach(() => watch.stop());

  const start = async (minFreeBytes: number) => {
    const clock = new ManualClock();
    const { log, said } = listeningLog();
    watch = new DiskWatch(tmpdir(), minFreeBytes, clock, log);
    await watch.start();
    return { clock, said };
  };

  it('sees at its start that the disk is nearly full, and says so once', async () => {
    const { clock, said } = await start(Number.MAX_SAFE_INTEGER);
    expect(watch.full).toBe(true);
    for (let looks = 0; looks < 3; looks++) {
      clock.advance(2_000);
      await settle();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(said).toEqual(['error: the disk is nearly full: no new messages are accepted']);
  });

  it('finds room enough where there is', async () => {
    const { said } = await start(1);
    expect(watch.full).toBe(false);
    expect(said).toEqual([]);
  });
});
