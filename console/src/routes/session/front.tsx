import type { ReactNode } from 'react';
import { LanguageMenu, LookMenu } from '../../parts/shell/menus.tsx';
import seal from '../../parts/shell/seal.svg';
import { useWords } from '../../words/index.tsx';
import css from './front.module.css';

/** The page outside: one form, and nothing else. */
export function Front({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  const { session } = useWords();
  return (
    <div className={css.front}>
      <header className={css.top}>
        <LanguageMenu />
        <LookMenu />
      </header>
      <main className={css.main}>
        <div className={css.brand}>
          <img src={seal} width={40} height={40} alt="" />
          <div>
            <div className={css.name}>Signet</div>
            <div className={css.lead}>{session.lead}</div>
          </div>
        </div>
        <div className={css.card}>
          <h1 className={css.title}>{title}</h1>
          {text !== undefined && <p className={css.text}>{text}</p>}
          {children}
        </div>
      </main>
    </div>
  );
}
