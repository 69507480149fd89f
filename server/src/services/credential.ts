import type { Business } from '../domain/business.ts';
import type { Credential, Permission } from '../domain/credential.ts';
import { must } from '../domain/refusals.ts';
import type { Reader, Tx } from '../store/store.ts';
import { addEvent } from './event.ts';
import { type ActorRef, single } from './verb.ts';

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
    return { id, ...credential };
  },
);

/** Switches an API key on or off. */
export const setCredentialState = single(
  async (tx, ctx, input: { actor: ActorRef; id: number; state: Credential['state'] }): Promise<Credential> => {
    const credential = await own(tx, input.actor, input.id);
    await tx.credentials.setState(input.id, input.state);
    const change = input.state === 'active' ? 'enabled' : 'disabled';
    await addEvent(tx, ctx, credential.businessId, { kind: 'credential.changed', credentialId: input.id, change });
    ctx.notify({ kind: 'credentialChanged', key: credential.key });
    return { ...credential, state: input.state };
  },
);

/** Takes an API key away for good. */
export const deleteCredential = single(async (tx, ctx, input: { actor: ActorRef; id: number }): Promise<void> => {
  const credential = await own(tx, input.actor, input.id);
  await tx.credentials.delete(input.id);
  await addEvent(tx, ctx, credential.businessId, {
    kind: 'credential.changed',
    credentialId: input.id,
    change: 'deleted',
  });
  ctx.notify({ kind: 'credentialChanged', key: credential.key });
});

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
