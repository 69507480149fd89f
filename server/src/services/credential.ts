import type { Business } from '../domain/business.ts';
import type { Credential, Permission } from '../domain/credential.ts';
import type { CredentialChange } from '../domain/event.ts';
import { must } from '../domain/refusals.ts';
import type { Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, type Ctx, single } from './verb.ts';

/** Keeps a new API key. The caller made key and secret and shows the secret once. */
export const createCredential = single(
  async (
    tx,
    ctx,
    input: {
      actor: ActorRef;
      businessId: number;
      key: string;
      /** SHA-256 of the secret. */
      secretHash: Uint8Array;
      description: string;
      permissions: Permission[];
      expiresAt: number | null;
      allowedAddresses: string[];
    },
  ): Promise<Credential> => {
    const { actor, secretHash, ...fields } = input;
    must(actor.admin || actor.businessId === input.businessId, { code: 'adminOnly' });
    must((await tx.businesses.byId(input.businessId)) !== null, { code: 'businessNotFound' });
    const credential = { ...fields, state: 'active' as const, createdAt: ctx.now() };
    const id = await tx.credentials.insert(credential, secretHash);
    await addEvent(tx, ctx, input.businessId, { kind: 'credential.changed', credentialId: id, change: 'created' });
    return { id, ...credential, lastUsedAt: null };
  },
);

/** What of an API key can be changed; undefined stays as it is. */
export type CredentialEdit = Partial<
  Pick<Credential, 'description' | 'permissions' | 'expiresAt' | 'allowedAddresses'>
>;

/** Changes what an API key may do, from where, and until when; it holds with the next request. */
export const editCredential = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; edit: CredentialEdit }): Promise<Credential> => {
    const before = await own(tx, input.actor, input.id);
    const credential = { ...before, ...input.edit };
    await tx.credentials.edit(input.id, credential);
    await changed(tx, ctx, credential, 'edited');
    return credential;
  },
);

/** Switches an API key on or off. */
export const setCredentialState = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; state: Credential['state'] }): Promise<Credential> => {
    const credential = await own(tx, input.actor, input.id);
    await tx.credentials.setState(input.id, input.state);
    await changed(tx, ctx, credential, input.state === 'active' ? 'enabled' : 'disabled');
    return { ...credential, state: input.state };
  },
);

/** Takes an API key away for good. */
export const deleteCredential = single(async (tx, ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  const credential = await own(tx, input.actor, input.id);
  await tx.credentials.delete(input.id);
  await changed(tx, ctx, credential, 'deleted');
});

/** Notes when API keys were used last. */
export const noteKeyUses = single(
  async (tx, _ctx, { uses }: { uses: readonly { id: number; at: number }[] }): Promise<void> => {
    await tx.credentials.used(uses);
  },
);

/** What signing in with an API key needs. */
export async function loginByKey(
  reader: Reader,
  input: { key: string },
): Promise<{ business: Business; credential: Credential; secretHash: Uint8Array } | null> {
  const row = await reader.credentials.byKey(input.key);
  if (row === null) return null;
  const { secretHash, ...credential } = row;
  const business = await reader.businesses.byId(credential.businessId);
  return business === null ? null : { business, credential, secretHash };
}

/** A business's API keys, oldest first. */
export const listCredentials = (reader: Reader, input: { businessId: number }): Promise<Credential[]> =>
  reader.credentials.ofBusiness(input.businessId);

async function own(tx: Tx, actor: ActorRef, id: number): Promise<Credential> {
  const credential = await tx.credentials.byId(id);
  must(credential !== null && (actor.admin || credential.businessId === actor.businessId), {
    code: 'credentialNotFound',
  });
  return credential;
}

async function changed(tx: Tx, ctx: Ctx, { id, key, businessId }: Credential, change: CredentialChange): Promise<void> {
  await addEvent(tx, ctx, businessId, { kind: 'credential.changed', credentialId: id, change });
  ctx.notify({ kind: 'credentialChanged', key });
}
