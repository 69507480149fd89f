import { readUint32 } from './pdu/bytes.ts';
import { HEADER_OCTETS } from './pdu/decode.ts';

/** The largest PDU a session takes unless told otherwise; message_payload alone may be 64 KiB (§5.3.2.32). */
export const DEFAULT_MAX_PDU_OCTETS = 64 * 1024;

const LENGTH_OCTETS = 4;

/** Gets the place of one whole PDU: buffer[start, end). */
export type FrameSink = (buffer: Buffer, start: number, end: number) => void;

/**
 * Cuts a byte stream into PDUs by command_length (§3.2). PDUs that lie whole in a chunk are pointed at, not copied;
 * one that is spread over chunks is collected into a buffer of its length, each octet copied once.
 */
export class Framer {
  readonly #maxPduOctets: number;
  readonly #length = Buffer.alloc(LENGTH_OCTETS);
  #lengthFilled = 0;
  #partial: Buffer | undefined;
  #partialFilled = 0;
  #brokenLength: number | undefined;

  constructor(maxPduOctets: number = DEFAULT_MAX_PDU_OCTETS) {
    this.#maxPduOctets = maxPduOctets;
  }

  /**
   * The command_length that cannot be: below a header's 16 octets or over the limit. Where the next PDU would start
   * is unknown from then on, so nothing more is read.
   */
  get brokenLength(): number | undefined {
    return this.#brokenLength;
  }

  /** Takes the next chunk and hands every PDU that is now whole to the sink, in order. */
  push(chunk: Buffer, sink: FrameSink): void {
    let at = 0;
    if (this.#partial !== undefined || this.#lengthFilled > 0) at = this.#continue(chunk, sink);
    const end = chunk.length;
    while (this.#brokenLength === undefined && at < end) {
      if (end - at < LENGTH_OCTETS) {
        this.#lengthFilled = chunk.copy(this.#length, 0, at, end);
        return;
      }
      const length = readUint32(chunk, at);
      if (!this.#credible(length)) return;
      if (at + length > end) {
        this.#partial = Buffer.allocUnsafeSlow(length);
        this.#partialFilled = chunk.copy(this.#partial, 0, at, end);
        return;
      }
      sink(chunk, at, at + length);
      at += length;
    }
  }

  /** Completes what earlier chunks began; returns how much of the chunk went into it. */
  #continue(chunk: Buffer, sink: FrameSink): number {
    let at = 0;
    if (this.#partial === undefined) {
      at = chunk.copy(this.#length, this.#lengthFilled, 0, LENGTH_OCTETS - this.#lengthFilled);
      this.#lengthFilled += at;
      if (this.#lengthFilled < LENGTH_OCTETS) return at;
      this.#lengthFilled = 0;
      const length = readUint32(this.#length, 0);
      if (!this.#credible(length)) return at;
      this.#partial = Buffer.allocUnsafeSlow(length);
      this.#partialFilled = this.#length.copy(this.#partial);
    }
    const whole = this.#partial;
    const copied = chunk.copy(whole, this.#partialFilled, at, at + whole.length - this.#partialFilled);
    this.#partialFilled += copied;
    if (this.#partialFilled === whole.length) {
      this.#partial = undefined;
      sink(whole, 0, whole.length);
    }
    return at + copied;
  }

  #credible(length: number): boolean {
    if (length >= HEADER_OCTETS && length <= this.#maxPduOctets) return true;
    this.#brokenLength = length;
    return false;
  }
}
