import { useMemo } from 'react';
import { useWords } from '../../words/index.tsx';
import css from './diff.module.css';
import { diffOf } from './diff.ts';

/** What a text was and what it is now, side by side, with what differs marked. */
export function Diff({ name, before, after }: { name: string; before: string | null; after: string }) {
  const { reviews: words } = useWords();
  const pieces = useMemo(() => (before === null ? [] : diffOf(before, after)), [before, after]);
  if (before === null || before === after) {
    return (
      <div className={css.field}>
        <div className={css.name}>{name}</div>
        <div className={css.plain}>{after === '' ? <span className="quiet">{words.nothing}</span> : after}</div>
      </div>
    );
  }
  return (
    <div className={css.field}>
      <div className={css.name}>
        {name} <span className={css.changed}>{words.changed}</span>
      </div>
      <div className={css.sides}>
        <section className={css.text} aria-label={words.before}>
          {pieces
            .filter(({ kind }) => kind !== 'added')
            .map(({ kind, text }, i) =>
              kind === 'same' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
                <span key={i}>{text}</span>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
                <del key={i}>{text}</del>
              ),
            )}
        </section>
        <section className={css.text} aria-label={words.now}>
          {pieces
            .filter(({ kind }) => kind !== 'removed')
            .map(({ kind, text }, i) =>
              kind === 'same' ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
                <span key={i}>{text}</span>
              ) : (
                // biome-ignore lint/suspicious/noArrayIndexKey: pieces have no other name than their place
                <ins key={i}>{text}</ins>
              ),
            )}
        </section>
      </div>
    </div>
  );
}
