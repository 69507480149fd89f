import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useChange, useLook, useUpload } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay } from '../../api/session.ts';
import { useFormat } from '../../parts/format/format.ts';
import { Teach, Toolbar } from '../../parts/page/page.tsx';
import { useFilters } from '../../parts/table/filters.ts';
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

const TOUCHED = ['GET /channels/{id}/costs'] as const;
const MICROS = 1_000_000;

/** What a channel's carrier charges. */
export function ChannelCosts({ id }: { id: string }) {
  const { prices: words, common } = useWords();
  const may = useMay();
  const format = useFormat();
  const path = { id };
  const [{ cursor }] = useFilters<'cursor'>();
  const [adding, setAdding] = useState(false);
  const query = useLook('GET /channels/{id}/costs', { path, query: cursor === undefined ? {} : { cursor } });
  const upload = useUpload('POST /channels/{id}/costs', TOUCHED);
  const remove = useChange('DELETE /channel-costs/{id}', TOUCHED);
  const manage = may('prices:manage');
  const columns = useTariffColumns<Schemas['ChannelCost']>(
    { title: words.cost, render: (_, { micros, currency }) => format.money(micros, currency) },
    manage
      ? [
          {
            title: common.actions,
            render: (_, row) => (
              <RemoveRow
                text={words.removeCostText}
                remove={() => remove.mutateAsync({ path: { id: String(row.id) } })}
              />
            ),
          },
        ]
      : [],
  );
  const add = manage && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {words.addCost}
    </Button>
  );
  return (
    <>
      <p className="quiet">{words.costsLead}</p>
      {manage && (
        <Toolbar>
          {add}
          <UploadRows hint={words.costUploadHint} upload={(file) => upload.mutateAsync({ path, file })} />
        </Toolbar>
      )}
      <ListTable
        label={words.costs}
        query={query}
        columns={columns}
        rowKey={(row) => row.id}
        empty={<Teach title={words.noCostTitle} text={words.noCostText} action={add} />}
      />
      {adding && <AddCost id={id} onClose={() => setAdding(false)} />}
    </>
  );
}

function AddCost({ id, onClose }: { id: string; onClose: () => void }) {
  const { prices: words, common } = useWords();
  const put = useChange('POST /channels/{id}/costs', TOUCHED);
  return (
    <AddRow<TypedRow & { cost: string; currency: string }>
      title={words.addCost}
      put={put}
      onPut={({ cost, currency, ...row }) =>
        put.mutateAsync({
          path: { id },
          body: { rows: [{ ...rowFields(row), micros: Math.round(Number(cost) * MICROS), currency }] },
        })
      }
      onClose={onClose}
    >
      <Form.Item
        name="cost"
        label={words.cost}
        extra={words.costHint}
        rules={[
          { required: true, message: common.required },
          { pattern: /^\d{1,3}(?:\.\d{1,6})?$/, message: words.costRule },
        ]}
      >
        <Input inputMode="decimal" maxLength={12} />
      </Form.Item>
      <Form.Item
        name="currency"
        label={words.currency}
        normalize={(typed: string) => typed.toUpperCase()}
        rules={[
          { required: true, message: common.required },
          { pattern: /^[A-Z]{3}$/, message: words.currencyRule },
        ]}
      >
        <Input maxLength={3} style={{ width: 100 }} />
      </Form.Item>
    </AddRow>
  );
}
