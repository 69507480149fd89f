import { DeleteOutlined, EditOutlined, PlusOutlined, SendOutlined } from '@ant-design/icons';
import { Link, useNavigate } from '@tanstack/react-router';
import { Button, Space, type TableColumnsType, Tooltip } from 'antd';
import { useChange, useLook } from '../../api/hooks.ts';
import { useLiveReviews } from '../../api/live-reviews.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { BusinessFilter } from '../../parts/choose/business.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { LinkButton } from '../../parts/page/link-button.tsx';
import { Page, Teach, Toolbar } from '../../parts/page/page.tsx';
import { Marked } from '../../parts/phone/bubble.tsx';
import { ReviewTag } from '../../parts/state/state-tag.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';
import css from './templates.module.css';

type Template = Schemas['Template'];

/** The reviewed texts of a business. */
export function Templates() {
  const { navigation, templates: words } = useWords();
  useLiveReviews();
  const may = useMay();
  const { business_id } = useMember();
  const [{ cursor, business }] = useFilters<'cursor' | 'business'>();
  const own = business_id !== null;
  const query = useLook(
    'GET /templates',
    { query: { ...(cursor && { cursor }), ...(business && { business_id: business }) } },
    { enabled: own || business !== undefined, everyMs: 15_000 },
  );
  const columns = useColumns();
  const create = own && may('templates:manage') && (
    <LinkButton to="/templates/new" primary icon={<PlusOutlined aria-hidden />}>
      {words.create}
    </LinkButton>
  );
  return (
    <Page title={navigation.pages.templates} lead={words.lead} actions={create}>
      {!own && (
        <Toolbar>
          <BusinessFilter all={false} />
        </Toolbar>
      )}
      {own || business !== undefined ? (
        <ListTable<Template>
          label={navigation.pages.templates}
          query={query}
          columns={columns}
          rowKey={({ id }) => id}
          empty={<Teach title={words.emptyTitle} text={words.emptyText} action={create} />}
        />
      ) : (
        <Teach title={words.chooseTitle} text={words.chooseText} />
      )}
    </Page>
  );
}

function useColumns(): TableColumnsType<Template> {
  const { common, states, templates: words } = useWords();
  const format = useFormat();
  const { business_id } = useMember();
  const may = useMay();
  const manage = business_id !== null && may('templates:manage');
  return [
    {
      title: common.name,
      key: 'name',
      width: 200,
      render: (_, { id, name }) => (
        <Link to="/templates/$id" params={{ id: String(id) }}>
          {name}
        </Link>
      ),
    },
    {
      title: words.text,
      key: 'text',
      render: (_, { template, reject_reason, review }) => (
        <div className={css.text}>
          <Marked text={template} />
          {review === 'rejected' && reject_reason !== '' && <div className={css.reason}>{reject_reason}</div>}
        </div>
      ),
    },
    { title: words.category, key: 'category', width: 110, render: (_, { category }) => states.category[category] },
    { title: common.state, key: 'state', width: 110, render: (_, { review }) => <ReviewTag state={review} /> },
    { title: words.changed, key: 'updated', width: 140, render: (_, { updated_at }) => format.shortTime(updated_at) },
    ...(manage
      ? [
          {
            title: common.actions,
            key: 'actions',
            width: 120,
            render: (_: unknown, row: Template) => <Actions row={row} />,
          },
        ]
      : []),
  ];
}

function Actions({ row }: { row: Template }) {
  const { common, templates: words } = useWords();
  const ask = useAsk();
  const may = useMay();
  const navigate = useNavigate();
  const remove = useChange('DELETE /templates/{id}', ['GET /templates']);
  const id = String(row.id);
  return (
    <Space size={2}>
      {row.review === 'approved' && may('messages:send') && (
        <Tooltip title={words.send}>
          <Button
            type="text"
            size="small"
            icon={<SendOutlined />}
            aria-label={`${words.send}: ${row.name}`}
            onClick={() => void navigate({ to: '/send', search: { template: id } })}
          />
        </Tooltip>
      )}
      {row.review !== 'pending' && (
        <Tooltip title={common.edit}>
          <Button
            type="text"
            size="small"
            icon={<EditOutlined />}
            aria-label={`${common.edit}: ${row.name}`}
            onClick={() => void navigate({ to: '/templates/$id', params: { id } })}
          />
        </Tooltip>
      )}
      <Tooltip title={common.remove}>
        <Button
          type="text"
          size="small"
          icon={<DeleteOutlined />}
          aria-label={`${common.remove}: ${row.name}`}
          onClick={() =>
            ask({
              title: words.removeTitle(row.name),
              text: words.removeText,
              verb: common.remove,
              danger: true,
              act: () => remove.mutateAsync({ path: { id } }),
              done: common.removed,
            })
          }
        />
      </Tooltip>
    </Space>
  );
}
