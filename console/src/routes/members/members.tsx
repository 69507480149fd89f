import { Button, Form, Input, Modal, Radio, Select, Table, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { ChooseBusiness, useBusiness } from '../../parts/business/business.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { Page, Panel, Teach, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useShowOnce } from '../../parts/secret/shown-once.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { type Filters, useFilters } from '../../parts/table/filters.ts';
import { ListTable } from '../../parts/table/list-table.tsx';
import { useWords } from '../../words/index.tsx';

type Member = Schemas['Member'];
type Role = Member['role'];
const TOUCHED = ['GET /members', 'GET /invites'] as const;
const STAFF_ROLES = ['admin', 'reviewer', 'finance', 'operator'] as const;
const BUSINESS_ROLES = ['owner', 'developer', 'marketer', 'viewer'] as const;

/** Who may sign in here, and as what. */
export function Members() {
  const { members: words } = useWords();
  const may = useMay();
  const business = useBusiness();
  const staff = useMember().business_id === null;
  const [{ cursor }] = useFilters<'cursor' | 'business_id'>();
  const asked: Filters<'cursor' | 'business_id'> = {};
  if (cursor !== undefined) asked.cursor = cursor;
  if (business !== null && staff) asked.business_id = business;
  const query = useLook('GET /members', { query: asked });
  const [adding, setAdding] = useState(false);
  const add = may('members:manage') && (
    <Button type="primary" onClick={() => setAdding(true)}>
      {words.add}
    </Button>
  );
  return (
    <Page title={words.title} lead={words.lead} actions={add}>
      <Toolbar>
        <ChooseBusiness optional />
      </Toolbar>
      <ListTable
        label={words.title}
        query={query}
        columns={useColumns()}
        rowKey={({ id }) => id}
        empty={<Teach title={words.noneTitle} text={words.noneText} action={add} />}
      />
      <Invites business={staff ? business : null} />
      {adding && <AddMember business={business} onClose={() => setAdding(false)} />}
    </Page>
  );
}

function useColumns(): TableColumnsType<Member> {
  const { members: words, common, session } = useWords();
  const format = useFormat();
  return [
    { title: common.name, render: (_, { name }) => name },
    { title: words.role, render: (_, member) => <RoleOf member={member} /> },
    { title: common.business, render: (_, { business_id: id }) => id ?? words.staff },
    {
      title: common.state,
      render: (_, { state, must_change_password: fresh }) => (
        <Pill tone={state === 'disabled' ? 'rest' : fresh ? 'warn' : 'good'}>
          {state === 'disabled' ? words.disabled : fresh ? words.fresh : words.active}
        </Pill>
      ),
    },
    { title: session.account.totpTitle, render: (_, { totp }) => (totp ? common.yes : common.no) },
    { title: words.signedIn, render: (_, { signed_in_at: at }) => (at === null ? words.never : format.ago(at)) },
    { title: common.actions, render: (_, member) => <MemberVerbs member={member} /> },
  ];
}

function RoleOf({ member: { id, name, role, business_id: business } }: { member: Member }) {
  const { members: words, session } = useWords();
  const may = useMay();
  const self = useMember().id === id;
  const tell = useTell();
  const edit = useChange('PATCH /members/{id}', TOUCHED);
  if (!may('members:manage') || self) return session.roles[role];
  return (
    <Select<Role>
      size="small"
      value={role}
      aria-label={words.roleOf(name)}
      style={{ width: 140 }}
      options={rolesOf(business).map((value) => ({ value, label: session.roles[value] }))}
      onChange={(next) => edit.mutateAsync({ path: { id: String(id) }, body: { role: next } }).catch(tell.problem)}
    />
  );
}

const rolesOf = (business: number | string | null): readonly Role[] =>
  business === null ? STAFF_ROLES : BUSINESS_ROLES;

function MemberVerbs({ member: { id, name, state, totp } }: { member: Member }) {
  const { members: words, common } = useWords();
  const may = useMay();
  const self = useMember().id === id;
  const ask = useAsk();
  const tell = useTell();
  const showOnce = useShowOnce();
  const edit = useChange('PATCH /members/{id}', TOUCHED);
  const reset = useChange('POST /members/{id}/reset-password', TOUCHED);
  const remove = useChange('DELETE /members/{id}', TOUCHED);
  if (!may('members:manage') || self) return null;
  const path = { id: String(id) };
  const change = (body: Schemas['MemberEdit']) => edit.mutateAsync({ path, body }).catch(tell.problem);
  const askToReset = () =>
    ask({
      title: words.resetTitle(name),
      text: words.resetText,
      verb: words.reset,
      danger: true,
      act: async () => {
        const { password } = await reset.mutateAsync({ path });
        showOnce(words.reset, [
          [common.name, name],
          [words.password, password],
        ]);
      },
    });
  return (
    <>
      <Button size="small" type="text" onClick={askToReset}>
        {words.reset}
      </Button>
      {totp && (
        <Button size="small" type="text" onClick={() => void change({ totp: false })}>
          {words.totpOff}
        </Button>
      )}
      <Button
        size="small"
        type="text"
        onClick={() => void change({ state: state === 'active' ? 'disabled' : 'active' })}
      >
        {state === 'active' ? words.disable : words.enable}
      </Button>
      <Button
        size="small"
        type="text"
        danger
        onClick={() =>
          ask({
            title: words.removeTitle(name),
            text: words.removeText,
            verb: common.remove,
            danger: true,
            act: () => remove.mutateAsync({ path }),
            done: common.removed,
          })
        }
      >
        {common.remove}
      </Button>
    </>
  );
}

/** Invitations nobody has accepted yet. */
function Invites({ business }: { business: string | null }) {
  const { members: words, common, session } = useWords();
  const format = useFormat();
  const may = useMay();
  const { data } = useLook(
    'GET /invites',
    { query: business === null ? {} : { business_id: business } },
    { enabled: may('members:manage') },
  );
  const remove = useChange('DELETE /invites/{id}', TOUCHED);
  if (data === undefined || data.items.length === 0) return null;
  return (
    <Panel title={words.invites} flush>
      <Table
        size="small"
        pagination={false}
        rowKey="id"
        dataSource={data.items}
        columns={[
          { title: common.name, render: (_, { name }) => name },
          { title: words.role, render: (_, { role }) => session.roles[role] },
          { title: common.business, render: (_, { business_id: id }) => id ?? words.staff },
          { title: words.until, render: (_, { expires_at: at }) => format.time(at) },
          {
            title: common.actions,
            render: (_, { id }) => (
              <Button size="small" type="text" danger onClick={() => remove.mutate({ path: { id: String(id) } })}>
                {words.withdraw}
              </Button>
            ),
          },
        ]}
      />
    </Panel>
  );
}

interface Values {
  name: string;
  role: Role;
  how: 'invite' | 'password';
}

function AddMember({ business, onClose }: { business: string | null; onClose: () => void }) {
  const { members: words, common, session } = useWords();
  const showOnce = useShowOnce();
  const [form] = Form.useForm<Values>();
  const create = useChange('POST /members', TOUCHED);
  const invite = useChange('POST /invites', TOUCHED);
  const finish = async ({ name, role, how }: Values) => {
    const body = { name, role, ...(business !== null && { business_id: Number(business) }) };
    try {
      if (how === 'invite') {
        const { url } = await invite.mutateAsync({ body });
        onClose();
        showOnce(words.invited(name), [[words.link, new URL(url, window.location.href).href]]);
      } else {
        const { password } = await create.mutateAsync({ body });
        onClose();
        showOnce(words.added(name), [
          [common.name, name],
          [words.password, password],
        ]);
      }
    } catch {
      // Told where it happened.
    }
  };
  const roles = rolesOf(business);
  return (
    <Modal
      open
      title={business === null ? words.addStaff : words.add}
      okText={common.create}
      cancelText={common.cancel}
      confirmLoading={create.isPending || invite.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <ProblemNote error={create.error ?? invite.error} />
      <Form form={form} layout="vertical" initialValues={{ how: 'invite', role: roles.at(-1) }} onFinish={finish}>
        <Form.Item
          name="name"
          label={session.name}
          extra={words.nameHint}
          rules={[{ required: true, message: common.required }]}
        >
          <Input maxLength={64} autoFocus />
        </Form.Item>
        <Form.Item name="role" label={words.role}>
          <Select
            options={roles.map((value) => ({ value, label: `${session.roles[value]} – ${words.roleTexts[value]}` }))}
          />
        </Form.Item>
        <Form.Item name="how" label={words.how}>
          <Radio.Group
            options={[
              { value: 'invite', label: words.byInvite },
              { value: 'password', label: words.byPassword },
            ]}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
