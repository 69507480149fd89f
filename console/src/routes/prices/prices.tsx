import { Button, Form, InputNumber } from 'antd';
import { useState } from 'react';
import { useChange, useLook, useUpload } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { ChooseBusiness, useBusiness } from '../../parts/business/business.tsx';
import { useBusinessNames } from '../../parts/choose/business.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Panel, Teach } from '../../parts/page/page.tsx';
import { Needs } from '../../parts/shell/not-here.tsx';
import { type Filters, useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import {
  AddRow,
  RemoveRow,
  rowFields,
  type TypedRow,
  UploadRows,
  useTariffColumns,
} from '../../parts/tariff/tariff.tsx';
import { useWords } from '../../words/index.tsx';
import { Quote } from './quote.tsx';

type Row = Schemas['PriceRow'];
const TOUCHED = ['GET /price-rows', 'GET /prices', 'GET /prices/quote'] as const;
const MOST_CREDITS = 1_000_000;

/** What a segment costs: the tables, for those who keep them; what they come to, for a business. */
export function Prices() {
  const { prices: words } = useWords();
  const staff = useMember().business_id === null;
  return (
    <Needs permission="prices:read">
      <Page title={words.title} lead={staff ? words.leadStaff : words.lead}>
        {staff ? <Table /> : <OwnPrices />}
        <Panel title={words.quote}>
          <Quote />
        </Panel>
      </Page>
    </Needs>
  );
}

/** The table of the installation, or of the business in the address. */
function Table() {
  const { prices: words, common } = useWords();
  const may = useMay();
  const business = useBusiness();
  const names = useBusinessNames();
  const format = useFormat();
  const [{ cursor }] = useFilters<'cursor'>();
  const [adding, setAdding] = useState(false);
  const of: Filters<'business_id'> = business === null ? {} : { business_id: business };
  const query = useLook('GET /price-rows', { query: { ...of, ...(cursor !== undefined && { cursor }) } });
  const upload = useUpload('POST /price-rows', TOUCHED);
  const remove = useChange('DELETE /price-rows/{id}', TOUCHED);
  const manage = may('prices:manage');
  const columns = useTariffColumns<Row>(
    { title: words.credits, render: (_, { credits }) => format.number(credits) },
    manage
      ? [
          {
            title: common.actions,
            render: (_, { id }) => (
              <RemoveRow text={words.removeText} remove={() => remove.mutateAsync({ path: { id: String(id) } })} />
            ),
          },
        ]
      : [],
  );
  const add = manage && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Panel
      title={business === null ? words.defaults : words.ofBusiness(names.get(Number(business)) ?? business)}
      extra={
        <div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
          <ChooseBusiness optional placeholder={words.defaults} />
          {manage && <UploadRows hint={words.uploadHint} upload={(file) => upload.mutateAsync({ query: of, file })} />}
          {add}
        </div>
      }
      flush
    >
      <ListTable
        label={words.table}
        query={query}
        columns={columns}
        rowKey={({ id }) => id}
        empty={
          <Teach
            title={words.noneTitle}
            text={business === null ? words.noneText : words.noneOfBusiness}
            action={add}
          />
        }
      />
      {adding && <AddPrice of={of} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function AddPrice({ of, onClose }: { of: Filters<'business_id'>; onClose: () => void }) {
  const { prices: words, common } = useWords();
  const put = useChange('POST /price-rows', TOUCHED);
  return (
    <AddRow<TypedRow & { credits: number }>
      title={words.add}
      put={put}
      onPut={(values) =>
        put.mutateAsync({ query: of, body: { rows: [{ ...rowFields(values), credits: values.credits }] } })
      }
      onClose={onClose}
    >
      <Form.Item name="credits" label={words.credits} rules={[{ required: true, message: common.required }]}>
        <InputNumber min={0} max={MOST_CREDITS} precision={0} style={{ width: '100%' }} />
      </Form.Item>
    </AddRow>
  );
}

/** What the member's own business pays, now and later. */
function OwnPrices() {
  const { prices: words } = useWords();
  const format = useFormat();
  const [{ cursor }] = useFilters<'cursor'>();
  const query = useLook('GET /prices', { query: cursor === undefined ? {} : { cursor } });
  const columns = useTariffColumns<Schemas['Price']>(
    { title: words.credits, render: (_, { credits }) => format.number(credits) },
    [{ title: words.scope, render: (_, { scope }) => words.scopes[scope] }],
  );
  return (
    <Panel title={words.table} flush>
      <ListTable
        label={words.table}
        query={query}
        columns={columns}
        rowKey={({ id }) => id}
        empty={<Teach title={words.noneTitle} text={words.noneOwn} />}
      />
    </Panel>
  );
}
