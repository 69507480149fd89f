import type { ReactNode } from 'react';
import { useWords } from '../../words/index.tsx';
import css from './phone.module.css';
import { type Piece, type Preview, piecesOf } from './preview.ts';

/** A text as it stands on a phone, and what it takes. */
export function Phone({ preview, price, children }: { preview: Preview; price?: string; children?: ReactNode }) {
  const { text } = useWords();
  return (
    <figure className={css.phone} aria-label={text.phone}>
      <div className={css.screen}>
        <div className={css.speaker} aria-hidden="true" />
        <div className={css.bubble}>
          {preview.text === '' ? (
            <span className="quiet">{text.empty}</span>
          ) : (
            <Marked text={preview.text} banned={false} />
          )}
        </div>
        {children}
      </div>
      <figcaption className={css.counter} aria-live="polite">
        <Counter preview={preview} {...(price !== undefined && { price })} />
      </figcaption>
    </figure>
  );
}

/** Segments of a text, its alphabet, what is free in the last one, and what it costs. */
export function Counter({ preview, price }: { preview: Preview; price?: string }) {
  const { text, common } = useWords();
  return (
    <span className={css.facts}>
      <strong>{common.segments(preview.segments)}</strong>
      <span>{preview.wide ? text.wide : text.narrow}</span>
      <span>{text.free(preview.free)}</span>
      {price !== undefined && <span>{price}</span>}
    </span>
  );
}

const KIND: Record<Piece['kind'], string | undefined> = {
  plain: undefined,
  variable: css.variable,
  banned: css.banned,
};

/**
 * A text with its variables marked, and what may not stand in a template.
 * @param banned false for a whole text, in which a signature stands in brackets
 */
export function Marked({ text, banned = true }: { text: string; banned?: boolean }) {
  let at = 0;
  return piecesOf(text).map((piece) => {
    const key = at;
    at += piece.text.length;
    const className = banned || piece.kind !== 'banned' ? KIND[piece.kind] : undefined;
    return className === undefined ? (
      <span key={key}>{piece.text}</span>
    ) : (
      <mark key={key} className={className}>
        {piece.text}
      </mark>
    );
  });
}
