import { randomSecret } from '../lib/random.ts';
import type { Tx } from '../store/store.ts';
import { single } from './verb.ts';

const NAME = 'id';
const BITS = 72;

/**
 * What names this installation among others that use the same servers: made with its database, once and for all. The names
 * of queues, keys and topics carry it.
 */
export async function idOfInstallation(tx: Tx): Promise<string> {
  const known = await tx.installation.get(NAME);
  if (known !== null) return known;
  const id = randomSecret(BITS);
  await tx.installation.set(NAME, id);
  return id;
}

/** @see idOfInstallation */
export const installationId = single(async (tx, _ctx, _input: Record<string, never>): Promise<{ id: string }> => {
  return { id: await idOfInstallation(tx) };
});

const CURSOR_KEY = 'cursor-key';
const CURSOR_KEY_BITS = 256;

/** What seals places in lists whose callers must not read them: made once, and the same for every process. Base64url. */
export const cursorKey = single(async (tx, _ctx, _input: Record<string, never>): Promise<{ key: string }> => {
  const known = await tx.installation.get(CURSOR_KEY);
  if (known !== null) return { key: known };
  const key = randomSecret(CURSOR_KEY_BITS);
  await tx.installation.set(CURSOR_KEY, key);
  return { key };
});
