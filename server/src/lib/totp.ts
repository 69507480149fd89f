import { createHmac } from 'node:crypto';

/** Seconds a code is shown. */
const STEP_S = 30;
/** Steps a clock may be off, either way. */
const SKEW_STEPS = 1;
const DIGITS = 6;
/** RFC 4648, section 6. */
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** The code of a counter (RFC 4226, section 5.3), with as many digits. */
export function hotp(secret: Uint8Array, counter: number, digits = DIGITS): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac('sha1', secret).update(message).digest();
  const number = mac.readUInt32BE(mac[19]! & 0xf) & 0x7fffffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The time step that wall time `ms` is in (RFC 6238, section 4.2). */
export const totpStep = (ms: number): number => Math.floor(ms / 1_000 / STEP_S);

/**
 * The step whose code this is, or null when it is none of those that may come now. Steps up to `usedStep` have been used
 * already and fit no more (RFC 6238, section 5.2).
 */
export function matchTotp(secret: Uint8Array, code: string, ms: number, usedStep: number): number | null {
  const now = totpStep(ms);
  for (let step = now - SKEW_STEPS; step <= now + SKEW_STEPS; step++) {
    if (step > usedStep && hotp(secret, step) === code) return step;
  }
  return null;
}

/** Base32 without padding, as authenticator apps take a secret. */
export function base32(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const octet of octets) {
    value = (value << 8) | octet;
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(value >> (bits - 5)) & 31];
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + BASE32[(value << (5 - bits)) & 31];
}

/** The address an authenticator app reads from a QR code. */
export function otpauthUrl(issuer: string, account: string, secret: Uint8Array): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_S}`;
}
