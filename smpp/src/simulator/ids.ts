import type { Random } from '../lib/random.ts';

const HEX = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
const TWO_32 = 0x100000000;

/** A random message id: 16 hexadecimal digits. */
export function hexId(random: Random): string {
  const high = (random() * TWO_32) >>> 0;
  const low = (random() * TWO_32) >>> 0;
  return String.fromCharCode(
    HEX[high >>> 28]!,
    HEX[(high >>> 24) & 15]!,
    HEX[(high >>> 20) & 15]!,
    HEX[(high >>> 16) & 15]!,
    HEX[(high >>> 12) & 15]!,
    HEX[(high >>> 8) & 15]!,
    HEX[(high >>> 4) & 15]!,
    HEX[high & 15]!,
    HEX[low >>> 28]!,
    HEX[(low >>> 24) & 15]!,
    HEX[(low >>> 20) & 15]!,
    HEX[(low >>> 16) & 15]!,
    HEX[(low >>> 12) & 15]!,
    HEX[(low >>> 8) & 15]!,
    HEX[(low >>> 4) & 15]!,
    HEX[low & 15]!,
  );
}

/** A random message id: 18 decimal digits. */
export function decimalId(random: Random): string {
  const high = 100_000_000 + Math.floor(random() * 900_000_000);
  const low = Math.floor(random() * 1_000_000_000);
  return `${high}${String(low).padStart(9, '0')}`;
}

/** The same number in the other base: carriers exist that answer in one and report in the other. */
export function inOtherBase(id: string, base: 'hex' | 'decimal'): string {
  return base === 'hex' ? BigInt(`0x${id}`).toString(10) : BigInt(id).toString(16);
}
