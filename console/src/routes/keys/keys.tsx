import { Button, Form, Input, Modal, Select, type TableColumnsType, Tag } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { BusinessList, useOfBusiness } from '../../parts/business/business-list.tsx';
import { DateField } from '../../parts/dates/dates.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useShowOnce } from '../../parts/secret/shown-once.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';

type ApiKey = Schemas['ApiKey'];
const TOUCHED = ['GET /api-keys'] as const;

/** What programs sign in with. */
export function Keys() {
  const { keys: words } = useWords();
  const query = useLook('GET /api-keys', { query: useOfBusiness() });
  return (
    <BusinessList
      words={words}
      query={query}
      columns={useColumns()}
      manage="keys:manage"
      form={(business, close) => <AddKey business={business} onClose={close} />}
    />
  );
}

function useColumns(): TableColumnsType<ApiKey> {
  const { keys: words, common } = useWords();
  const format = useFormat();
  return [
    {
      title: words.key,
      render: (_, { api_key: key, description }) => (
        <>
          <span className="mono">{key}</span>
          {description !== '' && <div className="quiet">{description}</div>}
        </>
      ),
    },
    { title: common.business, render: (_, { business_id: id }) => id },
    {
      title: words.permissions,
      render: (_, { permissions }) => permissions.map((each) => <Tag key={each}>{words.may[each]}</Tag>),
    },
    {
      title: common.state,
      render: (_, { state }) => <Pill tone={state === 'active' ? 'good' : 'rest'}>{words.states[state]}</Pill>,
    },
    {
      title: words.addresses,
      render: (_, { allowed_addresses: from }) => (from.length === 0 ? words.anywhere : from.join(', ')),
    },
    { title: words.expires, render: (_, { expires_at: at }) => (at === null ? words.never : format.time(at)) },
    { title: words.lastUsed, render: (_, { last_used_at: at }) => (at === null ? words.never : format.ago(at)) },
    { title: common.actions, render: (_, key) => <KeyVerbs apiKey={key} /> },
  ];
}

function KeyVerbs({ apiKey: { id, api_key: name, state } }: { apiKey: ApiKey }) {
  const { keys: words, common } = useWords();
  const may = useMay();
  const ask = useAsk();
  const disable = useChange('POST /api-keys/{id}/disable', TOUCHED);
  const enable = useChange('POST /api-keys/{id}/enable', TOUCHED);
  const remove = useChange('DELETE /api-keys/{id}', TOUCHED);
  if (!may('keys:manage')) return null;
  const path = { id: String(id) };
  return (
    <>
      <Button size="small" type="text" onClick={() => (state === 'active' ? disable : enable).mutate({ path })}>
        {state === 'active' ? words.disable : words.enable}
      </Button>
      <Button
        size="small"
        type="text"
        danger
        onClick={() =>
          ask({
            title: words.removeTitle(name),
            text: words.removeText,
            verb: common.remove,
            danger: true,
            act: () => remove.mutateAsync({ path }),
            done: common.removed,
          })
        }
      >
        {common.remove}
      </Button>
    </>
  );
}

interface Values {
  description?: string;
  permissions: ApiKey['permissions'];
  expires?: Dayjs;
  addresses?: string[];
}

function AddKey({ business, onClose }: { business: string; onClose: () => void }) {
  const { keys: words, common } = useWords();
  const showOnce = useShowOnce();
  const [form] = Form.useForm<Values>();
  const create = useChange('POST /api-keys', TOUCHED);
  const finish = ({ description = '', permissions, expires, addresses = [] }: Values) =>
    create
      .mutateAsync({
        body: {
          business_id: Number(business),
          description,
          permissions,
          allowed_addresses: addresses,
          expires_at: expires?.toISOString() ?? null,
        },
      })
      .then(
        ({ api_key: key, api_secret: secret }) => {
          onClose();
          showOnce(words.made, [
            [words.key, key],
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
      <Form form={form} layout="vertical" initialValues={{ permissions: ['send'] }} onFinish={finish}>
        <Form.Item name="description" label={words.description} extra={words.descriptionHint}>
          <Input maxLength={200} autoFocus />
        </Form.Item>
        <Form.Item name="permissions" label={words.permissions} rules={[{ required: true, message: common.required }]}>
          <Select
            mode="multiple"
            options={(['send', 'read', 'manage'] as const).map((value) => ({ value, label: words.may[value] }))}
          />
        </Form.Item>
        <Form.Item name="addresses" label={words.addresses} extra={words.addressesHint}>
          <Select mode="tags" tokenSeparators={[',', ' ']} open={false} suffixIcon={null} />
        </Form.Item>
        <Form.Item name="expires" label={words.expires} extra={words.expiresHint}>
          <DateField showTime disabledDate={(day) => day.isBefore(dayjs(), 'day')} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
