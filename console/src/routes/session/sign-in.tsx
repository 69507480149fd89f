import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { ApiProblem } from '../../api/problem.ts';
import { useSessionVerbs } from '../../api/session.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';
import { Front } from './front.tsx';

interface Given {
  name: string;
  password: string;
  code?: string;
}

/** Name and password, then, for those who have one, a code of the second factor. */
export default function SignIn() {
  const { session, common } = useWords();
  const { signIn } = useSessionVerbs();
  const [login, setLogin] = useState<{ name: string; password: string } | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const needed = [{ required: true, message: common.required }];

  const submit = async (given: Given) => {
    const { name, password } = login ?? given;
    setBusy(true);
    setProblem(null);
    try {
      await signIn({ name: name.trim(), password, ...(given.code !== undefined && { code: given.code.trim() }) });
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'codeRequired') setLogin({ name, password });
      else setProblem(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Front title={login === null ? session.title : session.codeTitle} {...(login && { text: session.codeText })}>
      <ProblemNote error={problem} />
      <Form<Given> key={login === null ? 'login' : 'code'} layout="vertical" requiredMark={false} onFinish={submit}>
        {login === null ? (
          <>
            <Form.Item name="name" label={session.name} rules={needed}>
              <Input autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus maxLength={64} />
            </Form.Item>
            <Form.Item name="password" label={session.password} rules={needed}>
              <Input.Password autoComplete="current-password" maxLength={1_000} />
            </Form.Item>
          </>
        ) : (
          <Form.Item name="code" label={session.code} rules={needed}>
            <Input autoComplete="one-time-code" inputMode="numeric" autoFocus maxLength={10} />
          </Form.Item>
        )}
        <Button type="primary" htmlType="submit" block size="large" loading={busy}>
          {session.signIn}
        </Button>
        {login !== null && (
          <Button type="link" block style={{ marginTop: 8 }} onClick={() => setLogin(null)}>
            {session.otherName}
          </Button>
        )}
      </Form>
    </Front>
  );
}
