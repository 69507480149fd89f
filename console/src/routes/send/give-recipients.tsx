import { InboxOutlined } from '@ant-design/icons';
import { Button, Upload as FileInput, Form, Input, Progress, Segmented } from 'antd';
import { useState } from 'react';
import type { Schemas } from '../../api/schema.js';
import { useFormat } from '../../parts/format/format.ts';
import { Phone } from '../../parts/phone/bubble.tsx';
import { CHINESE_NUMBER, previewOf, variablesOf } from '../../parts/phone/preview.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';
import { PriceNote } from './price-note.tsx';
import css from './send.module.css';
import { useSignatureText } from './signature-text.ts';
import type { Made, Upload } from './use-upload.ts';

/** Pasted lines as the file they make. */
const pastedText = (lines: readonly string[]): string => (lines.length === 0 ? '' : `${lines.join('\n')}\n`);

/** Numbers that are pasted, or a file that is uploaded; values that are the same for all of them. */
export function GiveRecipients({
  template,
  upload,
  onBack,
  onDraft,
}: {
  template: Schemas['Template'];
  upload: Upload;
  onBack: () => void;
  onDraft: (made: Made) => void;
}) {
  const { common, send: words } = useWords();
  const format = useFormat();
  const [way, setWay] = useState<'paste' | 'file'>('paste');
  const [pasted, setPasted] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [values, setValues] = useState<Record<string, string>>({});
  const signature = useSignatureText(template);
  const variables = variablesOf(template.template);
  const lines = pasted.split(/\r?\n/).filter((line) => line.trim() !== '');
  const header = lines.length > 0 && !/\d{5}/.test(lines[0]!);
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  const preview = previewOf({ ...template, signature, values: given, recipient: CHINESE_NUMBER });
  const ready = way === 'paste' ? lines.length > (header ? 1 : 0) : file !== null;

  const wishes = {
    ...(name.trim() !== '' && { name: name.trim() }),
    ...(Object.keys(given).length > 0 && { params: JSON.stringify(given) }),
  };
  const read = async () => {
    const blob = way === 'paste' ? new Blob([pastedText(lines)], { type: 'text/csv' }) : file!;
    const made = await upload.start(template, blob, wishes, variables);
    if (made !== null) onDraft(made);
  };

  return (
    <div className={css.columns}>
      <div>
        <ProblemNote error={upload.problem} />
        <Segmented
          aria-label={words.headings.recipients}
          value={way}
          options={[
            { value: 'paste', label: words.paste },
            { value: 'file', label: words.upload },
          ]}
          onChange={setWay}
          style={{ marginBottom: 12 }}
        />
        <Form layout="vertical" onFinish={read}>
          {way === 'paste' ? (
            <Form.Item
              label={words.numbers}
              htmlFor="numbers"
              extra={variables.length === 0 ? words.numbersHint : words.numbersWithValues(variables.join(','))}
            >
              <Input.TextArea
                id="numbers"
                rows={8}
                value={pasted}
                spellCheck={false}
                className="mono"
                placeholder={['13800138000', '13800138001', '13800138002'].join('\n')}
                onChange={(event) => setPasted(event.target.value)}
              />
              <div className="quiet" aria-live="polite">
                {words.lines(format.number(Math.max(0, lines.length - (header ? 1 : 0))))}
              </div>
              <PriceNote templateId={template.id} text={pastedText(lines)} wishes={wishes} />
            </Form.Item>
          ) : (
            <Form.Item label={words.file} extra={words.fileHint}>
              <FileInput.Dragger
                accept=".csv,.txt,.xlsx,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
                maxCount={1}
                showUploadList={false}
                beforeUpload={(chosen) => {
                  setFile(chosen);
                  return false;
                }}
              >
                <p className={css.dropIcon}>
                  <InboxOutlined aria-hidden />
                </p>
                <p>{file === null ? words.drop : words.chosen(file.name, format.octets(file.size))}</p>
              </FileInput.Dragger>
            </Form.Item>
          )}
          {variables.length > 0 && (
            <fieldset className={css.values}>
              <legend>{words.sameForAll}</legend>
              <p className="quiet">{words.sameForAllHint}</p>
              {variables.map((variable) => (
                <Input
                  key={variable}
                  addonBefore={`{${variable}}`}
                  aria-label={words.valueOf(variable)}
                  value={values[variable] ?? ''}
                  onChange={(event) => setValues({ ...values, [variable]: event.target.value })}
                />
              ))}
            </fieldset>
          )}
          <Form.Item label={`${words.name} · ${common.optional}`} htmlFor="plan-name" extra={words.nameHint}>
            <Input id="plan-name" maxLength={255} value={name} onChange={(event) => setName(event.target.value)} />
          </Form.Item>
          {upload.progress !== null && (
            <div role="status">
              <Progress percent={Math.floor(upload.progress * 100)} status="active" aria-label={words.uploading} />
              <span className="quiet">{upload.progress < 1 ? words.uploading : words.reading}</span>
            </div>
          )}
          <div className={css.foot}>
            <Button onClick={onBack}>{common.back}</Button>
            {upload.progress === null ? (
              <Button type="primary" htmlType="submit" disabled={!ready}>
                {common.next}
              </Button>
            ) : (
              <Button onClick={upload.stop}>{common.cancel}</Button>
            )}
          </div>
        </Form>
      </div>
      <Phone preview={preview} />
    </div>
  );
}
