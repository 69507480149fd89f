import { createHash, randomFillSync, timingSafeEqual } from 'node:crypto';

const pool = Buffer.alloc(8192);
let used = pool.length;

/** `count` (≤ 8192) fresh random octets from the system, drawn from a pool because one call a request is slow. */
export function randomOctets(count: number): Buffer {
  if (used + count > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const octets = Buffer.from(pool.subarray(used, used + count));
  pool.fill(0, used, used + count);
  used += count;
  return octets;
}

/** A secret of `bits` random bits (a multiple of 8), base64url. */
export function randomSecret(bits: number): string {
  return randomOctets(bits / 8).toString('base64url');
}

/** An integer from 0 to 2^32-1. */
export function randomUint32(): number {
  return randomOctets(4).readUInt32BE(0);
}

/** SHA-256 of a text (UTF-8). */
export function sha256(text: string | Uint8Array): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares without telling by its duration where the two differ. */
export function equalOctets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
