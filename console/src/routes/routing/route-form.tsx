import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Form, Input, InputNumber, Select, Switch } from 'antd';
import { useState } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import type { Schemas } from '../../api/schema.js';
import { Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useWords } from '../../words/index.tsx';
import { useChannelChoice } from './channel-names.ts';

const TOUCHED = ['GET /routes', 'GET /routes/{id}', 'GET /routes/explain'] as const;

type Values = Omit<Schemas['NewRoute'], 'position'>;

/** A rule that is about to be; it stands last. */
export function NewRoute() {
  const { routing: words } = useWords();
  const create = useChange('POST /routes', TOUCHED);
  return (
    <Page title={words.add} lead={words.formLead} narrow>
      <RouteForm
        initial={{ targets: [{ channel_id: 0, weight: 1 }] } as never}
        keep={(body) => create.mutateAsync({ body })}
      />
    </Page>
  );
}

export function EditRoute() {
  const { routing: words } = useWords();
  const { id } = useParams({ strict: false }) as { id: string };
  const { data, error, refetch } = useLook('GET /routes/{id}', { path: { id } });
  const edit = useChange('PATCH /routes/{id}', TOUCHED);
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  return (
    <Page title={words.editTitle(data.name)} lead={words.formLead} narrow>
      <RouteForm initial={data} keep={(body) => edit.mutateAsync({ path: { id }, body })} />
    </Page>
  );
}

function RouteForm({ initial, keep }: { initial: Values; keep: (values: Values) => Promise<unknown> }) {
  const { routing: words, common, states } = useWords();
  const tell = useTell();
  const navigate = useNavigate();
  const channels = useChannelChoice();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const finish = async (values: Values) => {
    setProblem(null);
    setBusy(true);
    try {
      await keep({ ...values, businesses: (values.businesses ?? []).map(Number) });
      tell.done(common.saved);
      await navigate({ to: '/routes' });
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  const required = [{ required: true, message: common.required }];
  const { name, enabled, countries, prefixes, categories, businesses, targets, fallback, sticky } = initial;
  const known = targets.filter(({ channel_id: id }) => id > 0);
  return (
    <Form<Values>
      layout="vertical"
      initialValues={{
        name,
        enabled: enabled ?? true,
        countries: countries ?? [],
        prefixes: prefixes ?? [],
        categories: categories ?? [],
        businesses: (businesses ?? []).map(String),
        targets: known.length > 0 ? known : [{ weight: 1 }],
        fallback: fallback ?? [],
        sticky: sticky ?? false,
      }}
      onFinish={finish}
    >
      <ProblemNote error={problem} />
      <Panel title={words.whichMessages}>
        <Form.Item name="name" label={common.name} rules={required}>
          <Input maxLength={64} />
        </Form.Item>
        <Form.Item name="countries" label={words.countries} extra={words.countriesHint}>
          <Select mode="tags" tokenSeparators={[',', ' ']} open={false} suffixIcon={null} />
        </Form.Item>
        <Form.Item name="prefixes" label={words.prefixes} extra={words.prefixesHint}>
          <Select mode="tags" tokenSeparators={[',', ' ']} open={false} suffixIcon={null} />
        </Form.Item>
        <Form.Item name="categories" label={words.categories}>
          <Select
            mode="multiple"
            options={Object.entries(states.category).map(([value, label]) => ({ value, label }))}
          />
        </Form.Item>
        <Form.Item name="businesses" label={words.businesses} extra={words.businessesHint}>
          <Select mode="tags" tokenSeparators={[',', ' ']} open={false} suffixIcon={null} />
        </Form.Item>
      </Panel>
      <Panel title={words.whichChannels}>
        <Form.List name="targets">
          {(fields, { add, remove }) => (
            <>
              {fields.map(({ key, name: place }) => (
                <div key={key} style={{ display: 'flex', gap: 8, alignItems: 'flex-start' }}>
                  <Form.Item
                    name={[place, 'channel_id']}
                    label={words.channel}
                    rules={required}
                    style={{ flex: 1, minWidth: 0 }}
                  >
                    <Select options={channels} showSearch={{ optionFilterProp: 'label' }} />
                  </Form.Item>
                  <Form.Item name={[place, 'weight']} label={words.weight} rules={required}>
                    <InputNumber min={1} max={1_000} precision={0} />
                  </Form.Item>
                  <Form.Item label=" ">
                    <Button disabled={fields.length === 1} onClick={() => remove(place)}>
                      {common.remove}
                    </Button>
                  </Form.Item>
                </div>
              ))}
              <Button onClick={() => add({ weight: 1 })} style={{ marginBottom: 16 }}>
                {words.addTarget}
              </Button>
            </>
          )}
        </Form.List>
        <Form.Item name="fallback" label={words.fallback} extra={words.fallbackHint}>
          <Select mode="multiple" options={channels} />
        </Form.Item>
        <Form.Item name="sticky" label={words.stickyLabel} extra={words.stickyHint} valuePropName="checked">
          <Switch />
        </Form.Item>
        <Form.Item name="enabled" label={words.enabled} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Panel>
      <Button type="primary" htmlType="submit" loading={busy}>
        {common.save}
      </Button>
    </Form>
  );
}
