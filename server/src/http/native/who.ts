import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Actor } from '../../domain/credential.ts';
import { must } from '../../domain/refusals.ts';
import { AGENT_MAX_LENGTH } from '../../domain/session.ts';
import type { From, Person } from '../../services/session.ts';
import { isCsrfToken } from '../../services/sign-in.ts';
import type { HttpDeps } from '../deps.ts';
import type { Endpoint } from './endpoint.ts';

const COOKIE = 'signet_session';
const CSRF_HEADER = 'x-csrf-token';

/** The browser or program at the other end. */
export interface Visit {
  from: From;
  /** Where it found this server: scheme and host, as its address bar has them. */
  origin: string;
  /** The session that asks; null: there is none. */
  session: { token: string; person: Person } | null;
  /** Gives the browser the token of its session; null takes it away. */
  setToken(token: string | null): void;
}

/**
 * Who asks, allowed to ask this: by HTTP Basic, or with the cookie of a session.
 * @returns `actor`: null where nobody is asked who they are
 * @throws Refused
 */
export async function whoAsks(
  deps: Pick<HttpDeps, 'authenticator' | 'signIn'>,
  endpoint: Pick<Endpoint, 'method' | 'access' | 'admin' | 'permission' | 'needs'>,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<{ actor: Actor | null; visit: Visit }> {
  const { method, access, admin, permission, needs } = endpoint;
  const visit = visitOf(request, reply);
  if (method !== 'GET') mustBeOurPage(request);
  if (access === 'anybody') return { actor: null, visit };
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    must(access === 'signed in', { code: 'sessionOver' });
    const actor = await deps.authenticator.authenticate(authorization, request.ip, 'native');
    must(!admin || actor.admin, { code: 'adminOnly' });
    if (permission !== null) must(actor.permissions.includes(permission), { code: 'permissionMissing', permission });
    return { actor, visit };
  }
  const token = tokenIn(request.headers.cookie);
  if (token === null) {
    must(access === 'signed in', { code: 'sessionOver' });
    must(false, { code: isPage(request) ? 'sessionOver' : 'badCredentials' });
  }
  const { actor, person } = await deps.signIn.resume(token, request.ip);
  if (method !== 'GET') {
    const given = request.headers[CSRF_HEADER];
    must(typeof given === 'string' && isCsrfToken(token, given), { code: 'csrfWrong' });
  }
  visit.session = { token, person };
  if (access === 'session') return { actor, visit };
  must(person.member?.mustChangePassword !== true, { code: 'passwordChangeNeeded' });
  must(!admin || actor.admin, { code: 'adminOnly' });
  if (needs !== null)
    must(actor.session!.permissions.includes(needs), { code: 'permissionMissing', permission: needs });
  return { actor, visit };
}

/** A script on a page asks, not a person or a program: its 401 must not make the browser ask for a password. */
export function isPage({ headers }: FastifyRequest): boolean {
  return headers['sec-fetch-site'] !== undefined && headers['sec-fetch-mode'] !== 'navigate';
}

/**
 * Browsers send names and passwords along that they remember, whichever site asks: what comes from another one changes
 * nothing. Programs say nothing about sites.
 */
function mustBeOurPage({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  must(site === undefined || site === 'same-origin' || site === 'none', { code: 'csrfWrong' });
}

function visitOf(request: FastifyRequest, reply: FastifyReply): Visit {
  const agent = (request.headers['user-agent'] ?? '').slice(0, AGENT_MAX_LENGTH);
  return {
    from: { address: request.ip, agent },
    origin: `${request.protocol}://${request.host}`,
    session: null,
    setToken(token) {
      const secure = request.protocol === 'https' ? '; Secure' : '';
      const ended = token === null ? '; Max-Age=0' : '';
      reply.header('set-cookie', `${COOKIE}=${token ?? ''}; HttpOnly; SameSite=Strict; Path=/${ended}${secure}`);
    },
  };
}

/** The token in a Cookie header (RFC 6265), or null. */
function tokenIn(cookie: string | undefined): string | null {
  for (const pair of cookie?.split(';') ?? []) {
    const [name, value] = pair.split('=', 2);
    if (name!.trim() === COOKIE && value !== undefined && value.trim() !== '') return value.trim();
  }
  return null;
}
