import type { Schemas } from '../../api/schema.js';
import { Pill, type Tone } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';

type Link = Schemas['Channel']['state']['link'];
type Cause = Schemas['ChannelLimit']['cause'];

const LINK: Record<Link, Tone> = { bound: 'good', connecting: 'warn', down: 'bad', disabled: 'rest' };
const CAUSE: Record<Cause, Tone> = {
  no_traffic: 'rest',
  carrier_rate: 'calm',
  window: 'warn',
  response_time: 'warn',
  cpu: 'warn',
  link_down: 'bad',
};

export function LinkTag({ link }: { link: Link }) {
  const { channels } = useWords();
  return <Pill tone={LINK[link]}>{channels.links[link]}</Pill>;
}

/** What keeps a channel from sending more. */
export function LimitTag({ cause }: { cause: Cause }) {
  const { channels } = useWords();
  return <Pill tone={CAUSE[cause]}>{channels.causes[cause]}</Pill>;
}
