import { segmentText } from '@signet/text';
import { Link } from '@tanstack/react-router';
import { Alert, Button, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { TEST_TEXT_MAX_LENGTH } from 'signet/domain/channel-test';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useMessageError } from '../../parts/say/message-error.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { MessageTag } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';
import { MessageSteps } from '../messages/message.tsx';

const LOOK_EVERY_MS = 1_000;

/** Sends one real text over one channel and shows what becomes of it. */
export function TestChannel({ channel }: { channel: Schemas['Channel'] }) {
  const { channels: words } = useWords();
  const may = useMay();
  const [open, setOpen] = useState(false);
  if (!may('channels:manage')) return null;
  return (
    <>
      <Button disabled={!channel.enabled} onClick={() => setOpen(true)}>
        {words.test}
      </Button>
      {open && <Dialog channel={channel} onClose={() => setOpen(false)} />}
    </>
  );
}

function Dialog({ channel: { id, name, state }, onClose }: { channel: Schemas['Channel']; onClose: () => void }) {
  const { channels: words, common } = useWords();
  const [form] = Form.useForm<{ to: string; text: string }>();
  const text = Form.useWatch('text', form) ?? '';
  const send = useChange('POST /channels/{id}/test', ['GET /messages', 'GET /plans']);
  const finish = (body: { to: string; text: string }) => send.mutate({ path: { id: String(id) }, body });
  const required = { required: true, whitespace: true, message: common.required };
  return (
    <Modal
      open
      title={words.testTitle(name)}
      okText={send.data === undefined ? words.testSend : words.testAgain}
      cancelText={common.close}
      confirmLoading={send.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <p className="quiet">{words.testText}</p>
      {state.link !== 'bound' && <Alert type="warning" showIcon title={words.testDown} style={{ marginBottom: 16 }} />}
      <ProblemNote error={send.error} />
      <Form form={form} layout="vertical" onFinish={finish}>
        <Form.Item name="to" label={common.number} extra={words.testTo} rules={[required]}>
          <Input inputMode="tel" autoComplete="off" maxLength={30} placeholder="+8613800138000" autoFocus />
        </Form.Item>
        <Form.Item
          name="text"
          label={words.testWords}
          extra={`${words.testSignature} ${text === '' ? '' : common.segments(segmentText(text).segments.length)}`}
          rules={[required]}
        >
          <Input.TextArea rows={3} maxLength={TEST_TEXT_MAX_LENGTH} />
        </Form.Item>
      </Form>
      {send.data !== undefined && <Fate key={send.data.message_id} id={send.data.message_id} />}
    </Modal>
  );
}

/** What becomes of the text that was sent, as it happens. */
function Fate({ id }: { id: string }) {
  const { channels: words } = useWords();
  const say = useMessageError();
  const { data } = useLook('GET /messages/{id}', { path: { id } }, { everyMs: LOOK_EVERY_MS });
  if (data === undefined) return null;
  return (
    <section aria-label={words.testFate} aria-live="polite">
      <p>
        <MessageTag state={data.state} />{' '}
        <Link to="/messages/$id" params={{ id }}>
          {words.testMore}
        </Link>
      </p>
      {data.error !== '' && <Alert type="error" showIcon title={say(data.error)} style={{ marginBottom: 12 }} />}
      <MessageSteps message={data} />
    </section>
  );
}
