import Type from 'typebox';
import { type Actor, PERMISSIONS } from '../../domain/credential.ts';
import { INVITE_MS, type Invite, MEMBER_NAME, MEMBER_NAME_RULE, type Member } from '../../domain/member.ts';
import { must } from '../../domain/refusals.ts';
import {
  BUSINESS_ROLES,
  isStaffRole,
  MEMBER_PERMISSIONS,
  PERMISSIONS_OF,
  ROLES,
  STAFF_ROLES,
} from '../../domain/role.ts';
import { isoTime } from '../../lib/clock.ts';
import { randomSecret, sha256 } from '../../lib/random.ts';
import type { Desk } from '../../services/desk.ts';
import type { MemberEdit, NewMember } from '../../services/member.ts';
import { hashPassword } from '../../services/password.ts';
import type { HttpDeps } from '../deps.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { businessQuery, closed, Id, IdText, listOf, orNull, pageQuery, Time, word } from './fields.ts';
import { limitOf, pageOf, placeOf } from './list.ts';
import { ChosenPassword, choosePassword, MadePassword, mustBePassword } from './password.ts';
import { businessOf, mustHold } from './scope.ts';
import { SessionBody, welcome } from './session.ts';

const TOKEN_BITS = 256;
const INVITE_DAYS = INVITE_MS / 86_400_000;

const ROLE_RULE = `of the staff: ${STAFF_ROLES.join(', ')}; of a business: ${BUSINESS_ROLES.join(', ')}`;
const RoleWord = word(ROLES, ROLE_RULE);
const Name = Type.String({ pattern: MEMBER_NAME.source, description: MEMBER_NAME_RULE });

const memberFields = {
  id: Id,
  business_id: { ...orNull(Id), description: 'null: of the staff' },
  name: Type.String({ description: 'what it signs in with' }),
  role: RoleWord,
  state: word(['active', 'disabled']),
  must_change_password: Type.Boolean({ description: 'whether it has yet to choose a password of its own' }),
  totp: Type.Boolean({ description: 'whether it signs in with a code, too' }),
  created_at: Time,
  signed_in_at: { ...orNull(Time), description: 'when it signed in last; null: never' },
};
const MemberBody = closed(memberFields, { title: 'Member' });
const MemberWithPassword = closed({ ...memberFields, password: MadePassword }, { title: 'MemberWithPassword' });

const NewMemberBody = closed(
  { business_id: Type.Optional(Id), role: RoleWord, name: Name },
  { title: 'NewMember', description: 'the administrator names a business, or means the staff' },
);

const MemberEditBody = closed(
  {
    role: Type.Optional(RoleWord),
    state: Type.Optional(word(['active', 'disabled'])),
    totp: Type.Optional(
      Type.Literal(false, { description: 'false: takes the second factor away, for who has lost it' }),
    ),
  },
  { title: 'MemberEdit', description: 'what is left out stays as it is' },
);

const inviteFields = {
  id: Id,
  business_id: { ...orNull(Id), description: 'null: to the staff' },
  name: Type.String({ description: 'what the member will sign in with' }),
  role: RoleWord,
  created_at: Time,
  expires_at: Time,
};
const InviteBody = closed(inviteFields, { title: 'Invite' });
const MadeInvite = closed(
  { ...inviteFields, url: Type.String({ description: 'where it is accepted, once; shown only now' }) },
  { title: 'MadeInvite' },
);

const RoleBody = closed(
  {
    role: RoleWord,
    staff: Type.Boolean({ description: 'whether it is of the staff, or of a business' }),
    permissions: Type.Array(word(MEMBER_PERMISSIONS)),
  },
  { title: 'Role' },
);

const params = closed({ id: IdText });

const view = (member: Member) => ({
  id: member.id,
  business_id: member.businessId,
  name: member.name,
  role: member.role,
  state: member.state,
  must_change_password: member.mustChangePassword,
  totp: member.secondFactor,
  created_at: isoTime(member.createdAt),
  signed_in_at: member.signedInAt === null ? null : isoTime(member.signedInAt),
});

const inviteView = (invite: Invite) => ({
  id: invite.id,
  business_id: invite.businessId,
  name: invite.name,
  role: invite.role,
  created_at: isoTime(invite.createdAt),
  expires_at: isoTime(invite.expiresAt),
});

/** People: those of a business for its own, all for the staff. */
export const memberEndpoints = ({ desk, signIn, clock, facts }: HttpDeps): Endpoint[] => [
  endpoint(
    'GET /roles',
    {
      tag: 'members',
      summary: 'What each role may do',
      permission: null,
      needs: null,
      answer: closed({ items: Type.Array(RoleBody) }, { title: 'Roles' }),
    },
    async ({ actor }) => {
      const roles = ROLES.filter((role) => actor.admin || !isStaffRole(role));
      return {
        items: roles.map((role) => ({ role, staff: isStaffRole(role), permissions: [...PERMISSIONS_OF[role]] })),
      };
    },
  ),
  endpoint(
    'GET /members',
    {
      tag: 'members',
      summary: 'Members of a business, in the order of their ids; of the staff unless the administrator names one',
      query: closed({ ...pageQuery, ...businessQuery }),
      answer: listOf(MemberBody),
    },
    async ({ actor, query }) => {
      const limit = limitOf(query);
      const cursor = placeOf(query, 1)?.[0] ?? 0;
      const businessId = await whose(desk, actor, query.business_id);
      const members = await desk.ask('listMembers', { businessId, cursor, limit: limit + 1 });
      return pageOf(members, limit, (last) => [last.id], view);
    },
  ),
  endpoint(
    'POST /members',
    {
      tag: 'members',
      summary: 'Make a member; its password is generated, shown once, and has to be changed with the first sign-in',
      body: NewMemberBody,
      status: 201,
      answer: MemberWithPassword,
    },
    async ({ actor, body }) => {
      const member = await newMember(desk, actor, body);
      const { password } = choosePassword(undefined);
      const passwordHash = await hashPassword(password);
      return { ...view(await desk.do('createMember', { actor, member, passwordHash })), password };
    },
  ),
  endpoint(
    'GET /members/:id',
    { tag: 'members', summary: 'One member', params, answer: MemberBody },
    async ({ actor, params }) => {
      const member = await desk.ask('findMember', { actor, id: Number(params.id) });
      must(member !== null, { code: 'memberNotFound' });
      return view(member);
    },
  ),
  endpoint(
    'PATCH /members/:id',
    {
      tag: 'members',
      summary: 'Give a member another role, disable or enable it, or take its second factor away; at once',
      params,
      body: MemberEditBody,
      answer: MemberBody,
    },
    async ({ actor, params, body }) => {
      mustHold(actor, PERMISSIONS);
      const edit: MemberEdit = {
        ...(body.role !== undefined && { role: body.role }),
        ...(body.state !== undefined && { state: body.state }),
        ...(body.totp !== undefined && { secondFactor: false }),
      };
      return view(await desk.do('editMember', { actor, id: Number(params.id), edit }));
    },
  ),
  endpoint(
    'POST /members/:id/reset-password',
    {
      tag: 'members',
      summary: 'Give a member a generated password, shown once, that it has to change; its sessions end',
      params,
      answer: MemberWithPassword,
    },
    async ({ actor, params }) => {
      mustHold(actor, PERMISSIONS);
      const { password } = choosePassword(undefined);
      const passwordHash = await hashPassword(password);
      return {
        ...view(await desk.do('resetMemberPassword', { actor, id: Number(params.id), passwordHash })),
        password,
      };
    },
  ),
  endpoint(
    'DELETE /members/:id',
    { tag: 'members', summary: 'Take a member away for good', params, answer: null },
    async ({ actor, params }) => {
      mustHold(actor, PERMISSIONS);
      await desk.do('deleteMember', { actor, id: Number(params.id) });
    },
  ),
  endpoint(
    'GET /invites',
    {
      tag: 'members',
      summary: 'Invites that may still be accepted, oldest first',
      query: closed(businessQuery),
      answer: closed({ items: Type.Array(InviteBody) }, { title: 'Invites' }),
    },
    async ({ actor, query }) => {
      const businessId = await whose(desk, actor, query.business_id);
      return { items: (await desk.ask('listInvites', { businessId, now: clock.now() })).map(inviteView) };
    },
  ),
  endpoint(
    'POST /invites',
    {
      tag: 'members',
      summary: `Invite somebody by a link, shown once, that works for ${INVITE_DAYS} days`,
      body: NewMemberBody,
      status: 201,
      answer: MadeInvite,
    },
    async ({ actor, body, visit }) => {
      const member = await newMember(desk, actor, body);
      const token = randomSecret(TOKEN_BITS);
      const invite = await desk.do('createInvite', { actor, member, tokenHash: sha256(token) });
      // Behind #, it reaches neither logs nor other sites.
      return { ...inviteView(invite), url: `${facts.publicUrl ?? visit.origin}/invite#${token}` };
    },
  ),
  endpoint(
    'DELETE /invites/:id',
    { tag: 'members', summary: 'Take an invite back', params, answer: null },
    async ({ actor, params }) => {
      mustHold(actor, PERMISSIONS);
      await desk.do('deleteInvite', { actor, id: Number(params.id) });
    },
  ),
  endpoint(
    'POST /invites/accept',
    {
      tag: 'members',
      summary: 'Become a member with the token of an invite; the answer sets the cookie of a session',
      access: 'anybody',
      permission: null,
      needs: null,
      body: closed(
        {
          token: Type.String({ maxLength: 200, description: 'what stands behind # in the url of the invite' }),
          password: ChosenPassword,
        },
        { title: 'InviteAcceptance' },
      ),
      answer: SessionBody,
    },
    async ({ body: { token, password }, visit }) => {
      mustBePassword('password', password);
      const tokenHash = sha256(token);
      // Looked at before a password is hashed, so that guessing costs us nothing.
      must(await desk.ask('isInvite', { tokenHash, now: clock.now() }), { code: 'inviteNotFound' });
      const passwordHash = await hashPassword(password);
      const { name } = await desk.do('acceptInvite', { tokenHash, passwordHash, address: visit.from.address });
      return welcome(visit, await signIn.open({ name, password, code: null }, visit.from));
    },
  ),
];

/** Whose members are meant: the actor's own business's, the named one's, or the staff's (null). */
async function whose(desk: Desk, actor: Actor, ref: string | undefined): Promise<number | null> {
  if (ref !== undefined) return (await businessOf(desk, actor, ref)).id;
  return actor.admin ? null : actor.businessId;
}

async function newMember(
  desk: Desk,
  actor: Actor,
  body: { business_id?: number; role: NewMember['role']; name: string },
): Promise<NewMember> {
  // Members may do what keys may not, so a key that may not do everything makes none.
  mustHold(actor, PERMISSIONS);
  const businessId = await whose(desk, actor, body.business_id === undefined ? undefined : String(body.business_id));
  return { businessId, name: body.name, role: body.role };
}
