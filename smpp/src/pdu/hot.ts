import { checkUint, EncodeError, type Reader, writeCString, writeOctets } from './bytes.ts';
import type { PduOf } from './commands.ts';
import { readCString, readShortMessage, SHORT_MESSAGE_MAX_OCTETS } from './fields.ts';
import { STATUS } from './statuses.ts';
import { readTlvs, type Tlvs } from './tlvs.ts';

/**
 * The two bodies nearly all traffic consists of, written out by hand: submit_sm and deliver_sm share one, and their
 * responses the other. The tables in commands.ts stay the definition; a property test holds both to the same octets.
 */

type MessageName = 'submit_sm' | 'deliver_sm';
type MessageRespName = 'submit_sm_resp' | 'deliver_sm_resp';

/** What the encoder reads of a submit_sm or deliver_sm; everything may be left out. */
export interface MessageInput {
  service_type?: string;
  source_addr_ton?: number;
  source_addr_npi?: number;
  source_addr?: string;
  dest_addr_ton?: number;
  dest_addr_npi?: number;
  destination_addr?: string;
  esm_class?: number;
  protocol_id?: number;
  priority_flag?: number;
  schedule_delivery_time?: string;
  validity_period?: string;
  registered_delivery?: number;
  replace_if_present_flag?: number;
  data_coding?: number;
  sm_default_msg_id?: number;
  short_message?: Uint8Array | string;
  tlvs?: Tlvs;
}

/** The largest body without optional parameters: every string and the text at their limits. */
export const MESSAGE_BODY_MAX_OCTETS = 6 + 2 + 21 + 2 + 21 + 3 + 17 + 17 + 5 + SHORT_MESSAGE_MAX_OCTETS;

/** Writes a submit_sm or deliver_sm body without optional parameters; needs MESSAGE_BODY_MAX_OCTETS of room. */
export function writeMessageBody(into: Buffer, start: number, pdu: MessageInput): number {
  let at = writeShort(into, start, pdu.service_type, 6, 'service_type');
  into[at++] = octet(pdu.source_addr_ton, 'source_addr_ton');
  into[at++] = octet(pdu.source_addr_npi, 'source_addr_npi');
  at = writeShort(into, at, pdu.source_addr, 21, 'source_addr');
  into[at++] = octet(pdu.dest_addr_ton, 'dest_addr_ton');
  into[at++] = octet(pdu.dest_addr_npi, 'dest_addr_npi');
  at = writeShort(into, at, pdu.destination_addr, 21, 'destination_addr');
  into[at++] = octet(pdu.esm_class, 'esm_class');
  into[at++] = octet(pdu.protocol_id, 'protocol_id');
  into[at++] = octet(pdu.priority_flag, 'priority_flag');
  at = writeShort(into, at, pdu.schedule_delivery_time, 17, 'schedule_delivery_time');
  at = writeShort(into, at, pdu.validity_period, 17, 'validity_period');
  into[at++] = octet(pdu.registered_delivery, 'registered_delivery');
  into[at++] = octet(pdu.replace_if_present_flag, 'replace_if_present_flag');
  into[at++] = octet(pdu.data_coding, 'data_coding');
  into[at++] = octet(pdu.sm_default_msg_id, 'sm_default_msg_id');
  const text = pdu.short_message;
  if (text === undefined) {
    into[at++] = 0;
    return at;
  }
  if (text.length > SHORT_MESSAGE_MAX_OCTETS) {
    throw new EncodeError('short_message', `${text.length} octets, at most ${SHORT_MESSAGE_MAX_OCTETS} fit`);
  }
  into[at++] = text.length;
  return writeOctets(into, at, text, 'short_message');
}

function writeShort(into: Buffer, at: number, value: string | undefined, maxOctets: number, field: string): number {
  if (value !== undefined && value !== '') return writeCString(into, at, value, maxOctets, field);
  into[at] = 0;
  return at + 1;
}

function octet(value: number | undefined, field: string): number {
  if (value === undefined) return 0;
  if ((value & 0xff) !== value) checkUint(value, 1, field);
  return value;
}

/** The octets of the body behind its last string when the text is left out: four octets and sm_length. */
const TAIL_OCTETS = 5;

/** Reads a submit_sm or deliver_sm whose header is known; contradictions are left in the reader. */
export function readMessage<Name extends MessageName>(
  command: Name,
  status: number,
  sequence: number,
  from: Reader,
): PduOf<Name> {
  const service_type = readCString(from, 6, STATUS.ESME_RINVSERTYP, 'service_type');
  const source = from.at;
  if (from.end - source < 2) runOut(from, 'source_addr');
  from.at = source + 2;
  const source_addr = readCString(from, 21, STATUS.ESME_RINVSRCADR, 'source_addr');
  const dest = from.at;
  if (from.end - dest < 2) runOut(from, 'destination_addr');
  from.at = dest + 2;
  const destination_addr = readCString(from, 21, STATUS.ESME_RINVDSTADR, 'destination_addr');
  const kind = from.at;
  if (from.end - kind < 3) runOut(from, 'schedule_delivery_time');
  from.at = kind + 3;
  const schedule_delivery_time = readCString(from, 17, STATUS.ESME_RINVSCHED, 'schedule_delivery_time');
  const validity_period = readCString(from, 17, STATUS.ESME_RINVEXPIRY, 'validity_period');
  const tail = from.at;
  if (from.end - tail < TAIL_OCTETS) runOut(from, 'sm_length');
  from.at = tail + TAIL_OCTETS - 1;
  const short_message = readShortMessage(from, 'short_message');
  const { buffer } = from;
  const message = {
    command,
    status,
    sequence,
    service_type,
    source_addr_ton: buffer[source]!,
    source_addr_npi: buffer[source + 1]!,
    source_addr,
    dest_addr_ton: buffer[dest]!,
    dest_addr_npi: buffer[dest + 1]!,
    destination_addr,
    esm_class: buffer[kind]!,
    protocol_id: buffer[kind + 1]!,
    priority_flag: buffer[kind + 2]!,
    schedule_delivery_time,
    validity_period,
    registered_delivery: buffer[tail]!,
    replace_if_present_flag: buffer[tail + 1]!,
    data_coding: buffer[tail + 2]!,
    sm_default_msg_id: buffer[tail + 3]!,
    short_message,
    tlvs: from.at < from.end ? readTlvs(from, true) : undefined,
  };
  return message as PduOf<MessageName> as unknown as PduOf<Name>;
}

function runOut(from: Reader, before: string): void {
  from.fail(STATUS.ESME_RINVCMDLEN, `the body ends before ${before}`);
}

/** Reads a submit_sm_resp or deliver_sm_resp whose header is known; a missing body is an empty message_id. */
export function readMessageResp<Name extends MessageRespName>(
  command: Name,
  status: number,
  sequence: number,
  from: Reader,
): PduOf<Name> {
  const message_id = from.at === from.end ? '' : readCString(from, 65, STATUS.ESME_RINVMSGID, 'message_id');
  const tlvs = from.at < from.end ? readTlvs(from, true) : undefined;
  return { command, status, sequence, message_id, tlvs } as PduOf<MessageRespName> as unknown as PduOf<Name>;
}
