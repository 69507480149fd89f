import type { Clock } from './clock.ts';
import { fillRandom } from './random.ts';

/** 2025-01-01T00:00:00Z: 41 bits of milliseconds from here last until 2094. */
export const ID_EPOCH_MS = 1_735_689_600_000;

const PER_MS = 64;
const NODES = 64;
const STEP = PER_MS * NODES;

/**
 * Time-ordered integers below 2^53: 41 bits of milliseconds, 6 of node, 6 of sequence. Exact JSON numbers for every
 * client. When a millisecond is used up the next one is borrowed, so ids never repeat and always rise, also when the
 * wall clock goes back.
 */
export class IdGenerator {
  readonly #clock: Clock;
  readonly #node: number;
  #lastMs: number;
  #sequence = PER_MS;

  /** @param above ids minted so far are all below this one (the stored high-water mark) */
  constructor(clock: Clock, node: number, above = 0) {
    if (node < 0 || node >= NODES) throw new RangeError(`node must be 0..${NODES - 1}`);
    this.#clock = clock;
    this.#node = node;
    this.#lastMs = Math.floor(above / STEP);
  }

  /** No id above this one has been minted. */
  get last(): number {
    return this.#lastMs * STEP + STEP - 1;
  }

  /** Ids up to this one may have been minted by others: mints above their millisecond. */
  rise(above: number): void {
    const ms = Math.floor(above / STEP);
    if (ms < this.#lastMs) return;
    this.#lastMs = ms;
    this.#sequence = PER_MS;
  }

  next(): number {
    const now = this.#clock.now() - ID_EPOCH_MS;
    if (now > this.#lastMs) {
      this.#lastMs = now;
      this.#sequence = 0;
    } else if (this.#sequence >= PER_MS) {
      this.#lastMs += 1;
      this.#sequence = 0;
    }
    return this.#lastMs * STEP + this.#node * PER_MS + this.#sequence++;
  }
}

/** The smallest id that can be minted at wall time `ms`. */
export function idAt(ms: number): number {
  return Math.max(0, ms - ID_EPOCH_MS) * STEP;
}

/** Wall time in milliseconds at which `id` was minted. */
export function timeOfId(id: number): number {
  return Math.floor(id / STEP) + ID_EPOCH_MS;
}

/**
 * An RFC 9562 version 7 UUID that carries `id`: its milliseconds as the timestamp, node and sequence as `rand_a`, and 62
 * random bits. So a UUID is found by its id, and no random-key index is needed on the table it names.
 */
export function uuidForId(id: number): string {
  uuidOctets.writeUIntBE(timeOfId(id), 0, 6);
  uuidOctets.writeUInt16BE(0x7000 + (id % STEP), 6);
  fillRandom(uuidOctets, 8);
  uuidOctets[8] = (uuidOctets[8]! & 0x3f) | 0x80;
  // Digit by digit into one text: pieces put together cost several times as much, and leave five of them behind.
  let at = 0;
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) at++;
    const octet = uuidOctets[i]!;
    uuidText[at++] = HEX_DIGITS[octet >> 4]!;
    uuidText[at++] = HEX_DIGITS[octet & 0xf]!;
  }
  return uuidText.toString('latin1');
}

/** Room to put one together in. */
const uuidOctets = Buffer.alloc(16);
const uuidText = Buffer.alloc(36, '-');
const HEX_DIGITS = Buffer.from('0123456789abcdef');

/** The id inside a UUID made by {@link uuidForId}; null for anything else. The random bits are for the caller to compare. */
export function idOfUuid(uuid: string): number | null {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7([0-9a-f]{3})-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.exec(uuid);
  if (!match) return null;
  const ms = Number.parseInt(match[1]! + match[2]!, 16) - ID_EPOCH_MS;
  const id = ms * STEP + Number.parseInt(match[3]!, 16);
  return ms >= 0 && Number.isSafeInteger(id) ? id : null;
}
