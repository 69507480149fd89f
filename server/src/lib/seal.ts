import { createCipheriv, createDecipheriv } from 'node:crypto';
import { randomOctets } from './random.ts';

const NONCE_OCTETS = 12;
const TAG_OCTETS = 16;
const VALUE_OCTETS = 8;

/** Gives numbers to callers in a form that they can give back, and neither read nor make (AES-256-GCM). */
export class Seal {
  readonly #key: Uint8Array;

  /** @param key 32 octets */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** @param value an integer from 0 to 2^53 - 1 */
  close(value: number): string {
    const nonce = randomOctets(NONCE_OCTETS);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const plain = Buffer.alloc(VALUE_OCTETS);
    plain.writeBigUInt64BE(BigInt(value));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
  }

  /** The value in a text that was made by {@link close}; null when it was not. */
  open(text: string): number | null {
    const octets = Buffer.from(text, 'base64url');
    if (octets.length !== NONCE_OCTETS + TAG_OCTETS + VALUE_OCTETS) return null;
    const decipher = createDecipheriv('aes-256-gcm', this.#key, octets.subarray(0, NONCE_OCTETS));
    decipher.setAuthTag(octets.subarray(NONCE_OCTETS, NONCE_OCTETS + TAG_OCTETS));
    try {
      const plain = Buffer.concat([decipher.update(octets.subarray(NONCE_OCTETS + TAG_OCTETS)), decipher.final()]);
      return Number(plain.readBigUInt64BE());
    } catch {
      return null;
    }
  }
}
