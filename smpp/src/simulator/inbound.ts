import type { Random } from '../lib/random.ts';
import type { BodyInput } from '../pdu/commands.ts';
import { NPI, TON } from '../pdu/constants.ts';
import { type Written, write } from './characters.ts';
import { bodyOfPart, type Carriage } from './parts.ts';

/** A text from a handset. */
export interface InboundText {
  from: string;
  to: string;
  text: string;
  /** Whom it is delivered to; default the system_id that bound last. */
  systemId?: string;
  /**
   * How a text travels that is too long for one short message: whole in message_payload, or in parts by sar_ parameters
   * or by user data headers with a reference of 8 or 16 bits. Default payload.
   */
  long?: Exclude<Carriage, 'short'>;
  /** Which parts are sent, in which order: [2, 1] turns two round, [1, 1, 2] repeats one, [1] loses one. Default all. */
  order?: readonly number[];
}

/** Octets on the air in one short message (3GPP TS 23.040, 9.2.3.24), and of the headers of a part. */
const AIR_OCTETS = 140;
const HEADER_OCTETS = { udh: 6, udh16: 7, sar: 6 } as const;

/** The deliver_sm that carry a text from a handset: one, or one for each part that is sent. */
export function inboundBodies(message: InboundText, random: Random): BodyInput<'deliver_sm'>[] {
  const { from, to, text, long = 'payload', order } = message;
  const written = write(text);
  const addresses = {
    source_addr_ton: TON.INTERNATIONAL,
    source_addr_npi: NPI.ISDN,
    source_addr: from,
    dest_addr_ton: TON.UNKNOWN,
    dest_addr_npi: NPI.ISDN,
    destination_addr: to,
    data_coding: written.dataCoding,
  };
  const whole = cut(written, AIR_OCTETS);
  if (whole.length === 1) return [{ ...addresses, ...bodyOfPart(whole[0]!, 'short', undefined) }];
  if (long === 'payload') {
    return [{ ...addresses, ...bodyOfPart(Buffer.concat(written.characters), 'payload', undefined) }];
  }
  const parts = cut(written, AIR_OCTETS - HEADER_OCTETS[long]);
  const reference = Math.floor(random() * (long === 'udh' ? 0x100 : 0x10000));
  return (order ?? parts.map((_, i) => i + 1)).map((number) => {
    const part = parts[number - 1];
    if (part === undefined) throw new RangeError(`order: the text has ${parts.length} parts, and no part ${number}`);
    return { ...addresses, ...bodyOfPart(part, long, { reference, total: parts.length, number }) };
  });
}

/** Cuts a text into what fits so many octets on the air, where eight septets take seven; no character is split. */
function cut({ dataCoding, characters }: Written, airOctets: number): Uint8Array[] {
  const room = dataCoding === 0 ? Math.floor((airOctets * 8) / 7) : airOctets;
  const parts: Uint8Array[][] = [[]];
  let left = room;
  for (const character of characters) {
    if (character.length > left) {
      parts.push([]);
      left = room;
    }
    parts[parts.length - 1]!.push(character);
    left -= character.length;
  }
  return parts.map((part) => Buffer.concat(part));
}
