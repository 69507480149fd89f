import type { Schemas } from '../../api/schema.js';
import { Pill, type Tone } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';

type State = Schemas['Task']['state'];

const STATES: Record<State, Tone> = {
  scheduled: 'rest',
  reserved: 'calm',
  running: 'calm',
  succeeded: 'good',
  failed: 'bad',
  revoked: 'rest',
};

export function TaskTag({ state }: { state: State }) {
  const { tasks } = useWords();
  return <Pill tone={STATES[state]}>{tasks.states[state]}</Pill>;
}
