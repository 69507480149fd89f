import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { CommandFailed } from '../failure.ts';

/** What a file is recognised by. */
export interface Fingerprint {
  bytes: number;
  /** Hexadecimal. */
  sha256: string;
}

/** Reads a file once. @throws CommandFailed when it cannot be read */
export async function fingerprintOf(path: string): Promise<Fingerprint> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      bytes += piece.length;
      hash.update(piece);
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new CommandFailed(`${path} cannot be read (${code})`, 'Check --file.', { code: 'file' });
  }
  return { bytes, sha256: hash.digest('hex') };
}
