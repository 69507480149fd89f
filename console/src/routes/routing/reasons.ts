import type { Schemas } from '../../api/schema.js';
import { useFormat } from '../../parts/format/format.ts';
import { useWords } from '../../words/index.tsx';

type Explanation = Schemas['RouteExplanation'];
type ExplainedRoute = Explanation['routes'][number];
type ExplainedChannel = Explanation['channels'][number];

/** Says in the language of the page where a message would go, and why by each route and channel or not. */
export function useReasons() {
  const { routing: words } = useWords();
  const format = useFormat();
  const { reasons, result } = words;
  const shareOf = ({ share }: ExplainedChannel) => format.share(share, 1);

  const whole = ({ routes, channels, simulator }: Explanation): string => {
    const fitting = routes.find(({ fits }) => fits);
    const first = fitting === undefined ? result.noRoute : result.route(fitting.name);
    const used = channels.filter(({ share }) => share > 0);
    if (used.length > 0) {
      const names = used.map((each) => (each.share === 1 ? each.name : result.shareOf(each.name, shareOf(each))));
      return result.over(first, names.join(result.or));
    }
    if (fitting !== undefined) return result.noneUsable(first);
    return simulator ? result.simulator(first) : result.noChannel(first);
  };

  const route = ({ misfit }: ExplainedRoute): string => (misfit === null ? words.itFits : words.misfits[misfit]);

  const taken = (channel: ExplainedChannel, sticky: boolean): string => {
    if (channel.role === 'default') return reasons.lowest;
    if (channel.role === 'fallback') return reasons.standsIn;
    if (sticky) return reasons.takesSticky;
    return channel.share === 1 ? reasons.takesAll : reasons.takesShare(shareOf(channel));
  };
  const channel = (each: ExplainedChannel, sticky: boolean): string => {
    if (each.reason === 'notUsable') return each.standing === 'disabled' ? reasons.disabled : reasons.down;
    if (each.reason !== 'used') return reasons[each.reason];
    return each.standing === 'up' ? taken(each, sticky) : `${taken(each, sticky)} · ${reasons.waits}`;
  };
  return { whole, route, channel };
}
