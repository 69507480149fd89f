import { hash, verify } from '@node-rs/argon2';

/** argon2id with the package's defaults (19 MiB, 2 passes), PHC form. */
export function hashPassword(password: string): Promise<string> {
  return hash(password);
}

/** Whether this is the password behind an argon2id hash. */
export function isPassword(passwordHash: string, password: string): Promise<boolean> {
  return verify(passwordHash, password);
}
