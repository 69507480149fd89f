import { ESM_CLASS, type InboundPdu, TON } from '@signet/smpp';
import { sha256 } from '../../lib/random.ts';
import type { ChannelInbound } from '../channel.ts';
import { readFrame } from './inbound-part.ts';
import { readText } from './inbound-text.ts';

/** A PDU that brings an SMS from a handset. */
export type HandsetPdu = Extract<InboundPdu, { command: 'deliver_sm' | 'data_sm' }>;

const NO_OCTETS = new Uint8Array(0);

/**
 * Reads an SMS from a handset.
 * @param at when it came
 * @param linkSince since when its link has been up
 */
export function readInbound(pdu: HandsetPdu, at: number, linkSince: number): ChannelInbound {
  const octets = octetsOf(pdu);
  const { header, part, ...tables } = readFrame(pdu, octets);
  return {
    from: addressOf(pdu.source_addr_ton, pdu.source_addr),
    to: addressOf(pdu.dest_addr_ton, pdu.destination_addr),
    text: readText(octets.subarray(header), pdu.data_coding, tables),
    part,
    fingerprint: fingerprintOf(pdu, octets),
    at,
    linkSince,
  };
}

/** short_message, or message_payload where that is empty (§5.3.2.32); data_sm has only the latter (§4.7.1). */
function octetsOf(pdu: HandsetPdu): Uint8Array {
  if (pdu.command === 'deliver_sm' && pdu.short_message.length > 0) return pdu.short_message;
  return pdu.tlvs?.message_payload ?? NO_OCTETS;
}

/** With + when the carrier says that the number is international (§5.2.5). */
const addressOf = (ton: number, address: string): string =>
  ton === TON.INTERNATIONAL && /^[0-9]+$/.test(address) ? `+${address}` : address;

/** What two deliveries of one SMS have in common, and two SMS hardly ever: 52 bits of its hash. */
function fingerprintOf(pdu: HandsetPdu, octets: Uint8Array): number {
  const { sar_msg_ref_num, sar_total_segments, sar_segment_seqnum } = pdu.tlvs ?? {};
  const facts = [
    pdu.source_addr_ton,
    pdu.source_addr,
    pdu.dest_addr_ton,
    pdu.destination_addr,
    pdu.esm_class & ESM_CLASS.UDHI,
    pdu.data_coding,
    sar_msg_ref_num,
    sar_total_segments,
    sar_segment_seqnum,
  ];
  const digest = sha256(Buffer.concat([Buffer.from(`${facts.join('\0')}\0`), octets]));
  return digest.readUIntBE(0, 6) * 16 + (digest[6]! >> 4);
}
