import { MAX_MEMBERS, type Member } from '../domain/member.ts';
import { must } from '../domain/refusals.ts';
import { isStaffRole, PERMISSIONS_OF, type Role } from '../domain/role.ts';
import type { Reader, Tx } from '../store/store.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/** What is to be known of somebody who becomes a member. */
export interface NewMember {
  /** Null: of the staff. */
  businessId: number | null;
  name: string;
  role: Role;
}

/** Makes a member with a password somebody else knows; it has to choose its own. */
export const createMember = single(
  async (tx, ctx, input: { actor: ActorRef; member: NewMember; passwordHash: string }): Promise<Member> => {
    const { actor, member, passwordHash } = input;
    await mustWelcome(tx, actor, member);
    return insertMember(tx, ctx, member, passwordHash, true);
  },
);

/** What of a member can be changed by others; undefined stays as it is. */
export interface MemberEdit {
  role?: Role;
  state?: Member['state'];
  /** Takes the second factor away, for who has lost it. */
  secondFactor?: false;
}

/** Changes a member; it holds with the member's next request. */
export const editMember = single(
  async (tx, _ctx, input: { actor: ActorRef; id: number; edit: MemberEdit }): Promise<Member> => {
    const { actor, id, edit } = input;
    const member = await managed(tx, actor, id);
    const { role = member.role, state = member.state } = edit;
    mustFit(actor, { ...member, role });
    const itself = actor.session?.memberId === id;
    must(!itself || (role === member.role && state === member.state), { code: 'ownMember' });
    await tx.members.update(id, { role, state });
    if (state === 'disabled') await tx.sessions.deleteOf({ memberId: id }, null);
    if (edit.secondFactor === false) {
      must(!itself, { code: 'ownMember' });
      await tx.members.setTotp(id, { totpSecret: null, totpPending: null, totpStep: 0 });
    }
    return (await tx.members.byId(id))!;
  },
);

/** Gives a member a password that it has to change, and ends its sessions. */
export const resetMemberPassword = single(
  async (tx, _ctx, input: { actor: ActorRef; id: number; passwordHash: string }): Promise<Member> => {
    const member = await managed(tx, input.actor, input.id);
    await tx.members.setPassword(member.id, input.passwordHash, true);
    await tx.sessions.deleteOf({ memberId: member.id }, null);
    return { ...member, mustChangePassword: true };
  },
);

/** Takes a member away for good; what it did stays in the audit log under its name. */
export const deleteMember = single(async (tx, _ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  const member = await managed(tx, input.actor, input.id);
  must(input.actor.session?.memberId !== member.id, { code: 'ownMember' });
  await tx.sessions.deleteOf({ memberId: member.id }, null);
  await tx.members.delete(member.id);
});

/** Members of a business, or of the staff (null), in the order of their ids. */
export const listMembers = (
  reader: Reader,
  input: { businessId: number | null; cursor: number; limit: number },
): Promise<Member[]> => reader.members.list(input.businessId, input.cursor, input.limit);

/** A member the actor may see, or null. */
export async function findMember(reader: Reader, input: { actor: ActorRef; id: number }): Promise<Member | null> {
  const member = await reader.members.byId(input.id);
  return member !== null && sees(input.actor, member) ? member : null;
}

/** Members of another business, and the staff's, look as if they did not exist. */
const sees = (actor: ActorRef, member: Pick<Member, 'businessId'>): boolean =>
  actor.admin || member.businessId === actor.businessId;

async function managed(tx: Tx, actor: ActorRef, id: number): Promise<Member> {
  const member = await tx.members.byId(id);
  must(member !== null && sees(actor, member), { code: 'memberNotFound' });
  return member;
}

/**
 * Whether the actor may make such a member.
 * @throws Refused
 */
export async function mustWelcome(tx: Tx, actor: ActorRef, member: NewMember): Promise<void> {
  must(sees(actor, member), { code: 'adminOnly' });
  mustFit(actor, member);
  if (member.businessId !== null) {
    const business = await tx.businesses.byId(member.businessId);
    must(business !== null && !business.admin, { code: 'businessNotFound' });
  }
  await mustBeFree(tx, member.name);
  const open = await tx.invites.list(member.businessId);
  const members = (await tx.members.count(member.businessId)) + open.length;
  must(members < MAX_MEMBERS, { code: 'tooManyMembers', limit: MAX_MEMBERS });
}

/** One name means one login. @throws Refused (memberNameTaken) */
export async function mustBeFree(reader: Reader, name: string): Promise<void> {
  const taken =
    (await reader.members.byName(name)) !== null ||
    (await reader.invites.byName(name)) !== null ||
    (await reader.businesses.byName(name)) !== null;
  must(!taken, { code: 'memberNameTaken' });
}

/** A role of the right kind, and none that may do more than whoever gives it. */
function mustFit(actor: ActorRef, member: Pick<NewMember, 'businessId' | 'role'>): void {
  const staff = member.businessId === null;
  must(isStaffRole(member.role) === staff, {
    code: 'invalidField',
    field: 'role',
    rule: staff
      ? 'of the staff: admin, reviewer, finance or operator; name a business_id for others'
      : 'of a business: owner, developer, marketer or viewer',
  });
  for (const permission of PERMISSIONS_OF[member.role]) {
    must(actor.session == null || actor.session.permissions.includes(permission), {
      code: 'permissionMissing',
      permission,
    });
  }
}

export async function insertMember(
  tx: Tx,
  ctx: Ctx,
  { businessId, name, role }: NewMember,
  passwordHash: string,
  mustChangePassword: boolean,
): Promise<Member> {
  const createdAt = ctx.now();
  const id = await tx.members.insert({ businessId, name, role, passwordHash, mustChangePassword, createdAt });
  return {
    id,
    businessId,
    name,
    role,
    state: 'active',
    mustChangePassword,
    secondFactor: false,
    createdAt,
    signedInAt: null,
  };
}
