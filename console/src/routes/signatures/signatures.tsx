import { DeleteOutlined, EditOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Space, type TableColumnsType, Tooltip } from 'antd';
import { useState } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import { useLiveReviews } from '../../api/live-reviews.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { BusinessFilter } from '../../parts/choose/business.tsx';
import { Evidence } from '../../parts/evidence/evidence.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Teach, Toolbar } from '../../parts/page/page.tsx';
import { ReviewTag } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import { SignatureEditor } from './signature-editor.tsx';

type Signature = Schemas['Signature'];

/** Who texts come from. */
export function Signatures() {
  const { navigation, common, signatures: words } = useWords();
  useLiveReviews();
  const format = useFormat();
  const may = useMay();
  const { business_id } = useMember();
  const [{ cursor, business, new: wanted }, change] = useFilters<'cursor' | 'business' | 'new'>();
  const [edited, setEdited] = useState<Signature | 'new' | null>(wanted === undefined ? null : 'new');
  const close = () => {
    setEdited(null);
    if (wanted !== undefined) change({ new: '' });
  };
  const own = business_id !== null;
  const manage = own && may('signatures:manage');
  const query = useLook(
    'GET /signatures',
    { query: { ...(cursor && { cursor }), ...(business && { business_id: business }) } },
    { enabled: own || business !== undefined, everyMs: 15_000 },
  );
  const columns: TableColumnsType<Signature> = [
    {
      title: words.text,
      key: 'text',
      width: 220,
      render: (_, { signature }) => <strong>【{signature}】</strong>,
    },
    {
      title: words.source,
      key: 'source',
      render: (_, { source, review, reject_reason }) => (
        <>
          {source}
          {review === 'rejected' && reject_reason !== '' && (
            <div style={{ color: 'var(--bad)', fontSize: 12.5 }}>{reject_reason}</div>
          )}
        </>
      ),
    },
    { title: words.evidence, key: 'evidence', width: 180, render: (_, { pics }) => <Evidence pics={pics} small /> },
    { title: common.state, key: 'state', width: 110, render: (_, { review }) => <ReviewTag state={review} /> },
    { title: words.changed, key: 'updated', width: 140, render: (_, { updated_at }) => format.shortTime(updated_at) },
    ...(manage
      ? [
          {
            title: common.actions,
            key: 'actions',
            width: 90,
            render: (_: unknown, row: Signature) => <Actions row={row} onEdit={() => setEdited(row)} />,
          },
        ]
      : []),
  ];
  const create = manage && (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setEdited('new')}>
      {words.create}
    </Button>
  );
  return (
    <Page title={navigation.pages.signatures} lead={words.lead} actions={create}>
      {!own && (
        <Toolbar>
          <BusinessFilter all={false} />
        </Toolbar>
      )}
      {own || business !== undefined ? (
        <ListTable<Signature>
          label={navigation.pages.signatures}
          query={query}
          columns={columns}
          rowKey={({ id }) => id}
          empty={<Teach title={words.emptyTitle} text={words.emptyText} action={create} />}
        />
      ) : (
        <Teach title={words.chooseTitle} text={words.chooseText} />
      )}
      {edited !== null && (edited !== 'new' || manage) && (
        <SignatureEditor signature={edited === 'new' ? null : edited} onClose={close} />
      )}
    </Page>
  );
}

function Actions({ row, onEdit }: { row: Signature; onEdit: () => void }) {
  const { common, signatures: words } = useWords();
  const ask = useAsk();
  const remove = useChange('DELETE /signatures/{id}', ['GET /signatures']);
  return (
    <Space size={2}>
      {row.review !== 'pending' && (
        <Tooltip title={common.edit}>
          <Button
            type="text"
            size="small"
            icon={<EditOutlined />}
            aria-label={`${common.edit}: ${row.signature}`}
            onClick={onEdit}
          />
        </Tooltip>
      )}
      <Tooltip title={common.remove}>
        <Button
          type="text"
          size="small"
          icon={<DeleteOutlined />}
          aria-label={`${common.remove}: ${row.signature}`}
          onClick={() =>
            ask({
              title: words.removeTitle(row.signature),
              text: words.removeText,
              verb: common.remove,
              danger: true,
              act: () => remove.mutateAsync({ path: { id: String(row.id) } }),
              done: common.removed,
            })
          }
        />
      </Tooltip>
    </Space>
  );
}
