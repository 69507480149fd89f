import { useQuery, useQueryClient } from '@tanstack/react-query';
import { keepCsrfToken, whenSessionEnds } from './client.ts';
import { type ApiProblem, away, problemOf } from './problem.ts';
import type { Schemas } from './schema.js';

export type Session = Schemas['Session'];
/** Who is signed in, and what they may do. */
export type Member = Session['member'];
export type Permission = Member['permissions'][number];

const KEY = ['session'];
const PATH = '/api/v1/session';

async function ask(method: string, path: string, body?: object, token?: string): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (token !== undefined) headers['x-csrf-token'] = token;
  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = JSON.stringify(body);
  return fetch(path, init).catch(() => {
    throw away();
  });
}

async function read(answer: Response): Promise<Session> {
  if (!answer.ok) throw await problemOf(answer);
  const session = (await answer.json()) as Session;
  keepCsrfToken(session.csrf_token);
  return session;
}

async function current(): Promise<Session | null> {
  const answer = await ask('GET', PATH);
  if (answer.status === 401) {
    keepCsrfToken(null);
    return null;
  }
  return read(answer);
}

/** The session as it stands; null when nobody is signed in, undefined while that is not known. */
export function useSession() {
  return useQuery<Session | null, ApiProblem>({ queryKey: KEY, queryFn: current, staleTime: 60_000, retry: 2 });
}

/** What can be done with a session. Each throws {@link ApiProblem} when the server says no. */
export function useSessionVerbs() {
  const queries = useQueryClient();
  const token = () => queries.getQueryData<Session | null>(KEY)?.csrf_token ?? '';
  const take = async (answer: Response): Promise<Session> => {
    const session = await read(answer);
    queries.setQueryData(KEY, session);
    return session;
  };
  return {
    async signIn(given: { name: string; password: string; code?: string }) {
      const answer = await ask('POST', PATH, given);
      // What somebody else saw here is not for whoever comes next.
      if (answer.ok) queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== KEY[0] });
      return take(answer);
    },
    async accept(given: { token: string; password: string }) {
      return take(await ask('POST', '/api/v1/invites/accept', given));
    },
    async changePassword(given: { current: string; next: string }) {
      return take(await ask('POST', `${PATH}/password`, given, token()));
    },
    async beginTotp(): Promise<Schemas['TotpSecret']> {
      const answer = await ask('POST', `${PATH}/totp`, undefined, token());
      if (!answer.ok) throw await problemOf(answer);
      return answer.json() as Promise<Schemas['TotpSecret']>;
    },
    async confirmTotp(code: string) {
      return take(await ask('POST', `${PATH}/totp/confirm`, { code }, token()));
    },
    async removeTotp(code: string) {
      return take(await ask('DELETE', `${PATH}/totp`, { code }, token()));
    },
    async signOut() {
      const answer = await ask('DELETE', PATH, undefined, token());
      if (!answer.ok && answer.status !== 401) throw await problemOf(answer);
      queries.clear();
      queries.setQueryData(KEY, null);
    },
    /** Shows the sign-in page as soon as the server says that the session is over. */
    watch() {
      whenSessionEnds(() => queries.setQueryData(KEY, null));
    },
  };
}

/** The member who is signed in. Only below the shell, which is shown to nobody else. */
export function useMember(): Member {
  const { data } = useSession();
  if (!data) throw new Error('nobody is signed in');
  return data.member;
}

/** Whether the member may do something; the server decides again. */
export function useMay(): (permission: Permission) => boolean {
  const { data } = useSession();
  return (permission) => data?.member.permissions.includes(permission) ?? false;
}
