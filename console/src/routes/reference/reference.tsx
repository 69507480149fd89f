import { Button, Collapse, Form, Input, Segmented } from 'antd';
import { useMemo, useState } from 'react';
import { useLook } from '../../api/hooks.ts';
import { Page, Panel, Toolbar } from '../../parts/page/page.tsx';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { Wait } from '../../parts/shell/wait.tsx';
import { useFilters } from '../../parts/table/filters.ts';
import { useWords } from '../../words/index.tsx';
import { type Asked, type Operation, operationsOf, send } from './operations.ts';

/** Every route of the native API, as the server itself describes them, to be read and tried. */
export function Reference() {
  const { reference: words } = useWords();
  const { data, error, refetch } = useLook('GET /openapi.json', {});
  const operations = useMemo(() => (data === undefined ? [] : operationsOf(data)), [data]);
  const [{ find = '', tag }, change] = useFilters<'find' | 'tag'>();
  if (error !== null && data === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (data === undefined) return <Wait />;
  const tags = [...new Set(operations.map((operation) => operation.tag))];
  const wanted = find.toLowerCase();
  const shown = operations.filter(
    (operation) =>
      (tag === undefined || operation.tag === tag) &&
      `${operation.method} ${operation.path} ${operation.summary}`.toLowerCase().includes(wanted),
  );
  return (
    <Page title={words.title} lead={words.lead}>
      <Toolbar>
        <Input.Search
          defaultValue={find}
          placeholder={words.find}
          aria-label={words.find}
          allowClear
          style={{ width: 280 }}
          onSearch={(value) => change({ find: value })}
        />
        <Button href="/api/v1/openapi.json" target="_blank" rel="noreferrer">
          {words.document}
        </Button>
      </Toolbar>
      <div style={{ overflowX: 'auto', marginBottom: 16 }}>
        <Segmented
          value={tag ?? ''}
          options={[{ value: '', label: words.all }, ...tags.map((value) => ({ value, label: value }))]}
          onChange={(value) => change({ tag: value })}
        />
      </div>
      <Collapse
        accordion
        destroyOnHidden
        items={shown.map((operation) => ({
          key: operation.id,
          label: (
            <>
              <strong className="mono">{operation.method}</strong> <span className="mono">{operation.path}</span>{' '}
              <span className="quiet">{operation.summary}</span>
            </>
          ),
          children: <Route operation={operation} />,
        }))}
      />
    </Page>
  );
}

function Route({ operation }: { operation: Operation }) {
  const { reference: words } = useWords();
  return (
    <>
      {operation.description !== '' && <p>{operation.description}</p>}
      {operation.body !== null && (
        <Panel title={words.body}>
          <pre className="mono" style={{ margin: 0, overflow: 'auto' }}>
            {operation.body}
          </pre>
        </Panel>
      )}
      <Panel title={words.answer}>
        <pre className="mono" style={{ margin: 0, overflow: 'auto', maxHeight: 360 }}>
          {operation.answer}
        </pre>
      </Panel>
      <Panel title={words.tryIt}>
        <TryIt operation={operation} />
      </Panel>
    </>
  );
}

/** Sends a request as the member who is signed in. */
function TryIt({ operation }: { operation: Operation }) {
  const { reference: words, common } = useWords();
  const [said, setSaid] = useState<{ status: number; text: string } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const finish = async (asked: Asked) => {
    setBusy(true);
    setProblem(null);
    await send(operation, asked).then(setSaid, setProblem);
    setBusy(false);
  };
  const changes = operation.method !== 'GET';
  return (
    <>
      {changes && <p className="quiet">{words.forReal}</p>}
      <ProblemNote error={problem} />
      <Form<Asked> layout="vertical" initialValues={{ body: operation.example }} onFinish={finish}>
        {operation.parameters.map(({ name, place, description, required }) => (
          <Form.Item
            key={name}
            name={[place, name]}
            label={<span className="mono">{name}</span>}
            extra={description}
            rules={required ? [{ required: true, message: common.required }] : []}
          >
            <Input />
          </Form.Item>
        ))}
        {operation.body !== null && (
          <Form.Item name="body" label={words.body}>
            <Input.TextArea rows={3} className="mono" spellCheck={false} />
          </Form.Item>
        )}
        <Button htmlType="submit" loading={busy} danger={operation.method === 'DELETE'}>
          {words.send}
        </Button>
      </Form>
      {said !== null && (
        <section aria-live="polite" aria-label={words.answer} style={{ marginTop: 12 }}>
          <p>
            <strong>{said.status}</strong>
          </p>
          <pre className="mono" style={{ margin: 0, overflow: 'auto', maxHeight: 420 }}>
            {said.text}
          </pre>
        </section>
      )}
    </>
  );
}
