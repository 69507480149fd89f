import { UploadOutlined } from '@ant-design/icons';
import type { UseMutationResult } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Select, type TableColumnsType, Tooltip, Upload } from 'antd';
import type { Dayjs } from 'dayjs';
import type { ReactNode } from 'react';
import type { ApiProblem } from '../../api/problem.ts';
import { momentOf, now } from '../../lib/time.ts';
import { useWords } from '../../words/index.tsx';
import { useAsk } from '../ask/ask.tsx';
import { DateField } from '../dates/dates.tsx';
import { useFormat } from '../format/format.ts';
import { ProblemNote, useTell } from '../say/problem.tsx';
import { Pill } from '../state/state-tag.tsx';

/** What rows of prices and of costs have in common. */
export interface TariffRow {
  id: number;
  prefix: string;
  category: 'verification' | 'notification' | 'marketing' | null;
  valid_from: string;
  in_force: boolean;
}

/** Columns of a table of prices or costs, with the amount between them. */
export function useTariffColumns<R extends TariffRow>(
  amount: TableColumnsType<R>[number],
  more: TableColumnsType<R> = [],
): TableColumnsType<R> {
  const { prices: words, states } = useWords();
  const format = useFormat();
  return [
    {
      title: words.prefix,
      render: (_, { prefix }) => (prefix === '' ? words.everyNumber : <span className="number">{`+${prefix}…`}</span>),
    },
    {
      title: words.category,
      render: (_, { category }) => (category === null ? words.anyCategory : states.category[category]),
    },
    { ...amount, align: 'right', className: 'number' },
    { title: words.validFrom, render: (_, row) => <span className="number">{format.time(row.valid_from)}</span> },
    {
      title: words.standing,
      render: (_, row) => {
        if (row.in_force) return <Pill tone="good">{words.inForce}</Pill>;
        return momentOf(row.valid_from) > now() ? (
          <Pill tone="calm">{words.toCome}</Pill>
        ) : (
          <Pill tone="rest">{words.over}</Pill>
        );
      },
    },
    ...more,
  ];
}

/** The button that takes a row away, once somebody has said yes. */
export function RemoveRow({ text, remove }: { text: string; remove: () => Promise<unknown> }) {
  const { prices: words, common } = useWords();
  const ask = useAsk();
  return (
    <Button
      size="small"
      type="text"
      danger
      onClick={() =>
        ask({ title: words.removeTitle, text, verb: common.remove, danger: true, act: remove, done: common.removed })
      }
    >
      {common.remove}
    </Button>
  );
}

/** Takes a table as a file: all of its rows, or none. */
export function UploadRows({ hint, upload }: { hint: string; upload: (file: Blob) => Promise<{ rows: number }> }) {
  const { prices: words } = useWords();
  const tell = useTell();
  const take = (file: Blob) => {
    upload(file).then(({ rows }) => tell.done(words.put(rows)), tell.problem);
    // It is sent here, and not by the component.
    return false;
  };
  return (
    <Upload accept=".csv,.xlsx,.txt" showUploadList={false} beforeUpload={take}>
      <Tooltip title={hint}>
        <Button icon={<UploadOutlined aria-hidden />}>{words.upload}</Button>
      </Tooltip>
    </Upload>
  );
}

/** What is typed of a row beside its amount. */
export interface TypedRow {
  prefix?: string;
  category?: NonNullable<TariffRow['category']> | '';
  valid_from?: Dayjs;
}

/** The same as the API takes it. */
export const rowFields = ({ prefix = '', category = '', valid_from: from }: TypedRow) => ({
  prefix: prefix.trim().replace(/^\+/, ''),
  category: category === '' ? null : category,
  ...(from && { valid_from: from.toISOString() }),
});

/** A form for one row; `children` ask for its amount. */
export function AddRow<V extends TypedRow>({
  title,
  put,
  onPut,
  onClose,
  children,
}: {
  title: string;
  put: Pick<UseMutationResult<unknown, ApiProblem>, 'error' | 'isPending'>;
  onPut: (values: V) => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
}) {
  const { prices: words, states, common } = useWords();
  const tell = useTell();
  const [form] = Form.useForm<V>();
  const finish = (values: V) =>
    onPut(values).then(
      () => {
        tell.done(words.put(1));
        onClose();
      },
      () => {},
    );
  return (
    <Modal
      open
      title={title}
      okText={common.save}
      cancelText={common.cancel}
      confirmLoading={put.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <ProblemNote error={put.error} />
      <Form<V> form={form} layout="vertical" initialValues={{ category: '' }} onFinish={finish}>
        <Form.Item
          name="prefix"
          label={words.prefix}
          extra={words.prefixHint}
          rules={[{ pattern: /^\s*\+?(?:[1-9]\d{0,14})?\s*$/, message: words.prefixRule }]}
        >
          <Input inputMode="numeric" maxLength={18} autoFocus />
        </Form.Item>
        <Form.Item name="category" label={words.category}>
          <Select
            options={[
              { value: '', label: words.anyCategory },
              ...Object.entries(states.category).map(([value, label]) => ({ value, label })),
            ]}
          />
        </Form.Item>
        {children}
        <Form.Item name="valid_from" label={words.validFrom} extra={words.validFromHint}>
          <DateField showTime />
        </Form.Item>
      </Form>
    </Modal>
  );
}
