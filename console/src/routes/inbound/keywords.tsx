import { Button, Form, Input, InputNumber } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import { useMay, useMember } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { ChooseBusiness, useBusiness } from '../../parts/business/business.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Panel, Teach, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';

/** Words at the beginning of what people write, and what answers them. */
export function Keywords() {
  const { inbound: words, common } = useWords();
  const may = useMay();
  const ask = useAsk();
  const format = useFormat();
  const staff = useMember().business_id === null;
  const business = useBusiness();
  const [{ cursor }] = useFilters<'cursor'>();
  const query = useLook('GET /keywords', {
    query: { ...(cursor !== undefined && { cursor }), ...(staff && business !== null && { business_id: business }) },
  });
  const remove = useChange('DELETE /keywords/{id}', ['GET /keywords']);
  return (
    <>
      <p className="quiet">{words.keywordsText}</p>
      <Toolbar>
        <ChooseBusiness optional />
      </Toolbar>
      {may('inbound:manage') && business !== null && <AddKeyword business={business} />}
      <ListTable
        label={words.keywords}
        query={query}
        rowKey={({ id }) => id}
        empty={<Teach title={words.noKeywordTitle} text={words.noKeywordText} />}
        columns={[
          { title: words.word, render: (_, { word }) => word },
          { title: words.business, render: (_, { business_id: id }) => id },
          { title: words.template, render: (_, { template_id: id }) => id ?? common.none },
          { title: words.shared, render: (_, { shared }) => (shared ? common.yes : common.no) },
          { title: words.since, render: (_, { created_at: at }) => format.day(at) },
          {
            title: common.actions,
            render: (_, { id, word }) =>
              may('inbound:manage') && (
                <Button
                  size="small"
                  type="text"
                  danger
                  onClick={() =>
                    ask({
                      title: words.removeKeyword(word),
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

function AddKeyword({ business }: { business: string }) {
  const { inbound: words, common } = useWords();
  const tell = useTell();
  const [form] = Form.useForm<{ word: string; template_id?: number | null }>();
  const create = useChange('POST /keywords', ['GET /keywords']);
  return (
    <Panel title={words.addKeyword}>
      <ProblemNote error={create.error} />
      <Form
        form={form}
        layout="inline"
        requiredMark={false}
        style={{ rowGap: 12 }}
        onFinish={({ word, template_id: template }) =>
          create
            .mutateAsync({
              body: {
                business_id: Number(business),
                word,
                ...(typeof template === 'number' && { template_id: template }),
              },
            })
            .then(
              () => {
                form.resetFields();
                tell.done(common.saved);
              },
              () => {},
            )
        }
      >
        <Form.Item name="word" label={words.word} rules={[{ required: true, message: common.required }]}>
          <Input maxLength={40} style={{ width: 160 }} />
        </Form.Item>
        <Form.Item name="template_id" label={words.template} tooltip={words.templateHint}>
          <InputNumber min={1} precision={0} style={{ width: 120 }} />
        </Form.Item>
        <Button htmlType="submit" loading={create.isPending}>
          {common.create}
        </Button>
      </Form>
    </Panel>
  );
}
