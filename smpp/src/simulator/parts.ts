import type { MessageRequestInput } from '../pdu/commands.ts';
import { ESM_CLASS } from '../pdu/constants.ts';
import type { Tlvs } from '../pdu/tlvs.ts';

/** Which part of a long message this is. */
export interface MessagePart {
  readonly reference: number;
  readonly total: number;
  readonly number: number;
}

/**
 * How a text travels: whole in short_message, as a part with a user data header of an 8 or 16-bit reference, as a part
 * with sar_ parameters, or whole in message_payload.
 */
export type Carriage = 'short' | 'udh' | 'udh16' | 'sar' | 'payload';

/** What one PDU brings of a text. */
export interface Piece {
  readonly part: MessagePart | undefined;
  readonly carriage: Carriage;
  /** Octets of the text behind its user data header. */
  readonly text: Uint8Array;
}

/** What of a submit_sm or deliver_sm is read for its text. */
export interface TextCarrier {
  readonly esm_class: number;
  readonly short_message: Uint8Array;
  readonly tlvs?: Tlvs | undefined;
}

const CONCATENATION_8 = 0x00;
const CONCATENATION_16 = 0x08;

/** The octets of a message: of short_message, or of message_payload where it has none (§5.3.2.32). */
export function octetsOf({ short_message, tlvs }: TextCarrier): Uint8Array {
  return short_message.length === 0 && tlvs?.message_payload !== undefined ? tlvs.message_payload : short_message;
}

/** Reads what a PDU brings, by its user data header (3GPP 23.040 §9.2.3.24) or its sar_ parameters (§5.3.2.22–24). */
export function pieceOf(pdu: TextCarrier): Piece {
  const octets = octetsOf(pdu);
  const plain: Carriage = octets === pdu.short_message ? 'short' : 'payload';
  const header = (pdu.esm_class & ESM_CLASS.UDHI) === 0 ? undefined : readHeader(octets);
  const text = header === undefined ? octets : octets.subarray(header.octets);
  const { sar_msg_ref_num, sar_total_segments, sar_segment_seqnum } = pdu.tlvs ?? {};
  if (sar_msg_ref_num !== undefined && sar_total_segments !== undefined && sar_segment_seqnum !== undefined) {
    const part = { reference: sar_msg_ref_num, total: sar_total_segments, number: sar_segment_seqnum };
    return { part, carriage: 'sar', text };
  }
  if (header?.part === undefined) return { part: undefined, carriage: plain, text };
  return { part: header.part, carriage: header.wide ? 'udh16' : 'udh', text };
}

/** Which part of a long message a PDU is; undefined for a message of one. */
export function messagePart(pdu: TextCarrier): MessagePart | undefined {
  return pieceOf(pdu).part;
}

interface Header {
  /** Octets of the header, never more than there are. */
  octets: number;
  part: MessagePart | undefined;
  wide: boolean;
}

function readHeader(octets: Uint8Array): Header {
  const end = Math.min((octets[0] ?? 0) + 1, octets.length);
  for (let at = 1; at + 1 < end; at += 2 + octets[at + 1]!) {
    const [id, length] = [octets[at], octets[at + 1]!];
    if (at + 2 + length > end) break;
    const [a = 0, b = 0, c = 0, d = 0] = octets.subarray(at + 2, at + 2 + length);
    if (id === CONCATENATION_8 && length === 3) {
      return { octets: end, part: { reference: a, total: b, number: c }, wide: false };
    }
    if (id === CONCATENATION_16 && length === 4) {
      return { octets: end, part: { reference: a * 256 + b, total: c, number: d }, wide: true };
    }
  }
  return { octets: end, part: undefined, wide: false };
}

type PartBody = Pick<Extract<MessageRequestInput, { command: 'deliver_sm' }>, 'esm_class' | 'tlvs'> & {
  short_message?: Uint8Array;
};

/** The fields that carry one part of a text, or a whole text where there is no part. */
export function bodyOfPart(text: Uint8Array, carriage: Carriage, part: MessagePart | undefined): PartBody {
  if (carriage === 'payload') return { tlvs: { message_payload: text } };
  if (part === undefined) return { short_message: text };
  const { reference, total, number } = part;
  switch (carriage) {
    case 'sar':
      return {
        short_message: text,
        tlvs: { sar_msg_ref_num: reference, sar_total_segments: total, sar_segment_seqnum: number },
      };
    case 'udh16': {
      const header = [6, CONCATENATION_16, 4, reference >> 8, reference & 0xff, total, number];
      return { esm_class: ESM_CLASS.UDHI, short_message: Uint8Array.of(...header, ...text) };
    }
    default: {
      const header = [5, CONCATENATION_8, 3, reference & 0xff, total, number];
      return { esm_class: ESM_CLASS.UDHI, short_message: Uint8Array.of(...header, ...text) };
    }
  }
}
