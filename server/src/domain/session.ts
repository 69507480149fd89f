/** A signed-in browser. Its token is a secret of the browser's; only a hash of it is kept. */
export interface Session {
  id: number;
  login: Login;
  createdAt: number;
  /** When it was used last, to about a minute. */
  seenAt: number;
  /** It ends then, however busy it is. */
  expiresAt: number;
  /** Where it was opened from. */
  address: string;
  /** The browser's own words for itself. */
  agent: string;
}

/** Whom a session belongs to: a member, or a business by its own user name and password. */
export type Login = { memberId: number } | { businessId: number };

/** How long sessions last. */
export interface SessionPolicy {
  /** One that nobody uses ends after this long. */
  idleMs: number;
  /** Each ends after this long in any case. */
  maxMs: number;
}

/** A use is written down this often at the most. */
export const SESSION_SEEN_EVERY_MS = 60_000;
/** Sessions one login may have at once; the one used least recently makes room. */
export const MAX_SESSIONS = 20;
export const AGENT_MAX_LENGTH = 200;

/** Whether a session still holds. */
export const isOpen = (
  session: Pick<Session, 'seenAt' | 'expiresAt'>,
  { idleMs }: SessionPolicy,
  now: number,
): boolean => now < session.expiresAt && now < session.seenAt + idleMs;
