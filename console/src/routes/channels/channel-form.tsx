import { useNavigate, useParams } from '@tanstack/react-router';
import { Button, Collapse, Form, Input, InputNumber, Segmented, Select, Space, Switch } from 'antd';
import { useState } from 'react';
import { useChange, useLook } from '../../api/hooks.ts';
import { ApiProblem } from '../../api/problem.ts';
import type { Schemas } from '../../api/schema.js';
import { Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useWords } from '../../words/index.tsx';
import { FIRST_FIELDS, FURTHER_FIELDS, formValuesOf, type SmppField, settingsOf } from './smpp-fields.ts';

type Kind = Schemas['Channel']['kind'];
type Values = Record<string, unknown>;

const TOUCHED = ['GET /channels', 'GET /channels/{id}', 'GET /channels/{id}/facts'] as const;

/** A channel that is about to be. */
export function NewChannel() {
  const { channels: words } = useWords();
  const [kind, setKind] = useState<Kind>('smpp');
  return (
    <Page title={words.add} lead={words.addLead} narrow>
      <Segmented<Kind>
        value={kind}
        onChange={setKind}
        options={(['smpp', 'http', 'engagelab'] as const).map((value) => ({ value, label: words.kinds[value] }))}
        style={{ marginBottom: 16 }}
      />
      {kind === 'smpp' ? <SmppForm channel={null} /> : <JsonForm key={kind} kind={kind} channel={null} />}
    </Page>
  );
}

/** Other settings for a channel. It binds again when they take effect. */
export function EditChannel() {
  const { channels: words } = useWords();
  const { id } = useParams({ strict: false }) as { id: string };
  const { data, error, refetch } = useLook('GET /channels/{id}', { path: { id } });
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  return (
    <Page title={words.editTitle(data.name)} lead={words.editLead} narrow>
      {data.kind === 'smpp' ? <SmppForm channel={data} /> : <JsonForm kind={data.kind} channel={data} />}
    </Page>
  );
}

/** Creates or changes a channel, then shows it. */
function useKeep(channel: Schemas['Channel'] | null) {
  const { common } = useWords();
  const tell = useTell();
  const navigate = useNavigate();
  const create = useChange('POST /channels', TOUCHED);
  const edit = useChange('PATCH /channels/{id}', TOUCHED);
  const [problem, setProblem] = useState<unknown>(null);
  const keep = async (name: string, settings: Pick<Schemas['NewChannel'], Kind>) => {
    setProblem(null);
    try {
      const kept =
        channel === null
          ? await create.mutateAsync({ body: { name, ...settings } })
          : await edit.mutateAsync({ path: { id: String(channel.id) }, body: settings as Schemas['ChannelEdit'] });
      tell.done(common.saved);
      await navigate({ to: '/channels/$id', params: { id: String(kept.id) } });
    } catch (error) {
      setProblem(error);
    }
  };
  return { keep, problem, setProblem, busy: create.isPending || edit.isPending };
}

function SmppForm({ channel }: { channel: Schemas['Channel'] | null }) {
  const { channels: words, common } = useWords();
  const { keep, problem, setProblem, busy } = useKeep(channel);
  const before = channel === null ? null : ((channel.smpp ?? {}) as Values);
  const finish = ({ name, ...form }: Values) => {
    let smpp: Values;
    try {
      smpp = settingsOf(form, before);
    } catch {
      setProblem(new ApiProblem(400, 'noJson', words.noJson));
      return;
    }
    return keep(String(name ?? channel?.name), { smpp: smpp as unknown as Schemas['NewSmpp'] });
  };
  return (
    <Form layout="vertical" initialValues={before === null ? {} : formValuesOf(before)} onFinish={finish}>
      <ProblemNote error={problem} />
      <Panel>
        {channel === null && <NameField />}
        {FIRST_FIELDS.map((field) => (
          <Field key={field.name} field={field} fresh={channel === null} />
        ))}
      </Panel>
      <Collapse
        style={{ marginBottom: 16 }}
        items={[
          {
            key: 'further',
            label: words.further,
            forceRender: true,
            children: FURTHER_FIELDS.map((field) => <Field key={field.name} field={field} fresh={channel === null} />),
          },
        ]}
      />
      <Button type="primary" htmlType="submit" loading={busy}>
        {common.save}
      </Button>
    </Form>
  );
}

function NameField() {
  const { channels: words, common } = useWords();
  return (
    <Form.Item
      name="name"
      label={common.name}
      extra={words.nameRule}
      rules={[{ required: true, message: common.required }]}
    >
      <Input maxLength={64} />
    </Form.Item>
  );
}

function Field({ field, fresh }: { field: SmppField; fresh: boolean }) {
  const { channels: words, common } = useWords();
  const label = words.smpp[field.name];
  const needed = fresh && 'required' in field && field.required === true;
  return (
    <Form.Item
      name={field.name}
      label={label}
      {...(field.kind === 'secret' && !fresh && { extra: words.secretStays })}
      {...(field.kind === 'switch' && { valuePropName: 'checked' })}
      rules={needed ? [{ required: true, message: common.required }] : []}
    >
      {inputOf(field)}
    </Form.Item>
  );
}

function inputOf(field: SmppField) {
  switch (field.kind) {
    case 'text':
      return <Input />;
    case 'secret':
      return <Input.Password autoComplete="new-password" />;
    case 'pem':
      return <Input.TextArea rows={2} spellCheck={false} className="mono" />;
    case 'map':
      return <Input.TextArea rows={2} spellCheck={false} className="mono" placeholder="{}" />;
    case 'switch':
      return <Switch />;
    case 'number':
      return <InputNumber min={field.min} max={field.max} precision={0} style={{ width: 180 }} />;
    case 'one':
      return <Select options={field.of.map((value) => ({ value, label: String(value) }))} style={{ maxWidth: 260 }} />;
    case 'some':
      return <Select mode="multiple" options={field.of.map((value) => ({ value, label: value }))} />;
  }
}

/** Channels that are described by data are typed as JSON, as the API takes it. */
function JsonForm({ kind, channel }: { kind: 'http' | 'engagelab'; channel: Schemas['Channel'] | null }) {
  const { channels: words, common } = useWords();
  const { keep, problem, setProblem, busy } = useKeep(channel);
  const finish = ({ name, settings }: { name?: string; settings: string }) => {
    let parsed: unknown;
    try {
      parsed = JSON.parse(settings);
    } catch {
      setProblem(new ApiProblem(400, 'noJson', words.noJson));
      return;
    }
    return keep(name ?? channel?.name ?? '', { [kind]: parsed } as Pick<Schemas['NewChannel'], Kind>);
  };
  return (
    <Form layout="vertical" initialValues={{ settings: channel === null ? EXAMPLES[kind] : '{}' }} onFinish={finish}>
      <ProblemNote error={problem} />
      <Panel>
        <Space orientation="vertical" style={{ width: '100%' }}>
          {channel === null && <NameField />}
          <Form.Item
            name="settings"
            label={words.json}
            extra={channel === null ? words.jsonHint : words.jsonEditHint}
            rules={[{ required: true, message: common.required }]}
          >
            <Input.TextArea rows={18} spellCheck={false} className="mono" />
          </Form.Item>
        </Space>
      </Panel>
      <Button type="primary" htmlType="submit" loading={busy}>
        {common.save}
      </Button>
    </Form>
  );
}

const pretty = (value: unknown) => JSON.stringify(value, null, 2);

const EXAMPLES = {
  http: pretty({
    url: 'https://provider.example/sms',
    method: 'POST',
    body: { to: '{to}', text: '{text}', reference: '{reference}' },
    success: { statuses: ['2xx'] },
    message_id: 'id',
  }),
  engagelab: pretty({ url: 'https://signet.example', api_key: '', api_secret: '' }),
} as const;
