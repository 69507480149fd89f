import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useSessionVerbs } from '../../api/session.ts';
import { ProblemNote, useTell } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';
import { Front } from './front.tsx';
import { NewPassword } from './new-password.tsx';

/** For those whose password was made for them: nothing else opens before they have their own. */
export default function ChangePassword() {
  const { session } = useWords();
  const { signOut } = useSessionVerbs();
  const tell = useTell();
  return (
    <Front title={session.changeTitle} text={session.changeText}>
      <PasswordForm />
      <Button type="link" block style={{ marginTop: 8 }} onClick={() => void signOut().catch(tell.problem)}>
        {session.otherName}
      </Button>
    </Front>
  );
}

/** The password as it is and as it shall be. */
export function PasswordForm({ onDone }: { onDone?: () => void }) {
  const { session, common } = useWords();
  const { changePassword } = useSessionVerbs();
  const [form] = Form.useForm<{ current: string; next: string }>();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async ({ current, next }: { current: string; next: string }) => {
    setBusy(true);
    setProblem(null);
    try {
      await changePassword({ current, next });
      form.resetFields();
      onDone?.();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={submit}>
      <ProblemNote error={problem} />
      <Form.Item name="current" label={session.current} rules={[{ required: true, message: common.required }]}>
        <Input.Password autoComplete="current-password" maxLength={1_000} />
      </Form.Item>
      <NewPassword />
      <Button type="primary" htmlType="submit" loading={busy}>
        {session.change}
      </Button>
    </Form>
  );
}
