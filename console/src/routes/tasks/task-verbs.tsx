import { Button } from 'antd';
import { useChange } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { useTell } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';

type Task = Schemas['Task'];

const TOUCHED = ['GET /tasks', 'GET /tasks/{id}', 'GET /queues'] as const;

/** What can be done to a task as it stands; it acts on the work itself. */
export function TaskVerbs({ task: { id, kind, actions }, size }: { task: Task; size?: 'small' }) {
  const { tasks: words } = useWords();
  const may = useMay();
  const ask = useAsk();
  const tell = useTell();
  const retry = useChange('POST /tasks/{id}/retry', TOUCHED);
  const requeue = useChange('POST /tasks/{id}/requeue', TOUCHED);
  const revoke = useChange('POST /tasks/{id}/revoke', TOUCHED);
  if (!may('tasks:manage')) return null;
  const path = { id };
  const verbs = { retry, requeue, revoke };
  const act = (action: Task['actions'][number]) => {
    if (action !== 'revoke') {
      verbs[action].mutateAsync({ path }).then(() => tell.done(words.did[action]), tell.problem);
      return;
    }
    ask({
      title: words.revokeTitle,
      text: words.revokeTexts[kind],
      verb: words.actions.revoke,
      danger: true,
      act: () => revoke.mutateAsync({ path }),
      done: words.did.revoke,
    });
  };
  return (
    <>
      {actions.map((action) => (
        <Button
          key={action}
          {...(size && { size })}
          danger={action === 'revoke'}
          loading={verbs[action].isPending}
          onClick={() => act(action)}
          style={{ marginInlineEnd: 6 }}
        >
          {words.actions[action]}
        </Button>
      ))}
    </>
  );
}
