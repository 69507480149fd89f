import { PauseCircleOutlined, PlayCircleOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useRefresh } from '../../api/hooks.ts';
import { type LiveState, type Topic, useLive } from '../../api/live.ts';
import { after, useEvery } from '../../lib/time.ts';
import { useWords } from '../../words/index.tsx';
import css from './live-list.module.css';

/** Lists ask again at most this often, however much happens. */
const ASK_EVERY_MS = 700;
/** While nothing is told, lists ask by themselves. */
const ASK_WITHOUT_NEWS_MS = 5_000;

export interface LiveList {
  state: LiveState;
  paused: boolean;
  setPaused(paused: boolean): void;
}

/**
 * Keeps what routes answer fresh while the page is looked at: asks again when one of the topics tells something, a few
 * times a second at most.
 */
export function useLiveList(topics: readonly Topic[], routes: Parameters<ReturnType<typeof useRefresh>>[0]): LiveList {
  const [paused, setPaused] = useState(false);
  const refresh = useRefresh();
  const waiting = useRef<(() => void) | null>(null);
  const ask = () => {
    waiting.current ??= after(ASK_EVERY_MS, () => {
      waiting.current = null;
      void refresh(routes);
    });
  };
  const state = useLive(topics, ask, { paused });
  useEvery(ASK_WITHOUT_NEWS_MS, () => void refresh(routes), state === 'away');
  useEffect(() => () => waiting.current?.(), []);
  return { state, paused, setPaused };
}

/** Shows whether a list follows what happens, and stops it where somebody wants to read in peace. */
export function LiveSwitch({ live: { state, paused, setPaused } }: { live: LiveList }) {
  const { common } = useWords();
  const said = paused ? common.paused : state === 'away' ? common.liveAway : common.live;
  return (
    <span className={css.live}>
      <Tooltip title={said}>
        <span className={`${css.dot} ${css[state]}`} role="status" aria-label={said} />
      </Tooltip>
      <Button
        size="small"
        icon={paused ? <PlayCircleOutlined aria-hidden /> : <PauseCircleOutlined aria-hidden />}
        onClick={() => setPaused(!paused)}
      >
        {paused ? common.resumeList : common.pauseList}
      </Button>
    </span>
  );
}
