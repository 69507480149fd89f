import { Button, Form, Input, QRCode, Select } from 'antd';
import { useState } from 'react';
import { useMember, useSessionVerbs } from '../../api/session.ts';
import { Facts, Page, Panel } from '../../parts/page/page.tsx';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { LANGUAGE_NAMES, LANGUAGES, type Language, useSpeaking, useWords } from '../../words/index.tsx';
import { PasswordForm } from '../session/change-password.tsx';
import { Sessions } from './sessions.tsx';

/** What somebody may do about their own login. */
export function Account() {
  const { session } = useWords();
  const member = useMember();
  const tell = useTell();
  const words = session.account;
  const { language, speak } = useSpeaking();
  return (
    <Page title={words.title} narrow>
      <Panel>
        <Facts
          items={[
            [words.who, member.name],
            [words.role, session.roles[member.role]],
          ]}
        />
      </Panel>
      <Panel title={words.passwordTitle}>
        <PasswordForm onDone={() => tell.done(words.passwordDone)} />
      </Panel>
      <Panel title={words.totpTitle}>{member.id === null ? <p>{words.totpNone}</p> : <SecondFactor />}</Panel>
      <Panel title={words.sessions}>
        <Sessions />
      </Panel>
      <Panel title={words.language}>
        <Select<Language>
          aria-label={words.language}
          style={{ width: 200 }}
          value={language}
          options={LANGUAGES.map((value) => ({ value, label: LANGUAGE_NAMES[value] }))}
          onChange={speak}
        />
      </Panel>
    </Page>
  );
}

function SecondFactor() {
  const { session } = useWords();
  const words = session.account;
  const { totp } = useMember();
  const { beginTotp, confirmTotp, removeTotp } = useSessionVerbs();
  const [begun, setBegun] = useState<{ secret: string; otpauth_url: string } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const attempt = async (act: () => Promise<unknown>) => {
    setProblem(null);
    await act().catch(setProblem);
  };
  if (totp) {
    return (
      <>
        <ProblemNote error={problem} />
        <p>{words.totpOn}</p>
        <p className="quiet">{words.totpRemoveText}</p>
        <CodeForm verb={words.totpRemove} danger onCode={(code) => attempt(() => removeTotp(code))} />
      </>
    );
  }
  return (
    <>
      <ProblemNote error={problem} />
      {begun === null ? (
        <>
          <p>{words.totpOff}</p>
          <Button onClick={() => void attempt(async () => setBegun(await beginTotp()))}>{words.totpBegin}</Button>
        </>
      ) : (
        <>
          <p>{words.totpScan}</p>
          <QRCode value={begun.otpauth_url} size={180} bgColor="#ffffff" color="#000000" />
          <p>
            {words.totpSecret}: <span className="mono">{begun.secret}</span>
          </p>
          <CodeForm verb={words.totpConfirm} onCode={(code) => attempt(() => confirmTotp(code))} />
        </>
      )}
    </>
  );
}

function CodeForm({
  verb,
  danger = false,
  onCode,
}: {
  verb: string;
  danger?: boolean;
  onCode: (code: string) => Promise<void>;
}) {
  const { session, common } = useWords();
  return (
    <Form layout="inline" requiredMark={false} onFinish={({ code }: { code: string }) => onCode(code.trim())}>
      <Form.Item name="code" label={session.code} rules={[{ required: true, message: common.required }]}>
        <Input autoComplete="one-time-code" inputMode="numeric" maxLength={10} style={{ width: 120 }} />
      </Form.Item>
      <Button htmlType="submit" danger={danger}>
        {verb}
      </Button>
    </Form>
  );
}
