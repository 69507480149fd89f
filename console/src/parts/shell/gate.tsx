import { useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { useSession, useSessionVerbs } from '../../api/session.ts';
import { ProblemNote } from '../say/problem.tsx';
import { Shell } from './shell.tsx';
import { Wait } from './wait.tsx';

const SignIn = lazy(() => import('../../routes/session/sign-in.tsx'));
const ChangePassword = lazy(() => import('../../routes/session/change-password.tsx'));
const Invite = lazy(() => import('../../routes/session/invite.tsx'));

/**
 * Who may come in. Without a session every address shows the sign-in page, and what was asked for afterwards; nobody is
 * sent elsewhere and forgets where they wanted to go.
 */
export function Gate() {
  const { data: session, error, refetch } = useSession();
  const { watch } = useSessionVerbs();
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: it listens as long as the page is there
  useEffect(watch, []);
  if (error !== null && session === undefined) return <ProblemNote error={error} onAgain={() => void refetch()} />;
  if (session === undefined) return <Wait />;
  return <Suspense fallback={<Wait />}>{inside()}</Suspense>;

  function inside() {
    if (pathname === '/invite') return <Invite />;
    if (session === null || session === undefined) return <SignIn />;
    if (session.member.must_change_password) return <ChangePassword />;
    return <Shell />;
  }
}
