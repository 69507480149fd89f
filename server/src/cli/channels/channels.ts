import type { ApiClient } from '../client.ts';
import { CommandFailed } from '../failure.ts';

export interface ChannelFacts {
  id: number;
  name: string;
  kind: string;
  enabled: boolean;
  simulated: boolean;
  address: string;
  state: { link: string; reason: string; in_flight: number; window: number; submitted: number };
}

/** Every channel, and whether the built-in simulator stands in for a carrier. */
export async function allChannels(client: ApiClient): Promise<{ items: ChannelFacts[]; simulator: boolean }> {
  const items: ChannelFacts[] = [];
  let simulator = false;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: { items: ChannelFacts[]; simulator?: boolean; next_cursor: string | null } = await client.native(
      'GET',
      `/channels?limit=1000${query}`,
    );
    items.push(...page.items);
    simulator ||= page.simulator === true;
    cursor = page.next_cursor;
  }
  return { items, simulator };
}

/** The channel of this name or id. @throws CommandFailed */
export async function channelNamed(client: ApiClient, name: string): Promise<ChannelFacts> {
  const { items } = await allChannels(client);
  const found = items.find((c) => c.name === name) ?? items.find((c) => String(c.id) === name);
  if (found) return found;
  throw new CommandFailed(`there is no channel ${name}`, 'See "signet channel list".', { code: 'channelNotFound' });
}
