import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { Alert, Button, Form, Input, Radio, Select, Space } from 'antd';
import { useEffect, useState } from 'react';
import { bannedWordsIn } from 'signet/domain/banned-words';
import { DESCRIPTION_MAX_LENGTH, TEMPLATE_NAME_MAX_LENGTH, TEMPLATE_TEXT_MAX_LENGTH } from 'signet/domain/template';
import { useChange, useLook } from '../../api/hooks.ts';
import { useLiveReviews } from '../../api/live-reviews.ts';
import type { Schemas } from '../../api/schema.js';
import { useMay, useMember } from '../../api/session.ts';
import { LinkButton } from '../../parts/page/link-button.tsx';
import { Page, Panel } from '../../parts/page/page.tsx';
import { Phone } from '../../parts/phone/bubble.tsx';
import { MarkedInput } from '../../parts/phone/marked-input.tsx';
import { CHINESE_NUMBER, previewOf, variablesOf } from '../../parts/phone/preview.ts';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { ReviewTag } from '../../parts/state/state-tag.tsx';
import { useWords } from '../../words/index.tsx';
import css from './templates.module.css';

type Template = Schemas['Template'];

interface Draft {
  name: string;
  template: string;
  category: Template['category'];
  signature_id: number | null;
  placement: Exclude<Template['placement'], 'none'>;
  description: string;
}

const NEW: Draft = {
  name: '',
  template: '',
  category: 'verification',
  signature_id: null,
  placement: 'prefix',
  description: '',
};

/** A new template. */
export function NewTemplate() {
  const { templates: words } = useWords();
  return (
    <Page title={words.newTitle} lead={words.newLead}>
      <Editor draft={NEW} id={null} />
    </Page>
  );
}

/** One template: what it says now, and how that is changed. */
export function OneTemplate() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { data, error, refetch } = useLook('GET /templates/{id}', { path: { id } });
  const { templates: words } = useWords();
  const { business_id } = useMember();
  const may = useMay();
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  const draft: Draft = { ...data, placement: data.placement === 'none' ? 'prefix' : data.placement };
  const locked = data.review === 'pending' || business_id !== data.business_id || !may('templates:manage');
  return (
    <Page title={data.name} lead={<ReviewTag state={data.review} />}>
      {data.review === 'pending' && <Alert showIcon type="info" title={words.inReview} style={{ marginBottom: 16 }} />}
      {data.review === 'rejected' && (
        <Alert showIcon type="warning" title={words.rejected(data.reject_reason)} style={{ marginBottom: 16 }} />
      )}
      {data.review === 'approved' && !locked && (
        <Alert showIcon type="info" title={words.editAgain} style={{ marginBottom: 16 }} />
      )}
      <Editor key={`${data.id}.${data.version}.${data.review}`} draft={draft} id={data.id} locked={locked} />
    </Page>
  );
}

/** The fields of a template, and beside them the phone on which it will be read. */
function Editor({ draft, id, locked = false }: { draft: Draft; id: number | null; locked?: boolean }) {
  const { common, states, templates: words, text: textWords } = useWords();
  const [form] = Form.useForm<Draft>();
  const [values, setValues] = useState<Record<string, string>>({});
  const given = { ...draft, ...(Form.useWatch([], form) as Partial<Draft> | undefined) };
  const signatures = useLook('GET /signatures', { query: { limit: '1000' } });
  const create = useChange('POST /templates', ['GET /templates']);
  const change = useChange('PATCH /templates/{id}', ['GET /templates', 'GET /templates/{id}']);
  const navigate = useNavigate();
  const tell = useTell();
  // One that is approved meanwhile can be chosen at once.
  useLiveReviews();
  const approved = signatures.data?.items.filter(({ review }) => review === 'approved') ?? [];
  const pending = signatures.data?.items.find(({ review }) => review === 'pending');
  const usual = id === null ? approved[0]?.id : undefined;
  // Most texts are signed, and carriers in some countries refuse those that are not.
  useEffect(() => {
    if (usual !== undefined && !form.isFieldTouched('signature_id')) form.setFieldValue('signature_id', usual);
  }, [usual, form]);
  const signature = signatures.data?.items.find((each) => each.id === given.signature_id)?.signature ?? null;
  const banned = bannedIn(given.template);
  const names = variablesOf(given.template);
  const preview = previewOf({ ...given, signature, values: filled(values), recipient: CHINESE_NUMBER });

  const submit = async (fields: Draft) => {
    const body = { ...fields, name: fields.name.trim(), signature_id: fields.signature_id ?? null };
    try {
      if (id === null) await create.mutateAsync({ body });
      else await change.mutateAsync({ path: { id: String(id) }, body });
      tell.done(words.submitted);
      await navigate({ to: '/templates' });
    } catch (error) {
      tell.problem(error);
    }
  };

  return (
    <div className={css.editor}>
      <Panel>
        <Form<Draft>
          form={form}
          layout="vertical"
          initialValues={draft}
          disabled={locked}
          onFinish={submit}
          requiredMark={false}
          scrollToFirstError
        >
          <Form.Item name="name" label={words.name} extra={words.nameHint} rules={[required(common.required)]}>
            <Input maxLength={TEMPLATE_NAME_MAX_LENGTH} autoFocus={id === null} />
          </Form.Item>
          <Form.Item
            name="template"
            label={words.text}
            extra={textWords.variableHint}
            rules={[
              required(common.required),
              {
                validator: async (_rule, value: string) => {
                  const found = bannedIn(value);
                  if (found.length > 0) throw new Error(textWords.banned(found.map((word) => `“${word}”`).join(' ')));
                },
              },
            ]}
            validateStatus={banned.length > 0 ? 'error' : ''}
          >
            <MarkedInput
              id="template"
              rows={5}
              maxLength={TEMPLATE_TEXT_MAX_LENGTH}
              invalid={banned.length > 0}
              disabled={locked}
            />
          </Form.Item>
          <Form.Item name="category" label={words.category} extra={words.categoryHint[given.category]}>
            <Radio.Group
              optionType="button"
              options={(['verification', 'notification', 'marketing'] as const).map((value) => ({
                value,
                label: states.category[value],
              }))}
            />
          </Form.Item>
          <Form.Item
            name="signature_id"
            label={words.signature}
            extra={approved.length > 0 ? words.signatureHint : <NoSignature pending={pending?.signature ?? null} />}
          >
            <Select
              allowClear
              placeholder={words.noSignature}
              options={approved.map((each) => ({ value: each.id, label: each.signature }))}
            />
          </Form.Item>
          {signature !== null && (
            <Form.Item name="placement" label={words.placement}>
              <Radio.Group
                optionType="button"
                options={(['prefix', 'suffix'] as const).map((value) => ({ value, label: states.placement[value] }))}
              />
            </Form.Item>
          )}
          <Form.Item name="description" label={words.description} extra={words.descriptionHint}>
            <Input.TextArea rows={2} maxLength={DESCRIPTION_MAX_LENGTH} />
          </Form.Item>
          {!locked && (
            <Space>
              <Button type="primary" htmlType="submit" loading={create.isPending || change.isPending}>
                {words.submit}
              </Button>
              <LinkButton to="/templates">{common.cancel}</LinkButton>
            </Space>
          )}
        </Form>
      </Panel>
      <aside className={css.side} aria-label={textWords.phone}>
        <Phone preview={preview} />
        {names.length > 0 && (
          <div className={css.values}>
            <div className="quiet">{words.tryValues}</div>
            {names.map((name) => (
              <Input
                key={name}
                addonBefore={`{${name}}`}
                aria-label={words.valueOf(name)}
                value={values[name] ?? ''}
                onChange={(event) => setValues({ ...values, [name]: event.target.value })}
              />
            ))}
          </div>
        )}
      </aside>
    </div>
  );
}

/** What to do about it. @param pending one that is being reviewed */
function NoSignature({ pending }: { pending: string | null }) {
  const { templates: words } = useWords();
  if (pending !== null) return words.signatureWaits(pending);
  return <Link to="/signatures">{words.makeSignature}</Link>;
}

/** What may not stand in a template's text, each once. */
const bannedIn = (text: string): string[] => [...new Set(bannedWordsIn(text, false).map(({ word }) => word))];

const required = (message: string) => ({ required: true, whitespace: true, message });

/** Only values that were typed; a variable without one is shown as it is written. */
const filled = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
