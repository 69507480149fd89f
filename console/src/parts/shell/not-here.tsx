import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import type { ReactNode } from 'react';
import { type Permission, useMember, useSession } from '../../api/session.ts';
import { useWords } from '../../words/index.tsx';
import { Page, Panel, Teach } from '../page/page.tsx';

/** An address at which nothing is. */
export function NotFound() {
  const { common } = useWords();
  return (
    <Page title={common.notFoundTitle}>
      <Panel>
        <Teach
          title={common.notFoundTitle}
          text={common.notFoundText}
          action={<Link to="/overview">{common.toOverview}</Link>}
        />
      </Panel>
    </Page>
  );
}

/** What browsers say when a file of the console is not there any more: it was built anew since the page was opened. */
const NEWER = /dynamically imported module|module script failed|Unable to preload/i;

/** A page whose code failed, or is another one by now. */
export function Broken({ error }: { error: unknown }) {
  const { common } = useWords();
  if (error instanceof Error && NEWER.test(error.message)) {
    return (
      <Page title={common.newerTitle}>
        <Panel>
          <Teach
            title={common.newerTitle}
            text={common.newerText}
            action={
              <Button type="primary" onClick={() => location.reload()}>
                {common.reload}
              </Button>
            }
          />
        </Panel>
      </Page>
    );
  }
  return (
    <Page title={common.brokenTitle}>
      <Panel>
        <Teach
          title={common.brokenTitle}
          text={
            <>
              {common.brokenText}
              <br />
              <span className="mono">{error instanceof Error ? error.message : String(error)}</span>
            </>
          }
          action={<Button onClick={() => location.reload()}>{common.reload}</Button>}
        />
      </Panel>
    </Page>
  );
}

/** A page that the member's role does not open. */
export function Forbidden() {
  const { common, session } = useWords();
  const { role } = useMember();
  return (
    <Page title={common.forbiddenTitle}>
      <Panel>
        <Teach
          title={common.forbiddenTitle}
          text={common.forbiddenText(session.roles[role])}
          action={<Link to="/overview">{common.toOverview}</Link>}
        />
      </Panel>
    </Page>
  );
}

/** What it holds, for those who have the permission; for others, that they have not. */
export function Needs({ permission, children }: { permission: Permission; children: ReactNode }) {
  const { data: session } = useSession();
  return session?.member.permissions.includes(permission) ? children : <Forbidden />;
}
