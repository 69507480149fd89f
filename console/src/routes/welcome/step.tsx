import { CheckOutlined } from '@ant-design/icons';
import type { LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { LinkButton } from '../../parts/page/link-button.tsx';
import { useWords } from '../../words/index.tsx';
import css from './welcome.module.css';

export type StepState = 'done' | 'waiting' | 'now' | 'later';

/** One of the steps, and how far it is. */
export function Step({ state, title, children }: { state: StepState; title: string; children: ReactNode }) {
  const { welcome: words } = useWords();
  return (
    <li className={css.step} data-state={state} aria-current={state === 'now' ? 'step' : undefined}>
      <span className={css.mark} aria-hidden="true">
        {state === 'done' && <CheckOutlined />}
      </span>
      <div>
        <h2 className={css.title}>
          {title} <span className={css.word}>{words.states[state]}</span>
        </h2>
        <div className={css.text}>{children}</div>
      </div>
    </li>
  );
}

/** The way to where a step is done. */
export function Go({
  to,
  params,
  search,
  primary,
  children,
}: {
  to: NonNullable<LinkProps['to']>;
  params?: object;
  search?: object | undefined;
  primary: boolean;
  children: string;
}) {
  return (
    <div className={css.go}>
      <LinkButton
        to={to}
        {...(params && { params: params as never })}
        {...(search && { search: search as never })}
        primary={primary}
      >
        {children}
      </LinkButton>
    </div>
  );
}
