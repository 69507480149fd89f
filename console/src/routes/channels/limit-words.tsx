import type { Schemas } from '../../api/schema.js';
import { useFormat } from '../../parts/format/format.ts';
import { useWords } from '../../words/index.tsx';

/** What was seen that holds a channel back, and what can be done about it. */
export function LimitWords({ limit: { reason, figures } }: { limit: Schemas['ChannelLimit'] }) {
  const { limits: words } = useWords();
  const format = useFormat();
  const number = (value: number | undefined) =>
    value === undefined ? '' : format.number(value < 10 ? Math.round(value * 10) / 10 : Math.round(value));
  const share = (value: number | undefined) => (value === undefined ? '' : format.share(Math.round(value * 100), 100));
  const { thread = '', why = '' } = figures;
  const advice = words.advice[reason];
  return (
    <>
      <p>
        {words.says[reason]({
          share: share(figures.share),
          busy: share(figures.busy),
          window: number(figures.window),
          configured: number(figures.configured),
          took: number(figures.took),
          usual: number(figures.usual),
          speed: number(figures.speed),
          times: number(figures.times),
          seconds: number(figures.seconds),
          thread,
          why,
        })}
      </p>
      {advice !== '' && <p className="quiet">{advice}</p>}
    </>
  );
}
