import { randomSecret } from '../lib/random.ts';
import type { Desk } from '../services/desk.ts';
import { hashPassword, isPassword } from '../services/password.ts';

/**
 * Sets the administrator's password: as the environment says, or made up at the very first start.
 * @returns the one that was made up; it is nowhere else
 */
export async function settleRootPassword(desk: Desk, given: string | null): Promise<string | null> {
  const admin = await desk.ask('loginByName', { name: 'root' });
  if (given !== null) {
    if (admin !== null && (await isPassword(admin.passwordHash, given))) return null;
    await desk.do('setAdminPassword', { passwordHash: await hashPassword(given) });
    return null;
  }
  if (admin !== null) return null;
  const password = randomSecret(144);
  const { created } = await desk.do('setAdminPassword', {
    passwordHash: await hashPassword(password),
    onlyFirst: true,
  });
  return created ? password : null;
}
