import { Button, Form, Input, InputNumber, Select, Table } from 'antd';
import { useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Pill, type Tone } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';
import { useReasons } from './reasons.ts';

type Explanation = Schemas['RouteExplanation'];
type Category = Explanation['category'];
interface Asked {
  to: string;
  category: Category;
  business?: number | null;
}

const STANDING: Record<Explanation['channels'][number]['standing'], Tone> = {
  up: 'good',
  broken: 'warn',
  down: 'bad',
  disabled: 'rest',
};

/** Tells which rule decides about a message, and which channel takes it now. */
export function Explain() {
  const { routing: words, states, common } = useWords();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { data, error, refetch, isFetching } = useLook(
    'GET /routes/explain',
    {
      query: {
        to: asked?.to ?? '',
        category: asked?.category ?? 'notification',
        business: String(asked?.business ?? ''),
      },
    },
    { enabled: asked !== null },
  );
  const ask = (values: Asked) => {
    setAsked({ ...values, to: values.to.trim() });
    if (asked !== null) void refetch();
  };
  return (
    <>
      <Form<Asked>
        layout="inline"
        requiredMark={false}
        initialValues={{ category: 'notification', business: 1 }}
        onFinish={ask}
        style={{ rowGap: 12, marginBottom: 12 }}
      >
        <Form.Item name="to" label={common.number} rules={[{ required: true, message: common.required }]}>
          <Input placeholder="+8613800138000" style={{ width: 180 }} />
        </Form.Item>
        <Form.Item name="category" label={words.category}>
          <Select
            style={{ width: 140 }}
            options={Object.entries(states.category).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Form.Item name="business" label={words.business} rules={[{ required: true, message: common.required }]}>
          <InputNumber min={1} precision={0} style={{ width: 100 }} />
        </Form.Item>
        <Button htmlType="submit" loading={isFetching}>
          {words.ask}
        </Button>
      </Form>
      {asked !== null && <ProblemNote error={error} />}
      {asked !== null && error === null && data !== undefined && <Answer explanation={data} />}
    </>
  );
}

function Answer({ explanation }: { explanation: Explanation }) {
  const { routing: words, common } = useWords();
  const { whole, route, channel } = useReasons();
  return (
    <div aria-live="polite">
      <p>
        <strong>{whole(explanation)}</strong>
      </p>
      {explanation.channels.length > 0 && (
        <Table
          size="small"
          pagination={false}
          rowKey="id"
          style={{ marginBottom: 12 }}
          dataSource={explanation.channels}
          columns={[
            { title: words.channel, render: (_, { name }) => name },
            { title: words.role, render: (_, { role }) => words.roles[role] },
            {
              title: words.standing,
              render: (_, { standing }) => <Pill tone={STANDING[standing]}>{words.standings[standing]}</Pill>,
            },
            {
              title: words.share,
              align: 'right',
              className: 'number',
              render: (_, { share }) => `${Math.round(share * 100)} %`,
            },
            { title: words.why, render: (_, each) => channel(each, explanation.sticky) },
          ]}
        />
      )}
      {explanation.routes.length > 0 && (
        <Table
          size="small"
          pagination={false}
          rowKey="id"
          dataSource={explanation.routes}
          columns={[
            { title: '#', render: (_, { position }) => position },
            { title: common.name, render: (_, { name }) => name },
            { title: words.fits, render: (_, { fits }) => (fits ? common.yes : common.no) },
            { title: words.why, render: (_, each) => route(each) },
          ]}
        />
      )}
    </div>
  );
}
