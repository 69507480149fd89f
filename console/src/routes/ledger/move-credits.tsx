import { Button, Form, Input, InputNumber, Modal } from 'antd';
import { useState } from 'react';
import { useChange } from '../../api/hooks.ts';
import { newRequestKey } from '../../lib/request-key.ts';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';

const TOUCHED = [
  'GET /businesses',
  'GET /businesses/{business}',
  'GET /businesses/{business}/statement',
  'GET /ledger/check',
] as const;
const MOST = 1_000_000_000_000;

interface Values {
  credits: number;
  reason?: string;
}

/** Gives a business credits, or corrects what it has; both stay in its statement for ever. */
export function MoveCredits({ business, name }: { business: string; name: string }) {
  const { ledger: words } = useWords();
  const [open, setOpen] = useState<'topUp' | 'correct' | null>(null);
  return (
    <div style={{ display: 'flex', gap: 8 }}>
      <Button type="primary" onClick={() => setOpen('topUp')}>
        {words.topUp}
      </Button>
      <Button onClick={() => setOpen('correct')}>{words.correct}</Button>
      {open !== null && <Move key={open} kind={open} business={business} name={name} onClose={() => setOpen(null)} />}
    </div>
  );
}

function Move({
  kind,
  business,
  name,
  onClose,
}: {
  kind: 'topUp' | 'correct';
  business: string;
  name: string;
  onClose: () => void;
}) {
  const { ledger: words, common } = useWords();
  const tell = useTell();
  const [form] = Form.useForm<Values>();
  const topUp = useChange('POST /businesses/{business}/top-up', TOUCHED);
  const correct = useChange('POST /businesses/{business}/correction', TOUCHED);
  const change = kind === 'topUp' ? topUp : correct;
  // One for as long as the form is open: pressed twice, or tried again when no answer came, it moves credits once.
  const [idempotencyKey] = useState(newRequestKey);
  const finish = async ({ credits, reason = '' }: Values) => {
    const path = { business };
    const extras = { idempotencyKey };
    const moved =
      kind === 'topUp'
        ? topUp.mutateAsync({ path, body: { credits, ...(reason !== '' && { reason }) }, extras })
        : correct.mutateAsync({ path, body: { credits, reason }, extras });
    await moved.then(
      () => {
        tell.done(words.moved);
        onClose();
      },
      () => {},
    );
  };
  const required = { required: true, message: common.required };
  return (
    <Modal
      open
      title={kind === 'topUp' ? words.topUpTitle(name) : words.correctTitle(name)}
      okText={kind === 'topUp' ? words.topUp : words.correct}
      cancelText={common.cancel}
      confirmLoading={change.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <ProblemNote error={change.error} />
      <Form form={form} layout="vertical" onFinish={finish}>
        <Form.Item
          name="credits"
          label={words.credits}
          rules={[required]}
          {...(kind === 'correct' && { extra: words.correctHint })}
        >
          <InputNumber<number>
            min={kind === 'topUp' ? 1 : -MOST}
            max={MOST}
            precision={0}
            autoFocus
            style={{ width: '100%' }}
          />
        </Form.Item>
        <Form.Item name="reason" label={words.reason} rules={kind === 'correct' ? [required] : []}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
