import type { Route } from '../../domain/route.ts';
import type { ExplainedChannel, RouteExplanation } from '../../domain/route-explanation.ts';
import type { Misfit } from '../../domain/route-table.ts';

/** How many of a list a sentence names. */
const NAMED = 8;

interface Asked {
  businessId: number;
  category: string;
  country: string | null;
}

/** Why a route was passed by, or not. */
export function whyRoute(route: Route, misfit: Misfit | null, { businessId, category, country }: Asked): string {
  switch (misfit) {
    case null:
      return 'it fits';
    case 'disabled':
      return 'it is disabled';
    case 'business':
      return `it is for other businesses than ${businessId}`;
    case 'category':
      return `it is for ${some(route.categories)}, not for ${category}`;
    case 'country': {
      const belongs = country === null ? 'to no country' : `to ${country}`;
      return `it is for ${some(route.countries)}; the number belongs ${belongs}`;
    }
    case 'prefix':
      return `it is for numbers that begin with ${some(route.prefixes)}`;
  }
}

/** Why a channel is used now, or not. */
export function whyChannel(channel: ExplainedChannel, sticky: boolean): string {
  switch (channel.reason) {
    case 'used': {
      const waits = channel.standing === 'up' ? '' : '; its link is down, and messages wait for it to come back';
      return `${whatItTakes(channel, sticky)}${waits}`;
    }
    case 'notUsable':
      return channel.standing === 'disabled' ? 'it is disabled' : 'its link stays down';
    case 'stuckToAnother':
      return 'the route is sticky, and messages to this number go over another target';
    case 'targetUsable':
      return 'it is a fallback, and a target can be used';
    case 'fallbackBefore':
      return 'it is a fallback, and one before it can be used';
    case 'notLowest':
      return 'without a route, the lowest enabled channel takes everything';
  }
}

function whatItTakes({ role, share }: ExplainedChannel, sticky: boolean): string {
  if (role === 'default') return 'it is the lowest enabled channel, and takes what no route fits';
  if (role === 'fallback') return 'it takes the message, because no target can be used';
  if (sticky) return 'the route is sticky, and messages of this business to this number go over this target';
  return share === 1 ? 'it takes the message' : `it takes ${percent(share)} of such messages, by its weight`;
}

/** The answer in a sentence. */
export function whyAll({ route, channels }: RouteExplanation, simulator: boolean): string {
  const first = route === null ? 'No route fits' : `Route ${route.name} fits`;
  const used = channels.filter(({ share }) => share > 0);
  if (used.length === 0) {
    if (route !== null) return `${first}, but none of its channels can be used: the message waits.`;
    if (simulator) return `${first}, and there has never been a channel: the built-in simulator takes the message.`;
    return `${first}, and no channel is enabled: the message waits.`;
  }
  const names = used.map(({ name, share }) => (share === 1 ? name : `${name} (${percent(share)})`));
  return `${first}: the message goes over ${names.join(' or ')}.`;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

function some(items: readonly string[]): string {
  const more = items.length - NAMED;
  return items.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
