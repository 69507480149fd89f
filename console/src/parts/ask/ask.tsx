import { App } from 'antd';
import type { ReactNode } from 'react';
import { useWords } from '../../words/index.tsx';
import { useTell } from '../say/problem.tsx';

export interface Question {
  title: string;
  text?: ReactNode;
  /** What the button says: the verb itself, not "OK". */
  verb: string;
  /** Whether it cannot be taken back. */
  danger?: boolean;
  act: () => Promise<unknown>;
  done?: string;
}

/** Asks before something happens, does it, and tells how it went. */
export function useAsk(): (question: Question) => void {
  const { modal } = App.useApp();
  const { common } = useWords();
  const tell = useTell();
  return ({ title, text, verb, danger = false, act, done }) => {
    modal.confirm({
      title,
      content: text,
      okText: verb,
      cancelText: common.cancel,
      okButtonProps: { danger },
      autoFocusButton: danger ? 'cancel' : 'ok',
      onOk: async () => {
        try {
          await act();
          if (done !== undefined) tell.done(done);
        } catch (error) {
          tell.problem(error);
        }
      },
    });
  };
}
