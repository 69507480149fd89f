import { Spin } from 'antd';
import { useWords } from '../../words/index.tsx';
import css from './shell.module.css';

/** While something is fetched. */
export function Wait() {
  const { common } = useWords();
  return (
    <div className={css.wait} role="status" aria-label={common.loading}>
      <Spin delay={200} />
    </div>
  );
}
