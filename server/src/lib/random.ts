import { createHash, hash, randomFillSync, timingSafeEqual } from 'node:crypto';

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

const BLOCK_OCTETS = 64;

/**
 * HMAC-SHA-256 (RFC 2104) under a random key that lives as long as this object. Two one-shot hashes cost half of what
 * node's Hmac object does.
 */
export class KeyedHash {
  readonly #inner = Buffer.alloc(BLOCK_OCTETS, 0x36);
  readonly #outer = Buffer.alloc(BLOCK_OCTETS, 0x5c);

  constructor(key: Uint8Array = randomOctets(32)) {
    if (key.length > BLOCK_OCTETS) throw new RangeError(`a key has at most ${BLOCK_OCTETS} octets`);
    for (let i = 0; i < key.length; i++) {
      this.#inner[i]! ^= key[i]!;
      this.#outer[i]! ^= key[i]!;
    }
  }

  /** The code of a text, base64. */
  of(text: string): string {
    const inner = hash('sha256', Buffer.concat([this.#inner, Buffer.from(text)]), 'buffer');
    return hash('sha256', Buffer.concat([this.#outer, inner]), 'base64');
  }
}
