import { CheckCircleOutlined, CheckOutlined, CloseOutlined, ExclamationCircleOutlined } from '@ant-design/icons';
import { Button, Input, type InputRef } from 'antd';
import { type Ref, useImperativeHandle, useRef, useState } from 'react';
import { REASON_MAX_LENGTH } from 'signet/domain/signature';
import { useChange, useLook } from '../../api/hooks.ts';
import { Diff } from '../../parts/diff/diff.tsx';
import { Evidence } from '../../parts/evidence/evidence.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Panel } from '../../parts/page/page.tsx';
import { Phone } from '../../parts/phone/bubble.tsx';
import { CHINESE_NUMBER, previewOf } from '../../parts/phone/preview.ts';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';
import css from './reviews.module.css';
import type { Waiting, WaitingSignature, WaitingTemplate } from './reviews.tsx';

/** What keys do to the item that is shown. */
export interface VerdictHandle {
  approve(): void;
  /** Goes to the reason; with one, it is rejected there. */
  reject(): void;
}

/** One item that waits: what it is, what was found about it, and the decision. */
export function Verdict({ waiting, ref }: { waiting: Waiting; ref: Ref<VerdictHandle> }) {
  const { reviews: words } = useWords();
  const tell = useTell();
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<unknown>(null);
  const reasonInput = useRef<InputRef & { focus(): void }>(null);
  const [asking, setAsking] = useState(false);
  const onSignature = useChange('POST /signatures/{id}/review', ['GET /review-queue', 'GET /signatures']);
  const onTemplate = useChange('POST /templates/{id}/review', ['GET /review-queue', 'GET /templates']);
  const busy = onSignature.isPending || onTemplate.isPending;

  const decide = async (state: 'approved' | 'rejected') => {
    if (busy) return;
    if (state === 'rejected' && reason.trim() === '') {
      setAsking(true);
      reasonInput.current?.focus();
      return;
    }
    setProblem(null);
    const input = {
      path: { id: String(waiting.item.id) },
      body: { state, ...(reason.trim() !== '' && { reason: reason.trim() }) },
    };
    try {
      await (waiting.kind === 'template' ? onTemplate : onSignature).mutateAsync(input);
      tell.done(state === 'approved' ? words.approved : words.rejected);
    } catch (error) {
      setProblem(error);
    }
  };
  useImperativeHandle(ref, () => ({ approve: () => void decide('approved'), reject: () => void decide('rejected') }));

  return (
    <div className={css.detail}>
      {waiting.kind === 'template' ? <TemplateFacts item={waiting.item} /> : <SignatureFacts item={waiting.item} />}
      <div className={css.decision}>
        <Panel title={words.decision}>
          <ProblemNote error={problem} />
          <Input.TextArea
            ref={reasonInput as never}
            aria-label={words.reason}
            placeholder={words.reasonHint}
            rows={1}
            maxLength={REASON_MAX_LENGTH}
            value={reason}
            status={asking && reason.trim() === '' ? 'error' : ''}
            onChange={(event) => setReason(event.target.value)}
          />
          <div className={css.asking} role="status">
            {asking && reason.trim() === '' ? words.reasonNeeded : ''}
          </div>
          <div className={css.buttons}>
            <Button
              type="primary"
              icon={<CheckOutlined aria-hidden />}
              loading={busy}
              onClick={() => void decide('approved')}
            >
              {words.approve}
            </Button>
            <Button danger icon={<CloseOutlined aria-hidden />} disabled={busy} onClick={() => void decide('rejected')}>
              {words.reject}
            </Button>
          </div>
        </Panel>
      </div>
    </div>
  );
}

function TemplateFacts({ item }: { item: WaitingTemplate }) {
  const { reviews: words, states } = useWords();
  const format = useFormat();
  const { approved } = item;
  const signature = useSignature(item.signature_id);
  const before = useSignature(approved?.signature_id ?? null);
  const preview = previewOf({ ...item, signature, values: {}, recipient: CHINESE_NUMBER });
  return (
    <Panel title={item.name}>
      <div className={css.facts}>
        <div>
          <p className="quiet">
            {words.from(item.user)} ·{' '}
            {approved === null ? words.isNew : words.compared(approved.version, format.day(approved.at))}
          </p>
          <Diff name={words.text} before={approved?.template ?? null} after={item.template} />
          <Diff name={words.name} before={approved?.name ?? null} after={item.name} />
          <Diff
            name={words.category}
            before={approved && states.category[approved.category]}
            after={states.category[item.category]}
          />
          <Diff name={words.signature} before={approved && (before ?? '')} after={signature ?? ''} />
          <Diff name={words.description} before={approved?.description ?? null} after={item.description} />
          <Checks checks={item.checks} />
        </div>
        <Phone preview={preview} />
      </div>
    </Panel>
  );
}

function useSignature(id: number | null): string | null {
  const { data } = useLook('GET /signatures/{id}', { path: { id: String(id) } }, { enabled: id !== null });
  return id === null ? null : (data?.signature ?? null);
}

function SignatureFacts({ item }: { item: WaitingSignature }) {
  const { reviews: words } = useWords();
  const format = useFormat();
  const { approved } = item;
  return (
    <Panel title={`【${item.signature}】`}>
      <p className="quiet">
        {words.from(item.user)} ·{' '}
        {approved === null ? words.isNew : words.compared(approved.version, format.day(approved.at))}
      </p>
      <Diff name={words.signature} before={approved?.signature ?? null} after={item.signature} />
      <Diff name={words.source} before={approved?.source ?? null} after={item.source} />
      <div className={css.evidence}>
        <div className="quiet">{words.evidence}</div>
        <Evidence pics={item.pics} />
      </div>
      <Checks checks={item.checks} />
    </Panel>
  );
}

function Checks({ checks }: { checks: WaitingTemplate['checks'] | WaitingSignature['checks'] }) {
  const { reviews: words } = useWords();
  return (
    <>
      <h3 className={css.checksTitle}>{words.checks}</h3>
      <ul className={css.checks}>
        {checks.map(({ name, good, found }) => (
          <li key={name} data-good={good}>
            {good ? (
              <CheckCircleOutlined aria-label={words.fine} />
            ) : (
              <ExclamationCircleOutlined aria-label={words.look} />
            )}
            <span>{good ? words.good[name] : words.bad[name](found)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
