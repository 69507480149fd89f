import { Link, useParams } from '@tanstack/react-router';
import { Button, Form, Input, InputNumber, Switch } from 'antd';
import type { ReactNode } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { useAsk } from '../../parts/ask/ask.tsx';
import { useFormat } from '../../parts/format/format.ts';
import { LinkButton } from '../../parts/page/link-button.tsx';
import { Facts, Page, Panel, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useShowOnce } from '../../parts/secret/shown-once.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { Pill } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';
import css from './business.module.css';
import { TimeZoneSelect } from './businesses.tsx';

type Business = Schemas['Business'];
const TOUCHED = ['GET /businesses', 'GET /businesses/{business}'] as const;

/** One business, for the staff. */
export function BusinessPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  return <BusinessSettings business={id} />;
}

/** The member's own business. */
export function OwnBusiness() {
  const own = useMember().business_id;
  return own === null ? <Wait /> : <BusinessSettings business={String(own)} />;
}

function BusinessSettings({ business }: { business: string }) {
  const { businesses: words } = useWords();
  const { data, error, refetch } = useLook('GET /businesses/{business}', { path: { business } });
  const may = useMay();
  const staff = useMember().business_id === null;
  const format = useFormat();
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  const manage = may('businesses:manage');
  return (
    <Page
      title={data.user}
      lead={<Pill tone={data.state === 'active' ? 'good' : 'bad'}>{words.states[data.state]}</Pill>}
      actions={staff && manage && <Suspend business={data} />}
    >
      <Panel>
        <Facts
          items={[
            [words.id, data.business_id],
            [
              words.available,
              <Link key="available" to="/ledger" search={staff ? { business_id: String(data.business_id) } : {}}>
                {format.number(data.available)}
              </Link>,
            ],
            [words.reserved, format.number(data.reserved)],
            [words.country, data.default_country],
            [words.timeZone, data.time_zone],
            [words.weight, data.weight],
            [words.created, format.day(data.created_at)],
          ]}
        />
      </Panel>
      {manage && (
        <>
          <LowBalance business={data} />
          <TimeZone business={data} />
          {staff && <Weight business={data} />}
          {staff && <PayOnDelivery business={data} />}
          <Password business={data} />
        </>
      )}
      {!staff && <Others />}
    </Page>
  );
}

/** What else a business may set has screens of its own. */
function Others() {
  const { businesses: words, inbound, navigation } = useWords();
  const may = useMay();
  return (
    <Panel title={words.others}>
      <Toolbar>
        {may('inbound:read') && (
          <>
            <LinkButton to="/inbound" search={{ tab: 'words' } as never}>
              {inbound.optWords}
            </LinkButton>
            <LinkButton to="/inbound" search={{ tab: 'keywords' } as never}>
              {inbound.keywords}
            </LinkButton>
          </>
        )}
        {may('webhooks:read') && <LinkButton to="/webhooks">{navigation.pages.webhooks}</LinkButton>}
        {may('keys:read') && <LinkButton to="/keys">{navigation.pages.keys}</LinkButton>}
        {may('members:read') && <LinkButton to="/members">{navigation.pages.members}</LinkButton>}
        {may('prices:read') && <LinkButton to="/prices">{navigation.pages.prices}</LinkButton>}
      </Toolbar>
    </Panel>
  );
}

function Suspend({ business: { business_id: id, user, state } }: { business: Business }) {
  const { businesses: words } = useWords();
  const ask = useAsk();
  const suspend = useChange('POST /businesses/{business}/suspend', TOUCHED);
  const resume = useChange('POST /businesses/{business}/resume', TOUCHED);
  const path = { business: String(id) };
  if (state === 'suspended') return <Button onClick={() => resume.mutate({ path })}>{words.resume}</Button>;
  return (
    <Button
      danger
      onClick={() =>
        ask({
          title: words.suspendTitle(user),
          text: words.suspendText,
          verb: words.suspend,
          danger: true,
          act: () => suspend.mutateAsync({ path }),
        })
      }
    >
      {words.suspend}
    </Button>
  );
}

/** One setting with a form of its own: saved alone, told alone. */
function Setting<V extends object>({
  title,
  text,
  initial,
  error,
  busy,
  onSave,
  children,
}: {
  title: string;
  text: string;
  initial: V;
  error: unknown;
  busy: boolean;
  onSave: (values: V) => Promise<unknown>;
  children: ReactNode;
}) {
  const { common } = useWords();
  const tell = useTell();
  return (
    <Panel title={title}>
      <p className="quiet">{text}</p>
      <ProblemNote error={error} />
      <Form<V>
        layout="vertical"
        requiredMark={false}
        initialValues={initial}
        onFinish={(values) =>
          onSave(values).then(
            () => tell.done(common.saved),
            () => {},
          )
        }
        className={css.setting ?? ''}
      >
        {children}
        <Button htmlType="submit" loading={busy}>
          {common.save}
        </Button>
      </Form>
    </Panel>
  );
}

function LowBalance({ business }: { business: Business }) {
  const { businesses: words } = useWords();
  const change = useChange('POST /businesses/{business}/low-balance', TOUCHED);
  return (
    <Setting<Schemas['LowBalance']>
      title={words.lowBalance}
      text={words.lowBalanceText}
      initial={{ credits: business.low_balance }}
      error={change.error}
      busy={change.isPending}
      onSave={({ credits }) =>
        change.mutateAsync({ path: { business: String(business.business_id) }, body: { credits: credits ?? null } })
      }
    >
      <Form.Item name="credits" label={words.credits}>
        <InputNumber min={1} precision={0} style={{ width: 160 }} />
      </Form.Item>
    </Setting>
  );
}

function TimeZone({ business }: { business: Business }) {
  const { businesses: words } = useWords();
  const change = useChange('POST /businesses/{business}/time-zone', TOUCHED);
  return (
    <Setting<Schemas['TimeZone']>
      title={words.timeZone}
      text={words.timeZoneText}
      initial={{ time_zone: business.time_zone }}
      error={change.error}
      busy={change.isPending}
      onSave={(body) => change.mutateAsync({ path: { business: String(business.business_id) }, body })}
    >
      <Form.Item name="time_zone" label={words.timeZone} style={{ width: 320 }}>
        <TimeZoneSelect />
      </Form.Item>
    </Setting>
  );
}

function Weight({ business }: { business: Business }) {
  const { businesses: words } = useWords();
  const change = useChange('POST /businesses/{business}/weight', TOUCHED);
  return (
    <Setting<Schemas['Weight']>
      title={words.weight}
      text={words.weightText}
      initial={{ weight: business.weight }}
      error={change.error}
      busy={change.isPending}
      onSave={(body) => change.mutateAsync({ path: { business: String(business.business_id) }, body })}
    >
      <Form.Item name="weight" label={words.weight}>
        <InputNumber min={1} max={100} precision={0} />
      </Form.Item>
    </Setting>
  );
}

function PayOnDelivery({ business }: { business: Business }) {
  const { businesses: words } = useWords();
  const change = useChange('POST /businesses/{business}/pay-on-delivery', TOUCHED);
  return (
    <Setting<Schemas['PayOnDelivery']>
      title={words.payOnDelivery}
      text={words.payOnDeliveryText}
      initial={{ on: business.pay_on_delivery }}
      error={change.error}
      busy={change.isPending}
      onSave={(body) => change.mutateAsync({ path: { business: String(business.business_id) }, body })}
    >
      <Form.Item name="on" label={words.payOnDelivery} valuePropName="checked">
        <Switch />
      </Form.Item>
    </Setting>
  );
}

function Password({ business }: { business: Business }) {
  const { businesses: words } = useWords();
  const showOnce = useShowOnce();
  const change = useChange('POST /businesses/{business}/password', []);
  return (
    <Setting<{ password?: string }>
      title={words.password}
      text={words.passwordText}
      initial={{}}
      error={change.error}
      busy={change.isPending}
      onSave={async ({ password = '' }) => {
        const body = password === '' ? {} : { password };
        const set = await change.mutateAsync({ path: { business: String(business.business_id) }, body });
        if (set.password !== undefined) {
          showOnce(words.password, [
            [words.userName, business.user],
            [words.password, set.password],
          ]);
        }
      }}
    >
      <Form.Item name="password" label={words.newPassword}>
        <Input.Password
          autoComplete="new-password"
          maxLength={200}
          placeholder={words.generated}
          style={{ width: 260 }}
        />
      </Form.Item>
    </Setting>
  );
}
