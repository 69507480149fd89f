import { App, Typography } from 'antd';
import { useWords } from '../../words/index.tsx';

/** Shows what is told only once, and can be copied; it stays until somebody says that they have it. */
export function useShowOnce(): (title: string, secrets: readonly (readonly [name: string, value: string])[]) => void {
  const { modal } = App.useApp();
  const { common } = useWords();
  return (title, secrets) => {
    modal.info({
      title,
      okText: common.close,
      width: 560,
      content: (
        <>
          <p>{common.shownOnce}</p>
          {secrets.map(([name, value]) => (
            <div key={name} style={{ marginBottom: 8 }}>
              <div className="quiet">{name}</div>
              <Typography.Text copyable={{ tooltips: [common.copy, common.copied] }} className="mono">
                {value}
              </Typography.Text>
            </div>
          ))}
        </>
      ),
    });
  };
}
