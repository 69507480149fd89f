/**
 * Zero bits between a user data header and the first septet, so that the text begins on a septet boundary counted from
 * the start of the user data (3GPP TS 23.040, 9.2.3.24). `headerOctets` includes the length octet; 0 means no header.
 */
function fillBits(headerOctets: number): number {
  return (7 - ((8 * headerOctets) % 7)) % 7;
}

/**
 * Packs septets (one per octet, eighth bit ignored) eight into seven octets, low bits first (3GPP TS 23.038, 6.1.2.1).
 * The result follows a header of `headerOctets` octets, and so begins with that header's fill bits.
 */
export function packSeptets(septets: Uint8Array, headerOctets = 0): Uint8Array {
  let heldBits = fillBits(headerOctets);
  const packed = new Uint8Array(Math.ceil((heldBits + 7 * septets.length) / 8));
  let held = 0;
  let written = 0;
  for (const septet of septets) {
    held |= (septet & 0x7f) << heldBits;
    heldBits += 7;
    if (heldBits >= 8) {
      packed[written++] = held & 0xff;
      held >>= 8;
      heldBits -= 8;
    }
  }
  if (heldBits > 0) packed[written] = held;
  return packed;
}

/**
 * Unpacks `septetCount` septets, one per octet, from the octets that follow a header of `headerOctets` octets. The count
 * must be told (TP-UDL less the header and its fill bits): seven octets may hold seven septets or eight.
 *
 * Throws RangeError when the octets hold fewer septets.
 */
export function unpackSeptets(packed: Uint8Array, septetCount: number, headerOctets = 0): Uint8Array {
  const fill = fillBits(headerOctets);
  if (fill + 7 * septetCount > 8 * packed.length) throw new RangeError('fewer octets than the septets need');
  const septets = new Uint8Array(septetCount);
  for (let index = 0; index < septetCount; index++) {
    const bit = fill + 7 * index;
    const octet = bit >> 3;
    const pair = packed[octet]! | ((packed[octet + 1] ?? 0) << 8);
    septets[index] = (pair >> (bit & 7)) & 0x7f;
  }
  return septets;
}
