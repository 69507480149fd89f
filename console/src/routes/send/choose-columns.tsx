import { Alert, Button, Form, Input, Progress, Select } from 'antd';
import { useState } from 'react';
import type { Schemas } from '../../api/schema.js';
import { variablesOf } from '../../parts/phone/preview.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';
import css from './send.module.css';
import type { Upload, Wishes } from './use-upload.ts';

type Draft = Schemas['Draft'];

/** Which column holds the numbers, and where each variable's value comes from. */
export function ChooseColumns({
  template,
  upload,
  onBack,
  onNext,
}: {
  template: Schemas['Template'];
  upload: Upload;
  onBack: () => void;
  onNext: (draft: Draft) => void;
}) {
  const { common, send: words } = useWords();
  const draft = upload.draft!;
  const { file } = draft;
  const variables = variablesOf(template.template);
  const fallback =
    upload.wishes.params === undefined ? {} : (JSON.parse(upload.wishes.params) as Record<string, string>);
  const [numbers, setNumbers] = useState(file.number_column);
  const [columns, setColumns] = useState<Record<string, string | undefined>>(() =>
    Object.fromEntries(file.map.map(({ variable, column }) => [variable, column ?? undefined])),
  );
  const [values, setValues] = useState<Record<string, string>>(fallback);
  const missing = variables.filter((name) => columns[name] === undefined && (values[name] ?? '') === '');
  const options = file.columns.map((column, i) => ({
    value: column,
    label: file.has_header ? column : words.columnNumber(i + 1),
  }));

  const next = async () => {
    const wishes: Wishes = {
      ...(upload.wishes.name !== undefined && { name: upload.wishes.name }),
      header: file.has_header ? 'yes' : 'no',
      number_column: numbers,
      ...objectText('map', columns),
      ...objectText('params', values),
    };
    const unchanged =
      !upload.probing &&
      numbers === file.number_column &&
      file.map.every(({ variable, column }) => (column ?? undefined) === columns[variable]) &&
      JSON.stringify(kept(values)) === JSON.stringify(kept(fallback));
    if (unchanged) {
      onNext(draft);
      return;
    }
    const made = await upload.start(template, upload.file!, wishes, []);
    if (made !== null) onNext(made.draft);
  };

  return (
    <Form layout="vertical" onFinish={next} className={css.form ?? ''}>
      <ProblemNote error={upload.problem} />
      {upload.probing && <Alert type="info" showIcon title={words.columnsNeeded} style={{ marginBottom: 16 }} />}
      <Form.Item label={words.numberColumn} htmlFor="number-column">
        <Select id="number-column" value={numbers} options={options} onChange={setNumbers} />
      </Form.Item>
      {variables.map((variable) => (
        <Form.Item key={variable} label={`{${variable}}`} htmlFor={`column-${variable}`}>
          <div className={css.pair}>
            <Select
              id={`column-${variable}`}
              allowClear
              placeholder={words.noColumn}
              value={columns[variable] ?? null}
              options={options}
              onChange={(column: string | null) => setColumns({ ...columns, [variable]: column ?? undefined })}
            />
            <Input
              aria-label={words.valueOf(variable)}
              placeholder={columns[variable] === undefined ? words.valueForAll : words.valueWhereEmpty}
              value={values[variable] ?? ''}
              onChange={(event) => setValues({ ...values, [variable]: event.target.value })}
            />
          </div>
        </Form.Item>
      ))}
      {missing.length > 0 && (
        <p className={css.missing}>{words.missing(missing.map((name) => `{${name}}`).join(' '))}</p>
      )}
      {upload.progress !== null && (
        <Progress percent={Math.floor(upload.progress * 100)} status="active" aria-label={words.uploading} />
      )}
      <div className={css.foot}>
        <Button onClick={onBack}>{common.back}</Button>
        <Button
          type="primary"
          htmlType="submit"
          disabled={missing.length > 0}
          loading={upload.progress !== null}
          autoFocus={missing.length === 0}
        >
          {common.next}
        </Button>
      </div>
    </Form>
  );
}

const kept = (values: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => (entry[1] ?? '') !== ''));

/** `{ name: JSON }`, or nothing where there is nothing to say. */
function objectText(name: 'map' | 'params', values: Record<string, string | undefined>): Wishes {
  const said = kept(values);
  return Object.keys(said).length === 0 ? {} : { [name]: JSON.stringify(said) };
}
