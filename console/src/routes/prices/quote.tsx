import { Button, Form, Input, Select } from 'antd';
import { useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useBusiness } from '../../parts/business/business.tsx';
import { phoneText, useFormat } from '../../parts/format/format.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';

type Found = Schemas['PriceQuote'];
interface Asked {
  to: string;
  category: Found['category'];
}

/** Tells what a segment to a number costs, and which row says so. */
export function Quote() {
  const { prices: words, states, common } = useWords();
  const business = useBusiness();
  const [asked, setAsked] = useState<Asked | null>(null);
  const { data, error, isFetching, isPlaceholderData } = useLook(
    'GET /prices/quote',
    {
      query: {
        to: asked?.to ?? '',
        category: asked?.category ?? 'notification',
        ...(business !== null && { business_id: business }),
      },
    },
    { enabled: asked !== null },
  );
  return (
    <>
      <Form<Asked>
        layout="inline"
        requiredMark={false}
        initialValues={{ category: 'notification' }}
        onFinish={({ to, category }) => setAsked({ to: to.trim(), category })}
        style={{ rowGap: 12 }}
      >
        <Form.Item name="to" label={common.number} rules={[{ required: true, message: common.required }]}>
          <Input placeholder="+8613800138000" maxLength={30} style={{ width: 190 }} />
        </Form.Item>
        <Form.Item name="category" label={words.category}>
          <Select
            style={{ width: 150 }}
            options={Object.entries(states.category).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Button htmlType="submit" loading={isFetching}>
          {words.quoteAsk}
        </Button>
      </Form>
      <div aria-live="polite" style={{ marginTop: 12 }}>
        {asked !== null && <ProblemNote error={error} />}
        {asked !== null && error === null && data !== undefined && !isPlaceholderData && <Answer quote={data} />}
      </div>
    </>
  );
}

function Answer({ quote: { to, credits, scope, row } }: { quote: Found }) {
  const { prices: words, states } = useWords();
  const format = useFormat();
  return (
    <>
      <strong>{words.quoteAnswer(format.number(credits), phoneText(to))}</strong>
      <p className="quiet" style={{ margin: '2px 0 0' }}>
        {row === null
          ? words.quoteNone
          : words.quoteWhy(
              words.scopes[scope],
              row.prefix === '' ? words.everyNumber : `+${row.prefix}…`,
              row.category === null ? words.anyCategory : states.category[row.category],
              format.time(row.valid_from),
            )}
      </p>
    </>
  );
}
