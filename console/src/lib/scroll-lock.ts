import { useLayoutEffect } from 'react';

/** Dialogs that keep the page from scrolling now. */
let locks = 0;

/** Keeps the page behind a dialog still; in place of `@rc-component/portal`'s, which adds a style to the page. */
export default function useScrollLocker(lock?: boolean): void {
  useLayoutEffect(() => {
    if (!lock) return;
    const { style } = document.body;
    locks++;
    style.overflowY = 'hidden';
    return () => {
      locks--;
      if (locks === 0) style.overflowY = '';
    };
  }, [lock]);
}
