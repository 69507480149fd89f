import { Button, Form, InputNumber } from 'antd';
import { useChange } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Facts, Panel } from '../../parts/page/page.tsx';
import { useWords } from '../../words/index.tsx';

interface Values {
  overlap: number;
}

/** Where a carrier reports over HTTP, and a new address for that; the present one works on for a while. */
export function CallbackAddress({ channel }: { channel: Schemas['Channel'] }) {
  const { channels: words } = useWords();
  const format = useFormat();
  const may = useMay();
  const ask = useAsk();
  const renew = useChange('POST /channels/{id}/callback/renew', ['GET /channels', 'GET /channels/{id}']);
  const address = channel.http ?? channel.engagelab;
  if (address === undefined) return null;
  const { callback_path: path, earlier_callback: earlier } = address;
  const askToRenew = ({ overlap }: Values) =>
    ask({
      title: words.renewTitle(channel.name),
      text: words.renewText(overlap),
      verb: words.renew,
      danger: overlap === 0,
      act: () => renew.mutateAsync({ path: { id: String(channel.id) }, body: { overlap_hours: overlap } }),
    });
  return (
    <Panel title={words.callback}>
      <Facts
        items={[
          [words.callbackPath, mono(path)],
          ...(earlier === null ? [] : [[words.earlierPath(format.time(earlier.until)), mono(earlier.path)] as const]),
        ]}
      />
      {may('channels:manage') && (
        <Form<Values> layout="inline" initialValues={{ overlap: 24 }} onFinish={askToRenew} style={{ marginTop: 12 }}>
          <Form.Item name="overlap" label={words.overlapHours} rules={[{ required: true }]}>
            <InputNumber min={0} max={720} precision={0} />
          </Form.Item>
          <Button htmlType="submit">{words.renew}</Button>
        </Form>
      )}
    </Panel>
  );
}

const mono = (text: string) => <span className="mono">{text}</span>;
