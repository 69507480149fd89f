import { Link } from '@tanstack/react-router';
import { Button, Form, Input, InputNumber, Modal, Select, Switch, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Teach } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useShowOnce } from '../../parts/secret/shown-once.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';

type Business = Schemas['Business'];

/** Who sends through this installation. */
export function Businesses() {
  const { businesses: words } = useWords();
  const may = useMay();
  const [{ cursor, new: wanted }, change] = useFilters<'cursor' | 'new'>();
  const query = useLook('GET /businesses', { query: cursor === undefined ? {} : { cursor } });
  const [adding, setAdding] = useState(wanted !== undefined);
  const close = () => {
    setAdding(false);
    if (wanted !== undefined) change({ new: '' });
  };
  const add = may('businesses:manage') && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      <ListTable
        label={words.title}
        query={query}
        columns={useColumns()}
        rowKey={(row) => row.business_id}
        empty={<Teach title={words.noneTitle} text={words.noneText} action={add} />}
      />
      {adding && may('businesses:manage') && <AddBusiness onClose={close} />}
    </Page>
  );
}

function useColumns(): TableColumnsType<Business> {
  const { businesses: words, common } = useWords();
  const format = useFormat();
  return [
    {
      title: common.name,
      render: (_, { business_id: id, user, admin }) => (
        <>
          <Link to="/businesses/$id" params={{ id: String(id) }}>
            {user}
          </Link>{' '}
          <span className="quiet">{id}</span> {admin && <Pill tone="calm">{words.platform}</Pill>}
        </>
      ),
    },
    {
      title: common.state,
      render: (_, { state }) => <Pill tone={state === 'active' ? 'good' : 'bad'}>{words.states[state]}</Pill>,
    },
    {
      title: words.available,
      align: 'right',
      className: 'number',
      render: (_, { available }) => format.number(available),
    },
    {
      title: words.reserved,
      align: 'right',
      className: 'number',
      render: (_, { reserved }) => format.number(reserved),
    },
    { title: words.weight, align: 'right', className: 'number', render: (_, { weight }) => weight },
    { title: words.timeZone, render: (_, { time_zone: zone }) => zone },
    { title: words.created, render: (_, { created_at: at }) => format.day(at) },
  ];
}

function AddBusiness({ onClose }: { onClose: () => void }) {
  const { businesses: words, common } = useWords();
  const showOnce = useShowOnce();
  const [form] = Form.useForm<Schemas['NewBusiness']>();
  const create = useChange('POST /businesses', ['GET /businesses']);
  const finish = (body: Schemas['NewBusiness']) =>
    create.mutateAsync({ body }).then(
      ({ user, password, api_key: key, api_secret: secret }) => {
        onClose();
        const secrets: [string, string][] = [[words.userName, user]];
        if (password !== undefined) secrets.push([words.password, password]);
        if (key !== undefined && secret !== undefined) secrets.push([words.apiKey, key], [words.apiSecret, secret]);
        showOnce(words.created1(user), secrets);
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
      <Form
        form={form}
        layout="vertical"
        initialValues={{
          time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
          default_country: 'CN',
          credits: 0,
        }}
        onFinish={finish}
      >
        <Form.Item
          name="name"
          label={common.name}
          extra={words.nameRule}
          rules={[{ required: true, message: common.required }]}
        >
          <Input maxLength={64} autoFocus />
        </Form.Item>
        <Form.Item name="credits" label={words.firstCredits}>
          <InputNumber min={0} max={1_000_000_000_000} precision={0} style={{ width: '100%' }} />
        </Form.Item>
        <Form.Item name="default_country" label={words.country} extra={words.countryHint}>
          <Input maxLength={2} style={{ width: 100 }} />
        </Form.Item>
        <Form.Item name="time_zone" label={words.timeZone}>
          <TimeZoneSelect />
        </Form.Item>
        <Form.Item name="api_key" label={words.withKey} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Form>
    </Modal>
  );
}

/** All time zones of the browser. */
export function TimeZoneSelect(props: { value?: string; onChange?: (value: string) => void; id?: string }) {
  return (
    <Select
      {...props}
      showSearch
      options={Intl.supportedValuesOf('timeZone').map((value) => ({ value, label: value }))}
    />
  );
}
