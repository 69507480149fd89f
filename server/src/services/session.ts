import { ADMIN_NAME, type Business } from '../domain/business.ts';
import type { Via } from '../domain/credential.ts';
import type { Member } from '../domain/member.ts';
import { must } from '../domain/refusals.ts';
import { type Login, MAX_SESSIONS, type Session } from '../domain/session.ts';
import { matchTotp } from '../lib/totp.ts';
import type { Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import type { WrongPart } from './login-guards.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/** Whoever a name or a session means: a member, or a business by its own login. */
export interface Person {
  /** Null: the business by its own login. */
  member: Member | null;
  /** Whose things it works with; of the staff: the administrator's. */
  business: Business;
}

/** Where a browser is, and what it calls itself. */
export interface From {
  address: string;
  agent: string;
}

/** What signing in to the console with a name needs; null: nobody has it. */
export async function personByName(
  reader: Reader,
  input: { name: string },
): Promise<(Person & { passwordHash: string }) | null> {
  const member = await reader.members.byName(input.name);
  if (member !== null) {
    const { passwordHash } = (await reader.members.secrets(member.id))!;
    return { member, business: await businessOf(reader, member), passwordHash };
  }
  const business = await reader.businesses.byName(input.name);
  if (business === null) return null;
  return { member: null, business, passwordHash: (await reader.businesses.passwordHash(business.id))! };
}

/** Whose session a token is, whether it still holds or not; null: nobody's. */
export async function personByToken(
  reader: Reader,
  input: { tokenHash: Uint8Array },
): Promise<(Person & { session: Session }) | null> {
  const session = await reader.sessions.byToken(input.tokenHash);
  if (session === null) return null;
  if ('businessId' in session.login) {
    const business = await reader.businesses.byId(session.login.businessId);
    return business === null ? null : { member: null, business, session };
  }
  const member = await reader.members.byId(session.login.memberId);
  return member === null ? null : { member, business: await businessOf(reader, member), session };
}

async function businessOf(reader: Reader, member: Member): Promise<Business> {
  const { businessId } = member;
  return (await (businessId === null ? reader.businesses.byName(ADMIN_NAME) : reader.businesses.byId(businessId)))!;
}

/**
 * Opens a session for a login whose password was right a moment ago: the hash it was compared with must be the one that
 * holds now. The code of a second factor is used up here.
 */
export const openSession = single(
  async (
    tx,
    ctx,
    input: {
      login: Login;
      passwordHash: string;
      /** Null: none was given. */
      code: string | null;
      /** SHA-256 of the new session's token. */
      tokenHash: Uint8Array;
      from: From;
    },
  ): Promise<Session> => {
    const now = ctx.now();
    await tx.sessions.deleteOver(now, now - ctx.settings.sessions.idleMs);
    if ('memberId' in input.login) await admitMember(tx, now, { ...input, memberId: input.login.memberId });
    else {
      const hash = await tx.businesses.passwordHash(input.login.businessId);
      must(hash === input.passwordHash, { code: 'badCredentials' });
    }
    return insertSession(tx, ctx, input.login, input.tokenHash, input.from);
  },
);

/**
 * Notes that somebody could not sign in; nothing is changed by it but the audit log, which tells it.
 * @param input.login whose name was given; null: nobody's. Such a name is not noted: it may be a password in the wrong field
 */
export const noteFailedSignIn = single(
  async (
    _tx,
    _ctx,
    _input: { login: Login | null; why: WrongPart; failures: number; address: string; via: Via },
  ): Promise<void> => {},
);

async function admitMember(
  tx: Tx,
  now: number,
  { memberId, passwordHash, code }: { memberId: number; passwordHash: string; code: string | null },
): Promise<void> {
  const member = await tx.members.byId(memberId);
  const secrets = await tx.members.secrets(memberId);
  must(member !== null && secrets?.passwordHash === passwordHash, { code: 'badCredentials' });
  must(member.state === 'active', { code: 'memberDisabled' });
  if (secrets.totpSecret !== null) {
    must(code !== null, { code: 'codeRequired' });
    const totpStep = matchTotp(secrets.totpSecret, code, now, secrets.totpStep);
    must(totpStep !== null, { code: 'codeWrong' });
    await tx.members.setTotp(memberId, { ...secrets, totpStep });
  }
  await tx.members.signedIn(memberId, now);
}

async function insertSession(tx: Tx, ctx: Ctx, login: Login, tokenHash: Uint8Array, from: From): Promise<Session> {
  const now = ctx.now();
  const others = await tx.sessions.ofLogin(login);
  others.sort((a, b) => b.seenAt - a.seenAt || b.id - a.id);
  for (const { id } of others.slice(MAX_SESSIONS - 1)) await tx.sessions.delete(id);
  const expiresAt = now + ctx.settings.sessions.maxMs;
  const session = { login, createdAt: now, expiresAt, address: from.address, agent: from.agent };
  return { id: await tx.sessions.insert(session, tokenHash), seenAt: now, ...session };
}

/** Notes that a session is in use. */
export const noteSession = single(async (tx, ctx, input: { id: number }): Promise<void> => {
  await tx.sessions.seen(input.id, ctx.now());
});

/** Ends one of the actor's own sessions. */
export const endSession = single(async (tx, _ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  const own = await tx.sessions.ofLogin(loginOf(input.actor));
  must(
    own.some(({ id }) => id === input.id),
    { code: 'sessionNotFound' },
  );
  await tx.sessions.delete(input.id);
});

/** The actor's own sessions, newest first. */
export const listSessions = (reader: Reader, input: { actor: ActorRef }): Promise<Session[]> =>
  reader.sessions.ofLogin(loginOf(input.actor));

/**
 * Gives whoever is signed in the password it has chosen. All its sessions end; the one that asks goes on under another
 * token, so that nobody who had the old one comes along.
 */
export const changeOwnPassword = single(
  async (
    tx,
    ctx,
    input: {
      actor: ActorRef;
      /** The hash that the password given as the present one was compared with. */
      presentHash: string;
      passwordHash: string;
      tokenHash: Uint8Array;
      from: From;
    },
  ): Promise<Session> => {
    const login = loginOf(input.actor);
    if ('memberId' in login) {
      const secrets = await tx.members.secrets(login.memberId);
      must(secrets?.passwordHash === input.presentHash, { code: 'badCredentials' });
      await tx.members.setPassword(login.memberId, input.passwordHash, false);
    } else {
      const { businessId } = login;
      must((await tx.businesses.passwordHash(businessId)) === input.presentHash, { code: 'badCredentials' });
      await tx.businesses.setPasswordHash(businessId, input.passwordHash);
      await addEvent(tx, ctx, businessId, { kind: 'business.changed', change: 'password' });
      ctx.notify({ kind: 'businessChanged', businessId });
    }
    await tx.sessions.deleteOf(login, null);
    return insertSession(tx, ctx, login, input.tokenHash, input.from);
  },
);

/** Keeps a secret that becomes the second factor with its first code. */
export const beginSecondFactor = single(
  async (tx, _ctx, input: { actor: ActorRef; secret: Uint8Array }): Promise<void> => {
    const { memberId, secrets } = await ownSecrets(tx, input.actor);
    must(secrets.totpSecret === null, { code: 'secondFactorState', on: true });
    await tx.members.setTotp(memberId, { totpSecret: null, totpPending: input.secret, totpStep: 0 });
  },
);

/** Makes the secret that waits the second factor, and ends the member's other sessions, which came in without it. */
export const confirmSecondFactor = single(async (tx, ctx, input: { actor: ActorRef; code: string }): Promise<void> => {
  const { memberId, secrets } = await ownSecrets(tx, input.actor);
  must(secrets.totpPending !== null, { code: 'secondFactorState', on: secrets.totpSecret !== null });
  const totpStep = matchTotp(secrets.totpPending, input.code, ctx.now(), 0);
  must(totpStep !== null, { code: 'codeWrong' });
  await tx.members.setTotp(memberId, { totpSecret: secrets.totpPending, totpPending: null, totpStep });
  await tx.sessions.deleteOf({ memberId }, input.actor.session?.id ?? null);
});

/** Takes the member's own second factor away, with one of its codes. */
export const removeSecondFactor = single(async (tx, ctx, input: { actor: ActorRef; code: string }): Promise<void> => {
  const { memberId, secrets } = await ownSecrets(tx, input.actor);
  must(secrets.totpSecret !== null, { code: 'secondFactorState', on: false });
  must(matchTotp(secrets.totpSecret, input.code, ctx.now(), secrets.totpStep) !== null, { code: 'codeWrong' });
  await tx.members.setTotp(memberId, { totpSecret: null, totpPending: null, totpStep: 0 });
});

async function ownSecrets(tx: Tx, actor: ActorRef) {
  const login = loginOf(actor);
  must('memberId' in login, { code: 'notAMember' });
  const secrets = await tx.members.secrets(login.memberId);
  must(secrets !== null, { code: 'sessionOver' });
  return { memberId: login.memberId, secrets };
}

/** @throws Refused (sessionOver) when who asks is not signed in */
function loginOf(actor: ActorRef): Login {
  must(actor.session != null, { code: 'sessionOver' });
  const { memberId } = actor.session;
  return memberId === null ? { businessId: actor.businessId } : { memberId };
}
