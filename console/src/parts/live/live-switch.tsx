import { PauseOutlined, PlayCircleOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import type { LiveState } from '../../api/live.ts';
import { useWords } from '../../words/index.tsx';
import css from './live.module.css';

/** Shows whether a list follows what happens, and lets it stand still so that it can be read. */
export function LiveSwitch({
  state,
  paused,
  onChange,
}: {
  state: LiveState;
  paused: boolean;
  onChange: (paused: boolean) => void;
}) {
  const { common } = useWords();
  const word = paused ? common.paused : common.live;
  return (
    <span className={css.live}>
      <Tooltip title={state === 'away' ? common.liveAway : ''}>
        <span className={css.word} data-state={state} role="status">
          {word}
        </span>
      </Tooltip>
      <Button
        size="small"
        icon={paused ? <PlayCircleOutlined aria-hidden /> : <PauseOutlined aria-hidden />}
        onClick={() => onChange(!paused)}
      >
        {paused ? common.resumeList : common.pauseList}
      </Button>
    </span>
  );
}
