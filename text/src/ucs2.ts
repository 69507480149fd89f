/**
 * Writes a text as big-endian 16-bit units (3GPP TS 23.038, 6.2.3). Characters beyond the basic plane go as surrogate
 * pairs: strict UCS-2 has no such characters, but every network and handset of today reads UTF-16 here. A lone
 * surrogate is written as it stands.
 */
export function encodeUcs2(text: string): Uint8Array {
  const octets = new Uint8Array(2 * text.length);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    octets[2 * index] = unit >> 8;
    octets[2 * index + 1] = unit & 0xff;
  }
  return octets;
}

/**
 * Reads big-endian 16-bit units as a text. A last octet without its other half, as a cut message leaves it, becomes
 * U+FFFD. Never throws.
 */
export function decodeUcs2(octets: Uint8Array): string {
  let text = '';
  for (let index = 0; index + 1 < octets.length; index += 2) {
    text += String.fromCharCode((octets[index]! << 8) | octets[index + 1]!);
  }
  return octets.length % 2 === 0 ? text : `${text}\ufffd`;
}
