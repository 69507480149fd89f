/**
 * Characters to SMS segments: the GSM 7 bit alphabets and UCS-2 of 3GPP TS 23.038, ISO 8859-1, the user data header and
 * the segment limits of 3GPP TS 23.040. Depends on nothing, and runs in browsers as in Node.
 *
 * `segmentText` cuts a text, `countSegments` only counts, `fitsGsm7` only tells the encoding, `userDataHeader` writes
 * what precedes a payload. The decode functions and `readUserDataHeader` serve inbound messages; `packSeptets` and
 * `unpackSeptets` serve carriers that want packed octets.
 */
export { fitsGsm7, type SegmentOptions } from './choice.ts';
export { countSegments } from './count.ts';
export { decodeGsm7, encodeGsm7 } from './gsm7.ts';
export { MAX_PARTS, type Part, readUserDataHeader, type UserDataHeader, userDataHeader } from './header.ts';
export { decodeLatin1, encodeLatin1 } from './latin1.ts';
export { type Encoding, type SegmentLimits, segmentLimits } from './limits.ts';
export {
  type LockingTable,
  lockingTables,
  type NationalTable,
  nationalLanguageIdentifiers,
  nationalTables,
} from './national.ts';
export { type Segment, type SegmentedText, segmentText } from './segment.ts';
export { packSeptets, unpackSeptets } from './septets.ts';
export { decodeUcs2, encodeUcs2 } from './ucs2.ts';
