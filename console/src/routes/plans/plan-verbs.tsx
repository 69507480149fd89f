import { CloseCircleOutlined, PauseOutlined, PlayCircleOutlined } from '@ant-design/icons';
import { Button, Space } from 'antd';
import { useChange } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { useTell } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';

type Plan = Schemas['Plan'];
const TOUCHED = ['GET /plans', 'GET /plans/{id}', 'GET /plans/{id}/messages'] as const;

/** What may be done to a plan as it stands: pause, resume, cancel, or discard a draft. */
export function PlanVerbs({ plan, size = 'middle' }: { plan: Plan; size?: 'small' | 'middle' }) {
  const { plans: words } = useWords();
  const format = useFormat();
  const may = useMay();
  const { business_id } = useMember();
  const ask = useAsk();
  const tell = useTell();
  const pause = useChange('POST /plans/{id}/pause', TOUCHED);
  const resume = useChange('POST /plans/{id}/resume', TOUCHED);
  const cancel = useChange('POST /plans/{id}/cancel', TOUCHED);
  const discard = useChange('DELETE /plans/{id}', TOUCHED);
  if (!may('plans:control')) return null;
  const path = { id: String(plan.plan_id) };
  const name = plan.name === '' ? String(plan.plan_id) : plan.name;
  const { state } = plan;
  return (
    <Space size={size === 'small' ? 4 : 8}>
      {(state === 'running' || state === 'pending') && (
        <Button
          size={size}
          icon={<PauseOutlined aria-hidden />}
          loading={pause.isPending}
          aria-label={`${words.pause}: ${name}`}
          onClick={() => void pause.mutateAsync({ path }).catch(tell.problem)}
        >
          {words.pause}
        </Button>
      )}
      {state === 'paused' && (
        <Button
          size={size}
          icon={<PlayCircleOutlined aria-hidden />}
          loading={resume.isPending}
          aria-label={`${words.resume}: ${name}`}
          onClick={() => void resume.mutateAsync({ path }).catch(tell.problem)}
        >
          {words.resume}
        </Button>
      )}
      {(state === 'running' || state === 'pending' || state === 'paused') && (
        <Button
          size={size}
          danger
          icon={<CloseCircleOutlined aria-hidden />}
          aria-label={`${words.cancel}: ${name}`}
          onClick={() =>
            ask({
              title: words.cancelTitle(name),
              text: words.cancelText(format.number(plan.left)),
              verb: words.cancel,
              danger: true,
              act: () => cancel.mutateAsync({ path }),
              done: words.cancelled,
            })
          }
        >
          {words.cancel}
        </Button>
      )}
      {state === 'draft' && business_id !== null && (
        <Button
          size={size}
          aria-label={`${words.discard}: ${name}`}
          onClick={() =>
            ask({
              title: words.discardTitle,
              text: words.discardText,
              verb: words.discard,
              danger: true,
              act: () => discard.mutateAsync({ path }),
            })
          }
        >
          {words.discard}
        </Button>
      )}
    </Space>
  );
}
