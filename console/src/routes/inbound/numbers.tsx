import { Button, Form, Input, InputNumber } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { Panel, Teach } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';

/** Which business the numbers belong to that people write to. */
export function InboundNumbers() {
  const { inbound: words, common } = useWords();
  const may = useMay();
  const ask = useAsk();
  const [{ cursor }] = useFilters<'cursor'>();
  const query = useLook('GET /inbound-numbers', { query: cursor === undefined ? {} : { cursor } });
  const remove = useChange('DELETE /inbound-numbers/{id}', ['GET /inbound-numbers']);
  return (
    <>
      <p className="quiet">{words.numbersText}</p>
      {may('inbound:manage') && <AddNumber />}
      <ListTable
        label={words.numbers}
        query={query}
        rowKey={({ id }) => id}
        empty={<Teach title={words.noNumberTitle} text={words.numbersText} />}
        columns={[
          { title: common.number, render: (_, { number }) => <span className="number">{number}</span> },
          { title: words.business, render: (_, { business_id: id }) => id },
          { title: words.channel, render: (_, { channel_id: id }) => id ?? words.anyChannel },
          {
            title: common.actions,
            render: (_, { id, number }) =>
              may('inbound:manage') && (
                <Button
                  size="small"
                  type="text"
                  danger
                  onClick={() =>
                    ask({
                      title: words.removeNumber(number),
                      verb: common.remove,
                      danger: true,
                      act: () => remove.mutateAsync({ path: { id: String(id) } }),
                      done: common.removed,
                    })
                  }
                >
                  {common.remove}
                </Button>
              ),
          },
        ]}
      />
    </>
  );
}

function AddNumber() {
  const { inbound: words, common } = useWords();
  const tell = useTell();
  const [form] = Form.useForm<Schemas['NewInboundNumber']>();
  const create = useChange('POST /inbound-numbers', ['GET /inbound-numbers']);
  const required = [{ required: true, message: common.required }];
  return (
    <Panel title={words.addNumber}>
      <ProblemNote error={create.error} />
      <Form
        form={form}
        layout="inline"
        requiredMark={false}
        style={{ rowGap: 12 }}
        onFinish={({ channel_id: channel, ...body }) =>
          create.mutateAsync({ body: { ...body, ...(typeof channel === 'number' && { channel_id: channel }) } }).then(
            () => {
              form.resetFields();
              tell.done(common.saved);
            },
            () => {},
          )
        }
      >
        <Form.Item name="number" label={common.number} tooltip={words.numberHint} rules={required}>
          <Input maxLength={22} style={{ width: 180 }} />
        </Form.Item>
        <Form.Item name="business_id" label={words.business} rules={required}>
          <InputNumber min={1} precision={0} style={{ width: 110 }} />
        </Form.Item>
        <Form.Item name="channel_id" label={words.channel}>
          <InputNumber min={1} precision={0} style={{ width: 110 }} />
        </Form.Item>
        <Button htmlType="submit" loading={create.isPending}>
          {common.create}
        </Button>
      </Form>
    </Panel>
  );
}
