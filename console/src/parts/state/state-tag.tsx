import type { Schemas } from '../../api/schema.js';
import { useWords } from '../../words/index.tsx';
import css from './state-tag.module.css';

/** What a state means to whoever looks: it went well, it did not, somebody should look, it goes on, or it rests. */
export type Tone = 'good' | 'bad' | 'warn' | 'calm' | 'rest';

type PlanState = Schemas['Plan']['state'];
type ReviewState = Schemas['Template']['review'];
type MessageState = Schemas['Message']['state'];

const PLAN: Record<PlanState, Tone> = {
  draft: 'rest',
  pending: 'calm',
  running: 'calm',
  paused: 'warn',
  done: 'good',
  cancelled: 'rest',
};

const REVIEW: Record<ReviewState, Tone> = { pending: 'warn', approved: 'good', rejected: 'bad' };

const MESSAGE: Record<MessageState, Tone> = {
  accepted: 'rest',
  queued: 'rest',
  dispatching: 'calm',
  submitted: 'calm',
  delivered: 'good',
  undelivered: 'bad',
  expired: 'bad',
  rejected: 'bad',
  unreported: 'warn',
  cancelled: 'rest',
  expired_unsent: 'bad',
  refused: 'bad',
  failed: 'bad',
  uncertain: 'warn',
  unknown: 'warn',
  invalid: 'bad',
};

/** A word on a ground that says what it means; the word itself says it too. */
export function Pill({ tone, children }: { tone: Tone; children: string }) {
  return <span className={`${css.pill} ${css[tone]}`}>{children}</span>;
}

export function PlanTag({ state }: { state: PlanState }) {
  const { states } = useWords();
  return <Pill tone={PLAN[state]}>{states.plan[state]}</Pill>;
}

export function ReviewTag({ state }: { state: ReviewState }) {
  const { states } = useWords();
  return <Pill tone={REVIEW[state]}>{states.review[state]}</Pill>;
}

export function MessageTag({ state }: { state: MessageState }) {
  const { states } = useWords();
  return <Pill tone={MESSAGE[state]}>{states.message[state]}</Pill>;
}

export const toneOfMessage = (state: MessageState): Tone => MESSAGE[state];
