import { Link } from '@tanstack/react-router';
import { Form, Input, Modal, Select, type TableColumnsType } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { BusinessList, useOfBusiness } from '../../parts/business/business-list.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useShowOnce } from '../../parts/secret/shown-once.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';

type Webhook = Schemas['Webhook'];

/** Where a business is told what becomes of its messages. */
export function Webhooks() {
  const { webhooks: words } = useWords();
  const query = useLook('GET /webhooks', { query: useOfBusiness() }, { everyMs: 10_000 });
  return (
    <BusinessList
      words={words}
      query={query}
      columns={useColumns()}
      manage="webhooks:manage"
      form={(business, close) => <AddWebhook business={business} onClose={close} />}
    />
  );
}

function useColumns(): TableColumnsType<Webhook> {
  const { webhooks: words, common } = useWords();
  const format = useFormat();
  return [
    {
      title: words.url,
      render: (_, { id, url, description }) => (
        <>
          <Link to="/webhooks/$id" params={{ id: String(id) }}>
            {url}
          </Link>
          {description !== '' && <div className="quiet">{description}</div>}
        </>
      ),
    },
    { title: common.business, render: (_, { business_id: id }) => id },
    { title: common.state, render: (_, webhook) => <WebhookTag webhook={webhook} /> },
    {
      title: words.waiting,
      align: 'right',
      className: 'number',
      render: (_, { waiting }) => format.number(waiting),
    },
    { title: words.retry, render: (_, { retry_at: at }) => (at === null ? '' : format.ago(at)) },
  ];
}

/** How a webhook stands: also one that is enabled may not get through. */
export function WebhookTag({ webhook: { state, failures } }: { webhook: Webhook }) {
  const { webhooks: words } = useWords();
  if (state === 'disabled') return <Pill tone="rest">{words.disabled}</Pill>;
  return failures > 0 ? <Pill tone="bad">{words.failing(failures)}</Pill> : <Pill tone="good">{words.active}</Pill>;
}

function AddWebhook({ business, onClose }: { business: string; onClose: () => void }) {
  const { webhooks: words, common } = useWords();
  const showOnce = useShowOnce();
  const [form] = Form.useForm<Schemas['NewWebhook']>();
  const create = useChange('POST /webhooks', ['GET /webhooks']);
  const finish = ({ callbacks = [], ...body }: Schemas['NewWebhook']) =>
    create
      .mutateAsync({
        body: { ...body, business_id: Number(business), ...(callbacks.length > 0 && { callbacks }) },
      })
      .then(
        ({ secret, username }) => {
          onClose();
          if (secret === undefined) return;
          showOnce(words.made, [
            [words.username, username],
            [words.secret, secret],
          ]);
        },
        () => {},
      );
  return (
    <Modal
      open
      title={words.add}
      okText={common.create}
      cancelText={common.cancel}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <ProblemNote error={create.error} />
      <Form form={form} layout="vertical" onFinish={finish}>
        <Form.Item
          name="url"
          label={words.url}
          extra={words.urlHint}
          rules={[{ required: true, message: common.required }]}
        >
          <Input maxLength={2048} autoFocus placeholder="https://" />
        </Form.Item>
        <Form.Item name="callbacks" label={words.callbacks} extra={words.callbacksHint}>
          <Select mode="multiple" options={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))} />
        </Form.Item>
        <Form.Item name="description" label={words.description}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
