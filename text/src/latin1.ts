/** Whether ISO 8859-1 holds a UTF-16 code unit. */
export function isLatin1(unit: number): boolean {
  return unit <= 0xff;
}

/**
 * Writes a text as ISO 8859-1, one octet a character: data_coding 3 of SMPP 3.4 (§5.2.19).
 *
 * Throws RangeError when a character is beyond U+00FF.
 */
export function encodeLatin1(text: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (!isLatin1(unit)) throw new RangeError(`character at index ${index} is not in ISO 8859-1`);
    octets[index] = unit;
  }
  return octets;
}

/** Reads ISO 8859-1 octets as a text. Never throws. */
export function decodeLatin1(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}
