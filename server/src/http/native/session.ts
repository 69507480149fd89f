import Type from 'typebox';
import { MEMBER_NAME_RULE } from '../../domain/member.ts';
import { must } from '../../domain/refusals.ts';
import { MEMBER_PERMISSIONS, PERMISSIONS_OF, ROLES } from '../../domain/role.ts';
import { isoTime } from '../../lib/clock.ts';
import { randomOctets } from '../../lib/random.ts';
import { base32, otpauthUrl } from '../../lib/totp.ts';
import { hashPassword } from '../../services/password.ts';
import type { Person } from '../../services/session.ts';
import { csrfTokenOf, type OpenedSession, roleOf } from '../../services/sign-in.ts';
import type { HttpDeps } from '../deps.ts';
import { type Call, type Endpoint, endpoint } from './endpoint.ts';
import { closed, Id, IdText, orNull, Time, word } from './fields.ts';
import { ChosenPassword, mustBePassword } from './password.ts';

/** What RFC 4226 recommends for secrets shared with an authenticator app. */
const TOTP_SECRET_OCTETS = 20;
const ISSUER = 'Signet';

const Given = Type.String({ maxLength: 1_000, description: 'a text' });
const CODE_RULE = 'the six digits an authenticator app shows';
const Code = Type.String({ pattern: '^[0-9]{6}$', description: CODE_RULE });

/** Who is signed in, and what the console needs to go on. */
export const SessionBody = closed(
  {
    member: closed({
      id: { ...orNull(Id), description: "null: root, or a business's own login" },
      name: Type.String(),
      role: word(ROLES),
      business_id: { ...orNull(Id), description: 'null: of the staff, which sees every business' },
      permissions: Type.Array(word(MEMBER_PERMISSIONS)),
      must_change_password: Type.Boolean({ description: 'whether only /session… works until it has' }),
      totp: Type.Boolean({ description: 'whether it signs in with a code, too' }),
    }),
    csrf_token: Type.String({
      description: 'goes into the header x-csrf-token of every request that changes something',
    }),
  },
  { title: 'Session' },
);

const OwnSession = closed(
  {
    id: Id,
    current: Type.Boolean({ description: 'whether it is the one that asks' }),
    created_at: Time,
    seen_at: Type.String({ format: 'date-time', description: 'when it was used last, to about a minute' }),
    expires_at: Time,
    address: Type.String({ description: 'where it was opened from' }),
    agent: Type.String({ description: "the browser's own words for itself" }),
  },
  { title: 'OwnSession' },
);

/** What the console is told of a session. */
export function sessionView(person: Person, token: string) {
  const { member, business } = person;
  const role = roleOf(person);
  return {
    member: {
      id: member?.id ?? null,
      name: (member ?? business).name,
      role,
      business_id: business.admin ? null : business.id,
      permissions: [...PERMISSIONS_OF[role]],
      must_change_password: member?.mustChangePassword ?? false,
      totp: member?.secondFactor ?? false,
    },
    csrf_token: csrfTokenOf(token),
  };
}

/** Gives the browser its new session, and says whose it is. */
export function welcome(visit: Call<unknown, unknown, unknown>['visit'], opened: OpenedSession) {
  visit.setToken(opened.token);
  return sessionView(opened.person, opened.token);
}

/** Signing in to the console and out, and what everybody does for themselves. */
export const sessionEndpoints = ({ desk, signIn }: HttpDeps): Endpoint[] => [
  endpoint(
    'POST /session',
    {
      tag: 'session',
      summary: 'Sign in to the console; the answer sets the cookie of a new session',
      access: 'anybody',
      permission: null,
      body: closed(
        {
          name: Type.String({ maxLength: 64, description: MEMBER_NAME_RULE }),
          password: Given,
          code: Type.Optional(Type.String({ maxLength: 6, description: `${CODE_RULE}, for who has a second factor` })),
        },
        { title: 'SignIn' },
      ),
      answer: SessionBody,
    },
    async ({ body: { name, password, code }, visit }) =>
      welcome(visit, await signIn.open({ name, password, code: code ?? null }, visit.from)),
  ),
  endpoint(
    'GET /session',
    { tag: 'session', summary: 'Who is signed in', access: 'session', permission: null, answer: SessionBody },
    async ({ visit: { session } }) => sessionView(session!.person, session!.token),
  ),
  endpoint(
    'DELETE /session',
    { tag: 'session', summary: 'Sign out', access: 'session', permission: null, answer: null },
    async ({ actor, visit }) => {
      await desk.do('endSession', { actor, id: actor.session!.id });
      visit.setToken(null);
    },
  ),
  endpoint(
    'POST /session/password',
    {
      tag: 'session',
      summary: 'Choose another password; all other sessions end, and this one gets a new cookie',
      access: 'session',
      permission: null,
      body: closed({ current: Given, next: ChosenPassword }, { title: 'PasswordChange' }),
      answer: SessionBody,
    },
    async ({ actor, body, visit }) => {
      mustBePassword('next', body.next);
      must(body.next !== body.current, { code: 'invalidField', field: 'next', rule: 'another password than before' });
      const { person } = visit.session!;
      const hash = await hashPassword(body.next);
      return welcome(visit, await signIn.changePassword(actor, person, body.current, hash, visit.from));
    },
  ),
  endpoint(
    'POST /session/totp',
    {
      tag: 'session',
      summary: 'Begin a second factor: a secret for an authenticator app; its first code confirms it',
      access: 'session',
      permission: null,
      answer: closed(
        {
          secret: Type.String({ description: 'base32, shown only this once' }),
          otpauth_url: Type.String({ description: 'what to make a QR code of' }),
        },
        { title: 'TotpSecret' },
      ),
    },
    async ({ actor, visit }) => {
      const secret = randomOctets(TOTP_SECRET_OCTETS);
      await desk.do('beginSecondFactor', { actor, secret });
      const name = visit.session!.person.member!.name;
      return { secret: base32(secret), otpauth_url: otpauthUrl(ISSUER, name, secret) };
    },
  ),
  endpoint(
    'POST /session/totp/confirm',
    {
      tag: 'session',
      summary: 'Confirm the second factor with its first code; all other sessions end',
      access: 'session',
      permission: null,
      body: closed({ code: Code }, { title: 'TotpCode' }),
      answer: SessionBody,
    },
    async ({ actor, body: { code }, visit }) => {
      await signIn.withCode(actor, code, () => desk.do('confirmSecondFactor', { actor, code }));
      return sessionView(withSecondFactor(visit.session!.person, true), visit.session!.token);
    },
  ),
  endpoint(
    'DELETE /session/totp',
    {
      tag: 'session',
      summary: 'Take the second factor away, with one of its codes',
      access: 'session',
      permission: null,
      body: closed({ code: Code }, { title: 'TotpCode' }),
      answer: SessionBody,
    },
    async ({ actor, body: { code }, visit }) => {
      await signIn.withCode(actor, code, () => desk.do('removeSecondFactor', { actor, code }));
      return sessionView(withSecondFactor(visit.session!.person, false), visit.session!.token);
    },
  ),
  endpoint(
    'GET /sessions',
    {
      tag: 'session',
      summary: 'Your own sessions that still hold, newest first',
      access: 'session',
      permission: null,
      answer: closed({ items: Type.Array(OwnSession) }, { title: 'OwnSessions' }),
    },
    async ({ actor }) => {
      const sessions = (await desk.ask('listSessions', { actor })).filter((session) => signIn.isOpen(session));
      return {
        items: sessions.map((session) => ({
          id: session.id,
          current: session.id === actor.session!.id,
          created_at: isoTime(session.createdAt),
          seen_at: isoTime(session.seenAt),
          expires_at: isoTime(session.expiresAt),
          address: session.address,
          agent: session.agent,
        })),
      };
    },
  ),
  endpoint(
    'DELETE /sessions/:id',
    {
      tag: 'session',
      summary: 'End one of your own sessions',
      access: 'session',
      permission: null,
      params: closed({ id: IdText }),
      answer: null,
    },
    async ({ actor, params, visit }) => {
      const id = Number(params.id);
      await desk.do('endSession', { actor, id });
      if (id === actor.session!.id) visit.setToken(null);
    },
  ),
];

function withSecondFactor(person: Person, secondFactor: boolean): Person {
  return { ...person, member: person.member && { ...person.member, secondFactor } };
}
