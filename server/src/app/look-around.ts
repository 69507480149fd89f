import { stat, statfs } from 'node:fs/promises';
import { addressOf } from '../domain/channel.ts';
import { sleep } from '../lib/clock.ts';
import type { Desk } from '../services/desk.ts';
import type { Reached } from '../start-page.ts';
import type { ChannelKeeper } from '../workers/channel-keeper.ts';
import type { Ground } from './ground.ts';

/** How long links may take to come up before the start page is printed without them. */
const LINKS_WAIT_MS = 500;

/** What the house could reach, after giving links a moment to come up. */
export async function lookAround(
  { config, paths, clock }: Ground,
  desk: Desk,
  keeper: ChannelKeeper,
): Promise<Reached> {
  await keeper.settled();
  const end = clock.monotonic() + LINKS_WAIT_MS;
  const connecting = () => [...keeper.status().values()].some(({ link }) => link === 'connecting');
  while (connecting() && clock.monotonic() < end) await sleep(clock, 20);
  const disk = await statfs(config.dataDir);
  const { channels } = await desk.ask('listChannels', {});
  const links = keeper.status();
  return {
    store: config.store?.shown ?? paths.store,
    storeBytes: config.store === null ? (await stat(paths.store)).size : null,
    freeDiskBytes: disk.bavail * disk.bsize,
    channels: channels.map((channel) => {
      const { id, name, enabled } = channel;
      const status = links.get(id);
      const link = enabled
        ? status === undefined
          ? 'down'
          : `${status.link}${status.reason && ` (${status.reason})`}`
        : 'disabled';
      return { name, address: addressOf(channel), link };
    }),
  };
}
