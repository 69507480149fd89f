import { Button, Form, Input, Modal, Tabs } from 'antd';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useChange, useLook } from '../../api/hooks.ts';
import { useMay, useMember } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { ChooseBusiness, useBusiness } from '../../parts/business/business.tsx';
import { Download } from '../../parts/download/download.tsx';
import { phoneText, useFormat } from '../../parts/format/format.ts';
import { Page, Teach, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';

type List = 'opt-outs' | 'blacklist';

/** Who is not written to: who opted out of marketing, and who is on the blacklist for everything. */
export function Lists() {
  const { lists: words } = useWords();
  const [{ tab = 'opt-outs' }, change] = useFilters<'tab'>();
  return (
    <Page title={words.title} lead={words.lead}>
      <Tabs
        activeKey={tab}
        destroyOnHidden
        onChange={(key) => change({ tab: key === 'opt-outs' ? '' : key })}
        items={[
          { key: 'opt-outs', label: words.optOuts, children: <OneList list="opt-outs" /> },
          { key: 'blacklist', label: words.blacklist, children: <OneList list="blacklist" /> },
        ]}
      />
    </Page>
  );
}

function OneList({ list }: { list: List }) {
  const { lists: words, common } = useWords();
  const may = useMay();
  const ask = useAsk();
  const format = useFormat();
  const staff = useMember().business_id === null;
  const business = useBusiness();
  const [{ cursor }] = useFilters<'cursor'>();
  const scope = staff && business !== null ? { business_id: business } : {};
  // A blacklist without a business is the installation's own.
  const ready = list === 'blacklist' || business !== null;
  const query = useLook(
    `GET /${list}`,
    { query: { ...scope, ...(cursor !== undefined && { cursor }) } },
    { enabled: ready },
  );
  const remove = useChange(`DELETE /${list}/{to}`, [`GET /${list}`]);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <p className="quiet">{list === 'opt-outs' ? words.optOutsText : words.blacklistText}</p>
      <Toolbar>
        <ChooseBusiness optional={list === 'blacklist'} />
        {ready && <Download href={addressOf(`GET /${list}.csv`, { query: scope })}>{common.download}</Download>}
        {ready && may('lists:manage') && <Button onClick={() => setAdding(true)}>{words.add}</Button>}
      </Toolbar>
      {!ready ? (
        <Teach title={words.chooseTitle} text={words.chooseText} />
      ) : (
        <ListTable
          label={list === 'opt-outs' ? words.optOuts : words.blacklist}
          query={query}
          rowKey={({ to }) => to}
          empty={<Teach title={words.noneTitle} text={words.noneText} />}
          columns={[
            { title: common.number, render: (_, { to }) => <span className="number">{phoneText(to)}</span> },
            { title: words.since, render: (_, { since }) => format.time(since) },
            { title: words.source, render: (_, { source }) => words.sources[source] },
            { title: words.note, render: (_, { note }) => note },
            {
              title: common.actions,
              render: (_, { to }) =>
                may('lists:manage') && (
                  <Button
                    size="small"
                    type="text"
                    onClick={() =>
                      ask({
                        title: words.removeTitle(phoneText(to)),
                        text: words.removeText,
                        verb: words.takeOff,
                        act: () => remove.mutateAsync({ path: { to }, query: scope }),
                        done: common.removed,
                      })
                    }
                  >
                    {words.takeOff}
                  </Button>
                ),
            },
          ]}
        />
      )}
      {adding && <AddNumbers list={list} business={business} onClose={() => setAdding(false)} />}
    </>
  );
}

function AddNumbers({ list, business, onClose }: { list: List; business: string | null; onClose: () => void }) {
  const { lists: words, common } = useWords();
  const tell = useTell();
  const [form] = Form.useForm<{ numbers: string; note?: string }>();
  const add = useChange(`POST /${list}`, [`GET /${list}`]);
  const finish = ({ numbers, note = '' }: { numbers: string; note?: string }) =>
    add
      .mutateAsync({
        body: {
          recipients: numbers.split(/[\s,;]+/).filter((number) => number !== ''),
          note,
          ...(business !== null && { business_id: Number(business) }),
        },
      })
      .then(
        ({ changed }) => {
          tell.done(words.added(changed));
          onClose();
        },
        () => {},
      );
  return (
    <Modal
      open
      title={words.add}
      okText={words.add}
      cancelText={common.cancel}
      confirmLoading={add.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <ProblemNote error={add.error} />
      <Form form={form} layout="vertical" onFinish={finish}>
        <Form.Item
          name="numbers"
          label={words.numbers}
          extra={words.numbersHint}
          rules={[{ required: true, message: common.required }]}
        >
          <Input.TextArea rows={4} autoFocus className="number" />
        </Form.Item>
        <Form.Item name="note" label={words.note}>
          <Input maxLength={200} />
        </Form.Item>
      </Form>
    </Modal>
  );
}
