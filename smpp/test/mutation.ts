import fc from 'fast-check';
import { seededRandom } from '../src/lib/random.ts';
import { COMMANDS } from '../src/pdu/commands.ts';
import { encodePdu } from '../src/pdu/encode.ts';
import { anyPdu } from './arbitrary.ts';

const HEADER_OCTETS = 16;
const COMMAND_IDS = Object.values(COMMANDS).map((spec) => spec.id);
const UNBIND = 0x06;
const ENQUIRE_LINK = 0x15;

/** A PDU that was changed, and whether a session may be expected to go on behind it. */
export interface Mutant {
  readonly octets: Buffer;
  /** It unbinds, or its command_length is not its length: the connection ends with it. */
  readonly last: boolean;
}

/** Changes PDUs of every command, the same way for the same seed. */
export class Mutator {
  readonly #random: () => number;
  readonly #seeds: readonly Buffer[];

  constructor(seed: number) {
    this.#random = seededRandom(seed);
    this.#seeds = fc.sample(anyPdu, { numRuns: 400, seed }).map((pdu) => encodePdu(pdu));
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  /** The next mutant. One in a thousand does not have the length its header says, and few are unbinds. */
  next(): Mutant {
    let octets: Buffer = Buffer.from(this.#anySeed());
    for (let changes = 1 + this.below(4); changes > 0; changes--) octets = this.#change(octets);
    octets.writeUInt32BE(octets.length, 0);
    if (isUnbind(octets) && this.below(50) > 0) octets.writeUInt32BE(ENQUIRE_LINK, 4);
    if (this.below(1000) === 0) octets[this.below(4)] = this.below(256);
    return { octets, last: octets.readUInt32BE(0) !== octets.length || isUnbind(octets) };
  }

  #anySeed(): Buffer {
    return this.#seeds[this.below(this.#seeds.length)]!;
  }

  /** Where in the body something is changed; the header's end for a PDU without body. */
  #place(octets: Buffer): number {
    return HEADER_OCTETS + this.below(octets.length - HEADER_OCTETS + 1);
  }

  #change(octets: Buffer): Buffer {
    const at = this.#place(octets);
    switch (this.below(10)) {
      case 0:
        // One octet, wherever it is behind command_length.
        octets[4 + this.below(octets.length - 4)] = this.below(256);
        return octets;
      case 1:
        // One bit, which turns lengths and types into their neighbours.
        octets[4 + this.below(octets.length - 4)]! ^= 1 << this.below(8);
        return octets;
      case 2:
        return octets.subarray(0, at);
      case 3:
        return Buffer.concat([octets.subarray(0, at), this.#noise(1 + this.below(40)), octets.subarray(at)]);
      case 4:
        return Buffer.concat([
          octets.subarray(0, at),
          octets.subarray(Math.min(at + 1 + this.below(8), octets.length)),
        ]);
      case 5:
        // The end of another PDU.
        return Buffer.concat([octets.subarray(0, at), this.#anySeed().subarray(HEADER_OCTETS)]);
      case 6:
        // What looks like the length of something, at its ends.
        if (at + 2 <= octets.length) octets.writeUInt16BE([0, 1, 0x7f, 0xff, 0x100, 0xffff][this.below(6)]!, at);
        return octets;
      case 7:
        octets.writeUInt32BE(COMMAND_IDS[this.below(COMMAND_IDS.length)]!, 4);
        return octets;
      case 8:
        // Numbers at the ends of their ranges: those that are in use are low.
        octets.writeUInt32BE([0, 1, this.below(20), 0x7fffffff, 0x80000000, 0xffffffff][this.below(6)]!, 12);
        return octets;
      default:
        return Buffer.concat([octets.subarray(0, HEADER_OCTETS), this.#noise(this.below(300))]);
    }
  }

  #noise(length: number): Buffer {
    const octets = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) octets[i] = this.below(256);
    return octets;
  }
}

function isUnbind(octets: Buffer): boolean {
  return octets.readUInt32BE(4) === UNBIND;
}
