import { PASSWORD_MAX_LENGTH } from '../domain/business.ts';
import { type Actor, PERMISSIONS } from '../domain/credential.ts';
import { must, Refused } from '../domain/refusals.ts';
import { keyPermissionsOf, PERMISSIONS_OF, type Role } from '../domain/role.ts';
import { isOpen, type Login, SESSION_SEEN_EVERY_MS, type Session, type SessionPolicy } from '../domain/session.ts';
import { codePoints } from '../domain/template.ts';
import type { Clock } from '../lib/clock.ts';
import { derivedSecret, equalOctets, randomSecret, sha256 } from '../lib/random.ts';
import type { Desk } from './desk.ts';
import type { LoginGuards } from './login-guards.ts';
import type { From, Person } from './session.ts';

const TOKEN_BITS = 256;
/** Characters of a token: longer texts are none. */
const TOKEN_LENGTH = 43;

/** A session that was just opened, or opened anew. */
export interface OpenedSession {
  /** The browser's secret: goes into a cookie and nowhere else. */
  token: string;
  actor: Actor;
  person: Person;
}

/** Signs people in to the console, and tells whose session a token is. */
export class SignIn {
  readonly #desk: Desk;
  readonly #clock: Clock;
  readonly #guards: LoginGuards;
  readonly #policy: SessionPolicy;

  constructor(desk: Desk, clock: Clock, guards: LoginGuards, policy: SessionPolicy) {
    this.#desk = desk;
    this.#clock = clock;
    this.#guards = guards;
    this.#policy = policy;
  }

  /** Whether a session still holds. */
  isOpen(session: Session): boolean {
    return isOpen(session, this.#policy, this.#clock.now());
  }

  /**
   * Opens a session, always a new one, whatever the browser had before.
   * @param code of the second factor; null: none was given
   * @throws Refused with badCredentials, codeRequired, codeWrong, memberDisabled, businessSuspended or tooManyLogins
   */
  async open(
    { name, password, code }: { name: string; password: string; code: string | null },
    from: From,
  ): Promise<OpenedSession> {
    await this.#guards.checkLogins(name, from.address);
    const found = await this.#desk.ask('personByName', { name });
    const right = codePoints(password) <= PASSWORD_MAX_LENGTH && (await this.#isPassword(found, password));
    if (found === null || !right) {
      const failures = await this.#guards.countFailedLogin(name, from.address);
      await this.#noteFailure(found && loginOf(found), 'password', failures, from.address);
      throw new Refused({ code: 'badCredentials' });
    }
    const { member, business, passwordHash } = found;
    must(business.state === 'active', { code: 'businessSuspended' });
    return this.#withCode(member?.id ?? null, code, from.address, async () => {
      const token = randomSecret(TOKEN_BITS);
      const tokenHash = sha256(token);
      const session = await this.#desk.do('openSession', {
        login: loginOf(found),
        passwordHash,
        code,
        tokenHash,
        from,
      });
      return { token, actor: actorOf(found, session, from.address), person: found };
    });
  }

  /**
   * Who asks with this token.
   * @throws Refused with sessionOver, memberDisabled or businessSuspended
   */
  async resume(token: string, address: string): Promise<{ actor: Actor; person: Person }> {
    must(token.length === TOKEN_LENGTH, { code: 'sessionOver' });
    const found = await this.#desk.ask('personByToken', { tokenHash: sha256(token) });
    const now = this.#clock.now();
    must(found !== null && this.isOpen(found.session), { code: 'sessionOver' });
    must(found.business.state === 'active', { code: 'businessSuspended' });
    must(found.member?.state !== 'disabled', { code: 'memberDisabled' });
    const { session } = found;
    if (now - session.seenAt >= SESSION_SEEN_EVERY_MS) await this.#desk.do('noteSession', { id: session.id });
    return { actor: actorOf(found, session, address), person: found };
  }

  /**
   * Gives whoever is signed in another password, and its session another token.
   * @throws Refused (badCredentials) when the present one is not right
   */
  async changePassword(
    actor: Actor,
    person: Person,
    present: string,
    passwordHash: string,
    from: From,
  ): Promise<OpenedSession> {
    const { name } = person.member ?? person.business;
    await this.#guards.checkLogins(name, from.address);
    const found = await this.#desk.ask('personByName', { name });
    const right = codePoints(present) <= PASSWORD_MAX_LENGTH && (await this.#isPassword(found, present));
    if (found === null || !right) {
      const failures = await this.#guards.countFailedLogin(name, from.address);
      await this.#noteFailure(found && loginOf(found), 'password', failures, from.address);
      throw new Refused({ code: 'badCredentials' });
    }
    const token = randomSecret(TOKEN_BITS);
    const session = await this.#desk.do('changeOwnPassword', {
      actor,
      presentHash: found.passwordHash,
      passwordHash,
      tokenHash: sha256(token),
      from,
    });
    const changed = found.member && { ...found.member, mustChangePassword: false };
    const now = { member: changed, business: found.business };
    return { token, actor: actorOf(now, session, from.address), person: now };
  }

  /** Runs what takes a code of the actor's second factor; wrong ones are counted. */
  withCode<T>(actor: Actor, code: string, work: () => Promise<T>): Promise<T> {
    return this.#withCode(actor.session?.memberId ?? null, code, actor.caller.address, work);
  }

  async #withCode<T>(
    memberId: number | null,
    code: string | null,
    address: string,
    work: () => Promise<T>,
  ): Promise<T> {
    if (memberId !== null && code !== null) await this.#guards.checkCodes(memberId);
    try {
      return await work();
    } catch (error) {
      const wrong = error instanceof Refused && error.refusal.code === 'codeWrong';
      if (wrong && memberId !== null) {
        await this.#noteFailure({ memberId }, 'code', await this.#guards.countWrongCode(memberId), address);
      }
      throw error;
    }
  }

  /** Tells the audit log, as far as that is bearable. */
  async #noteFailure(login: Login | null, why: 'password' | 'code', failures: number, address: string): Promise<void> {
    if (!(await this.#guards.isWorthNoting(why, failures))) return;
    await this.#desk.do('noteFailedSignIn', { login, why, failures, address, via: 'console' });
  }

  #isPassword(found: { passwordHash: string } | null, password: string): Promise<boolean> {
    return this.#guards.isPassword(found?.passwordHash ?? null, password);
  }
}

/** What a page of ours repeats in a header with each change: whoever has only the cookie sent along cannot know it. */
export const csrfTokenOf = (token: string): string => derivedSecret(token, 'csrf');

export const isCsrfToken = (token: string, given: string): boolean =>
  equalOctets(Buffer.from(csrfTokenOf(token)), Buffer.from(given));

/** The role somebody works in: root is an admin, a business's own login its owner. */
export function roleOf({ member, business }: Person): Role {
  return member?.role ?? (business.admin ? 'admin' : 'owner');
}

const loginOf = ({ member, business }: Person): Login =>
  member === null ? { businessId: business.id } : { memberId: member.id };

/** The actor behind a session. */
function actorOf(person: Person, session: Session, address: string): Actor {
  const { member, business } = person;
  const permissions = PERMISSIONS_OF[roleOf(person)];
  return {
    businessId: business.id,
    businessName: business.name,
    admin: business.admin,
    credentialId: null,
    permissions: member === null ? PERMISSIONS : keyPermissionsOf(permissions),
    defaultCountry: business.defaultCountry,
    session: { id: session.id, memberId: member?.id ?? null, permissions },
    caller:
      member === null
        ? { kind: 'business', id: business.id, name: business.name, address, via: 'console' }
        : { kind: 'member', id: member.id, name: member.name, address, via: 'console' },
  };
}
