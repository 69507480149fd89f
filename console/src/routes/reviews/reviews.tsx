import { useEffect, useRef, useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import { useLiveReviews } from '../../api/live-reviews.ts';
import type { Schemas } from '../../api/schema.js';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Panel, Teach } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Needs } from '../../parts/shell/not-here.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { useWords } from '../../words/index.tsx';
import css from './reviews.module.css';
import { Verdict, type VerdictHandle } from './verdict.tsx';

export type WaitingTemplate = Schemas['TemplateInReview'];
export type WaitingSignature = Schemas['SignatureInReview'];

/** A signature or template that waits. */
export type Waiting =
  | { kind: 'signature'; key: string; item: WaitingSignature }
  | { kind: 'template'; key: string; item: WaitingTemplate };

const MOST = '100';
const LOOK_EVERY_MS = 15_000;

/** What waits for a decision, one beside the other, to be worked through by keyboard if one likes. */
export function Reviews() {
  return (
    <Needs permission="reviews:decide">
      <Queue />
    </Needs>
  );
}

function Queue() {
  const { navigation, states, reviews: words } = useWords();
  const format = useFormat();
  const [{ item: wanted }, change] = useFilters<'item'>();
  const { data, error, refetch } = useLook('GET /review-queue', { query: { limit: MOST } }, { everyMs: LOOK_EVERY_MS });
  useLiveReviews();
  const verdict = useRef<VerdictHandle>(null);
  const [helping, setHelping] = useState(false);

  const waiting: Waiting[] = [
    ...(data?.signatures ?? []).map((item) => ({ kind: 'signature' as const, key: `signature-${item.id}`, item })),
    ...(data?.templates ?? []).map((item) => ({ kind: 'template' as const, key: `template-${item.id}`, item })),
  ];
  const at = Math.max(
    0,
    waiting.findIndex(({ key }) => key === wanted),
  );
  const current = waiting[at];
  const go = (step: number) => {
    const next = waiting[at + step];
    if (next !== undefined) change({ item: next.key } as never);
  };

  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [role=dialog]')) return;
      const act = {
        j: () => go(1),
        k: () => go(-1),
        a: () => verdict.current?.approve(),
        r: () => verdict.current?.reject(),
      }[event.key];
      if (event.key === '?') setHelping((shown) => !shown);
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  });

  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  return (
    <Page title={navigation.pages.reviews} lead={words.lead(waiting.length)} actions={<Keys shown={helping} />}>
      {current === undefined ? (
        <Panel>
          <Teach title={words.emptyTitle} text={words.emptyText} />
        </Panel>
      ) : (
        <div className={css.split}>
          <nav className={css.queue} aria-label={navigation.pages.reviews}>
            <ul>
              {waiting.map(({ key, kind, item }) => (
                <li key={key}>
                  <button
                    type="button"
                    className={css.entry}
                    aria-current={key === current.key ? 'true' : undefined}
                    onClick={() => change({ item: key } as never)}
                  >
                    <span className={css.entryHead}>
                      <strong>{kind === 'template' ? item.name : `【${item.signature}】`}</strong>
                      <span className="quiet">{format.ago(item.updated_at)}</span>
                    </span>
                    <span className="quiet">
                      {kind === 'template' ? `${words.template} · ${states.category[item.category]}` : words.signature}{' '}
                      · {item.user}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </nav>
          <Verdict key={`${current.key}.${current.item.version}`} ref={verdict} waiting={current} />
        </div>
      )}
    </Page>
  );
}

function Keys({ shown }: { shown: boolean }) {
  const { reviews: words, common } = useWords();
  const keys = [
    ['j', words.keys.next],
    ['k', words.keys.previous],
    ['a', words.keys.approve],
    ['r', words.keys.reject],
  ] as const;
  return (
    <ul className={css.keys} aria-label={common.shortcuts} data-shown={shown}>
      {keys.map(([key, what]) => (
        <li key={key}>
          <kbd>{key}</kbd> {what}
        </li>
      ))}
    </ul>
  );
}
