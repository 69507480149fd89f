import { useNavigate } from '@tanstack/react-router';
import { Button, Form } from 'antd';
import { useState } from 'react';
import { useSessionVerbs } from '../../api/session.ts';
import { ProblemNote } from '../../parts/say/problem.tsx';
import { useWords } from '../../words/index.tsx';
import { Front } from './front.tsx';
import { NewPassword } from './new-password.tsx';

/** Whoever was invited chooses a password and is in. The token stands behind the #, where no server's log sees it. */
export default function Invite() {
  const { session } = useWords();
  const { accept } = useSessionVerbs();
  const navigate = useNavigate();
  const [problem, setProblem] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const token = location.hash.slice(1);
  const submit = async ({ next }: { next: string }) => {
    setBusy(true);
    setProblem(null);
    try {
      await accept({ token, password: next });
      await navigate({ to: '/overview' });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Front title={session.inviteTitle} text={token === '' ? session.inviteMissing : session.inviteText}>
      <ProblemNote error={problem} />
      {token !== '' && (
        <Form layout="vertical" requiredMark={false} onFinish={submit}>
          <NewPassword />
          <Button type="primary" htmlType="submit" block size="large" loading={busy}>
            {session.join}
          </Button>
        </Form>
      )}
    </Front>
  );
}
