import { INVITE_MS, type Invite, type Member } from '../domain/member.ts';
import { must } from '../domain/refusals.ts';
import type { Reader } from '../store/store.ts';
import { insertMember, mustWelcome, type NewMember } from './member.ts';
import { type ActorRef, single } from './verb.ts';

/** Keeps an invite. The caller made its token and shows it once. */
export const createInvite = single(
  async (
    tx,
    ctx,
    input: {
      actor: ActorRef;
      member: NewMember;
      /** SHA-256 of the token. */
      tokenHash: Uint8Array;
    },
  ): Promise<Invite> => {
    const now = ctx.now();
    await tx.invites.deleteOver(now);
    const { businessId, name, role } = input.member;
    await mustWelcome(tx, input.actor, { businessId, name, role });
    const invite = { businessId, role, name, createdAt: now, expiresAt: now + INVITE_MS };
    return { id: await tx.invites.insert(invite, input.tokenHash), ...invite };
  },
);

/** Makes whoever holds an invite's token a member, once. */
export const acceptInvite = single(
  async (tx, ctx, input: { tokenHash: Uint8Array; passwordHash: string; address: string }): Promise<Member> => {
    const invite = await tx.invites.byToken(input.tokenHash);
    must(invite !== null && invite.expiresAt > ctx.now(), { code: 'inviteNotFound' });
    // The business may have gone, or a business of this name may have come.
    if (invite.businessId !== null) {
      const business = await tx.businesses.byId(invite.businessId);
      must(business?.state === 'active', { code: 'businessSuspended' });
    }
    await tx.invites.delete(invite.id);
    must((await tx.businesses.byName(invite.name)) === null, { code: 'memberNameTaken' });
    return insertMember(tx, ctx, invite, input.passwordHash, false);
  },
);

/** Takes an invite back. */
export const deleteInvite = single(async (tx, _ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  const invite = await tx.invites.byId(input.id);
  must(invite !== null && (input.actor.admin || invite.businessId === input.actor.businessId), {
    code: 'inviteNotFound',
  });
  await tx.invites.delete(invite.id);
});

/** Invites of a business, or of the staff (null), that may still be used; oldest first. */
export async function listInvites(
  reader: Reader,
  input: { businessId: number | null; now: number },
): Promise<Invite[]> {
  return (await reader.invites.list(input.businessId)).filter(({ expiresAt }) => expiresAt > input.now);
}

/** Whether a token is an invite's that may still be used. */
export async function isInvite(reader: Reader, input: { tokenHash: Uint8Array; now: number }): Promise<boolean> {
  const invite = await reader.invites.byToken(input.tokenHash);
  return invite !== null && invite.expiresAt > input.now;
}
