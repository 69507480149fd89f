import { createHash } from 'node:crypto';

/** What a file is recognised by. */
export interface Fingerprint {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** Takes the fingerprint of a file while it is being read. */
export class FingerprintTaker {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  update(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
  }

  /** Called once, after the last chunk. */
  take(): Fingerprint {
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }
}
