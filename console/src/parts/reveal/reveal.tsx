import { Button, Tooltip } from 'antd';
import { useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useWords } from '../../words/index.tsx';

/** Whether numbers are shown in full. */
export interface Reveal {
  revealed: boolean;
  toggle(): void;
}

/**
 * Numbers are whole only while the page stands still: each time they are asked for is an entry in the audit log, and a
 * list that follows what happens would write one every second.
 */
export function useReveal({ paused, setPaused }: { paused: boolean; setPaused(paused: boolean): void }): Reveal {
  const [wanted, setWanted] = useState(false);
  const revealed = wanted && paused;
  return {
    revealed,
    toggle: () => {
      setWanted(!revealed);
      setPaused(!revealed);
    },
  };
}

/** Shows numbers in full and hides them again, for roles that may. */
export function RevealButton({ reveal: { revealed, toggle } }: { reveal: Reveal }) {
  const { common } = useWords();
  const may = useMay();
  if (!may('numbers:reveal')) return null;
  return (
    <Tooltip title={common.revealNote}>
      <Button onClick={toggle}>{revealed ? common.hideNumbers : common.revealNumbers}</Button>
    </Tooltip>
  );
}
