import { type ReactNode, useEffect } from 'react';
import css from './page.module.css';

/** A screen: what it is, what can be done here, and what it shows. */
export function Page({
  title,
  lead,
  actions,
  children,
  narrow = false,
}: {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  /** For forms and texts, which are hard to read when they are wide. */
  narrow?: boolean;
}) {
  useEffect(() => {
    document.title = `${title} · Signet`;
  }, [title]);
  return (
    <div className={narrow ? css.narrow : css.page}>
      <header className={css.head}>
        <div className={css.words}>
          <h1 className={css.title}>{title}</h1>
          {lead !== undefined && <p className={css.lead}>{lead}</p>}
        </div>
        {actions !== undefined && <div className={css.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a screen, on a surface of its own. */
export function Panel({
  title,
  extra,
  children,
  flush = false,
}: {
  title?: string;
  extra?: ReactNode;
  children: ReactNode;
  /** Its content reaches the edges. */
  flush?: boolean;
}) {
  return (
    <section className={css.panel}>
      {title !== undefined && (
        <header className={css.panelHead}>
          <h2 className={css.panelTitle}>{title}</h2>
          {extra}
        </header>
      )}
      <div className={flush ? css.flush : css.panelBody}>{children}</div>
    </section>
  );
}

/** Filters and buttons above a list. */
export const Toolbar = ({ children }: { children: ReactNode }) => <div className={css.toolbar}>{children}</div>;

/** Where a list is empty: what would stand here, why it does not, and the next step. */
export function Teach({ title, text, action }: { title: string; text: ReactNode; action?: ReactNode }) {
  return (
    <div className={css.teach}>
      <svg viewBox="0 0 64 48" width="72" height="54" aria-hidden="true">
        <rect x="6" y="6" width="52" height="30" rx="8" className={css.teachBubble} />
        <path d="M18 36v8l10-8" className={css.teachBubble} />
        <path d="M16 17h26M16 25h16" className={css.teachLine} />
      </svg>
      <h2 className={css.teachTitle}>{title}</h2>
      <p className={css.teachText}>{text}</p>
      {action}
    </div>
  );
}

/** Names and values, one beside the other. */
export function Facts({ items }: { items: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className={css.facts}>
      {items.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
