import { SendOutlined } from '@ant-design/icons';
import { useNavigate } from '@tanstack/react-router';
import { Alert, Button, Input, Radio } from 'antd';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useChange } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { instantOf, isoOf, now, wallTime } from '../../lib/time.ts';
import { Download } from '../../parts/download/download.tsx';
import { phoneText, useFormat } from '../../parts/format/format.ts';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';
import css from './send.module.css';

const HOUR_MS = 3_600_000;
/** Texts shown of those the server tells. */
const SHOWN = 5;

/** What would be sent and what it costs, once more; then it is, now or at a time. */
export function ConfirmDraft({
  draft,
  template,
  onBack,
}: {
  draft: Schemas['Draft'];
  template: Schemas['Template'];
  onBack: () => void;
}) {
  const { common, send: words } = useWords();
  const format = useFormat();
  const navigate = useNavigate();
  const tell = useTell();
  const [when, setWhen] = useState<'now' | 'later'>('now');
  const [wall, setWall] = useState(() => wallTime(now() + HOUR_MS, format.zone));
  const [problem, setProblem] = useState<unknown>(null);
  const confirm = useChange('POST /plans/{id}/confirm', ['GET /plans', 'GET /balance']);
  const id = String(draft.plan_id);
  const startAt = when === 'now' ? null : instantOf(wall, format.zone);
  const late = when === 'later' && (startAt === null || startAt < now());
  const short = draft.available_after < 0;

  const send = async () => {
    setProblem(null);
    try {
      await confirm.mutateAsync({ path: { id }, body: startAt === null ? {} : { start_at: isoOf(startAt) } });
      tell.done(startAt === null ? words.sending : words.scheduled);
      await navigate({ to: '/plans/$id', params: { id } });
    } catch (error) {
      setProblem(error);
    }
  };

  if (draft.state !== 'draft') {
    return (
      <Alert
        type="info"
        showIcon
        title={words.alreadySent}
        action={<Button onClick={() => void navigate({ to: '/plans/$id', params: { id } })}>{words.seePlan}</Button>}
      />
    );
  }
  const reasons = Object.entries(draft.rejected_by_reason) as [keyof typeof words.rejections, number][];
  return (
    <div className={css.columns}>
      <div>
        <ProblemNote error={problem} />
        <dl className={css.sum}>
          <div>
            <dt>{words.template}</dt>
            <dd>{template.name}</dd>
          </div>
          <div>
            <dt>{words.recipients}</dt>
            <dd className="number">{format.number(draft.accepted)}</dd>
          </div>
          <div>
            <dt>{words.segments}</dt>
            <dd className="number">{format.number(draft.segments)}</dd>
          </div>
          <div>
            <dt>{words.price}</dt>
            <dd className="number">{common.credits(format.number(draft.credits))}</dd>
          </div>
          <div>
            <dt>{words.balanceAfter}</dt>
            <dd className="number" data-short={short}>
              {common.credits(format.number(draft.available_after))}
            </dd>
          </div>
        </dl>
        {short && (
          <Alert
            type="error"
            showIcon
            title={words.short(format.number(-draft.available_after))}
            style={{ marginBottom: 16 }}
          />
        )}
        {draft.rejected > 0 && (
          <Alert
            type="warning"
            showIcon
            style={{ marginBottom: 16 }}
            title={words.rejected(format.number(draft.rejected))}
            description={
              <ul className={css.reasons}>
                {reasons.map(([reason, count]) => (
                  <li key={reason}>
                    {words.rejections[reason]}: {format.number(count)}
                  </li>
                ))}
              </ul>
            }
            action={
              <Download size="small" href={addressOf('GET /plans/{id}/rejected', { path: { id } })}>
                {common.download}
              </Download>
            }
          />
        )}
        <fieldset className={css.values}>
          <legend>{words.when}</legend>
          <Radio.Group
            value={when}
            onChange={(event) => setWhen(event.target.value as 'now' | 'later')}
            options={[
              { value: 'now', label: words.now },
              { value: 'later', label: words.later },
            ]}
          />
          {when === 'later' && (
            <div>
              <Input
                type="datetime-local"
                aria-label={words.startsAt}
                value={wall}
                status={late ? 'error' : ''}
                style={{ maxWidth: 240 }}
                onChange={(event) => setWall(event.target.value)}
              />
              <div className={late ? css.missing : 'quiet'}>{late ? words.past : words.zone(format.zone)}</div>
            </div>
          )}
        </fieldset>
        <div className={css.foot}>
          <Button onClick={onBack}>{common.back}</Button>
          <Button
            type="primary"
            icon={<SendOutlined aria-hidden />}
            disabled={short || late}
            loading={confirm.isPending}
            onClick={() => void send()}
          >
            {when === 'now' ? words.sendNow(format.number(draft.accepted)) : words.schedule}
          </Button>
        </div>
      </div>
      <section aria-label={words.preview}>
        <h3 className={css.previewTitle}>{words.preview}</h3>
        <ol className={css.previews}>
          {draft.preview.slice(0, SHOWN).map(({ line, to, text, segments }) => (
            <li key={line}>
              <div className={css.previewHead}>
                <span className="number">{phoneText(to)}</span>
                <span className="quiet">{common.segments(segments)}</span>
              </div>
              <div className={css.previewText}>{text}</div>
            </li>
          ))}
        </ol>
      </section>
    </div>
  );
}
