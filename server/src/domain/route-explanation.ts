import { countryOf } from './recipient.ts';
import type { Route } from './route.ts';
import { channelsInUse, type Misfit, misfitOf, type RouteFacts, RouteTable } from './route-table.ts';

/** How a channel stands: `broken` is down, and not yet for long enough that others take its messages. */
export type ChannelStanding = 'up' | 'broken' | 'down' | 'disabled';

/** A channel as it stands now. */
export interface StandingChannel {
  id: number;
  name: string;
  standing: ChannelStanding;
}

/** Why a channel is used for a message, or not. */
export const CHANNEL_REASONS = [
  // It takes the message, or its share of such messages.
  'used',
  // Disabled, or its link is down.
  'notUsable',
  // The route is sticky, and this recipient is another target's.
  'stuckToAnother',
  // A fallback, while a target is usable.
  'targetUsable',
  // A fallback behind one that is usable.
  'fallbackBefore',
  // Without a route the lowest enabled channel takes everything.
  'notLowest',
] as const;
export type ChannelReason = (typeof CHANNEL_REASONS)[number];

export interface ExplainedChannel extends StandingChannel {
  role: 'target' | 'fallback' | 'default';
  /** Of a target. */
  weight: number | null;
  reason: ChannelReason;
  /** Which part of such messages it takes now, from 0 to 1. */
  share: number;
}

/** Where a message would go now, and why. */
export interface RouteExplanation {
  /** The recipient's, ISO 3166-1 alpha-2; null: none. */
  country: string | null;
  /** The route that fits; null: none does. */
  route: Route | null;
  /** The routes that were asked, in their order, the one that fits last. */
  asked: { route: Route; misfit: Misfit | null }[];
  /** The channels that were considered. */
  channels: ExplainedChannel[];
}

/** @param routes in their order @param channels every channel, in the order of their ids */
export function explainRoute(
  routes: readonly Route[],
  channels: readonly StandingChannel[],
  facts: RouteFacts,
): RouteExplanation {
  const country = countryOf(facts.recipient);
  const asked: RouteExplanation['asked'] = [];
  for (const route of routes) {
    const misfit = misfitOf(route, facts);
    asked.push({ route, misfit });
    if (misfit === null) return { country, route, asked, channels: channelsOf(route, channels, facts) };
  }
  return { country, route: null, asked, channels: defaultChannels(channels) };
}

const isUsable = ({ standing }: StandingChannel): boolean => standing === 'up' || standing === 'broken';

function channelsOf(route: Route, channels: readonly StandingChannel[], facts: RouteFacts): ExplainedChannel[] {
  const byId = new Map(channels.map((channel) => [channel.id, channel]));
  const of = (id: number): StandingChannel => byId.get(id) ?? { id, name: '', standing: 'disabled' };
  const usable = (id: number): boolean => isUsable(of(id));
  const out = new Set(channels.filter((channel) => !isUsable(channel)).map(({ id }) => id));
  const line = new RouteTable([route], out).lineOf(facts);
  const used = channelsInUse(line, usable);
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  const shareOf = (id: number): number => (used.find(({ channelId }) => channelId === id)?.weight ?? 0) / (total || 1);
  const fallbackInUse = used.some(({ channelId }) => route.fallback.includes(channelId));
  const explain = (id: number, role: 'target' | 'fallback', weight: number | null): ExplainedChannel => {
    const share = shareOf(id);
    const unused = role === 'target' ? 'stuckToAnother' : fallbackInUse ? 'fallbackBefore' : 'targetUsable';
    return { ...of(id), role, weight, share, reason: share > 0 ? 'used' : usable(id) ? unused : 'notUsable' };
  };
  return [
    ...route.targets.map(({ channelId, weight }) => explain(channelId, 'target', weight)),
    ...route.fallback.map((id) => explain(id, 'fallback', null)),
  ];
}

/** The lowest enabled one takes everything, whether it is up or not. */
function defaultChannels(channels: readonly StandingChannel[]): ExplainedChannel[] {
  const lowest = channels.find(({ standing }) => standing !== 'disabled');
  return channels.map((channel) => {
    const reason = channel === lowest ? 'used' : channel.standing === 'disabled' ? 'notUsable' : 'notLowest';
    return { ...channel, role: 'default', weight: null, share: channel === lowest ? 1 : 0, reason };
  });
}
