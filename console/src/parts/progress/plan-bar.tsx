import type { Schemas } from '../../api/schema.js';
import { useWords } from '../../words/index.tsx';
import { useFormat } from '../format/format.ts';
import { type Tone, toneOfMessage } from '../state/state-tag.tsx';
import css from './progress.module.css';

type Plan = Schemas['Plan'];
type Counts = Schemas['PlanProgress']['counts'];
type MessageState = Schemas['Message']['state'];

/** How much of a plan has been answered by a carrier or ended otherwise. */
export function PlanBar({ plan }: { plan: Plan }) {
  const { plans: words } = useWords();
  const format = useFormat();
  const done = plan.accepted - plan.left;
  const share = plan.accepted === 0 ? 1 : done / plan.accepted;
  const percent = Math.floor(share * 100);
  return (
    <div className={css.plan}>
      <div
        className={css.bar}
        role="progressbar"
        aria-label={words.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={words.progressText(format.number(done), format.number(plan.accepted))}
      >
        <span className={css.fill} data-state={plan.state} style={{ width: `${share * 100}%` }} />
      </div>
      <span className="number quiet">
        {format.number(done)} / {format.number(plan.accepted)}
      </span>
    </div>
  );
}

const ORDER: readonly Tone[] = ['good', 'calm', 'warn', 'bad', 'rest'];

/** Messages of a plan by state, as one bar and in words. */
export function StateBar({ counts, total }: { counts: Counts; total: number }) {
  const { states } = useWords();
  const format = useFormat();
  const present = (Object.entries(counts) as [MessageState, number][])
    .filter(([, count]) => count > 0)
    .sort(([a], [b]) => ORDER.indexOf(toneOfMessage(a)) - ORDER.indexOf(toneOfMessage(b)));
  const whole = Math.max(total, 1);
  return (
    <div>
      <div className={css.stack} aria-hidden="true">
        {present.map(([state, count]) => (
          <span key={state} data-tone={toneOfMessage(state)} style={{ flexGrow: count / whole }} />
        ))}
      </div>
      <ul className={css.legend}>
        {present.map(([state, count]) => (
          <li key={state} data-tone={toneOfMessage(state)}>
            {states.message[state]} <strong className="number">{format.number(count)}</strong>
            <span className="quiet number">{format.share(count, whole)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
