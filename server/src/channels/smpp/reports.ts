import { type DeliverSm, type InboundPdu, parseReceipt, type Tlvs } from '@signet/smpp';
import type { ChannelReport } from '../channel.ts';
import type { HandsetPdu } from './inbound.ts';
import { REPORTED } from './words.ts';

/** What a carrier sent with one read, sorted by what is done with it. */
export interface Inbound {
  /** deliver_sm that carry a report: to be answered when the reports are safe. */
  receipts: DeliverSm[];
  /** One each. */
  reports: ChannelReport[];
  /** SMS from handsets: to be answered when they are safe. */
  handset: HandsetPdu[];
}

export function sortInbound(pdus: readonly InboundPdu[]): Inbound {
  const inbound: Inbound = { receipts: [], reports: [], handset: [] };
  for (const pdu of pdus) {
    if (pdu.command === 'data_sm') inbound.handset.push(pdu);
    if (pdu.command !== 'deliver_sm') continue;
    const receipt = parseReceipt(pdu);
    if (receipt === null) {
      inbound.handset.push(pdu);
      continue;
    }
    inbound.receipts.push(pdu);
    inbound.reports.push({
      carrierId: receipt.messageId,
      recipient: readRecipient(pdu.source_addr),
      state: REPORTED[receipt.state] ?? null,
      error: receipt.error,
      userReference: pdu.tlvs?.user_message_reference ?? null,
      raw: pdu.tlvs === undefined ? receipt.text : receipt.text + writtenTlvs(pdu.tlvs),
    });
  }
  return inbound;
}

/** The parameters that say something of the message, behind the text. */
function writtenTlvs({
  receipted_message_id,
  message_state,
  network_error_code,
  user_message_reference,
}: Tlvs): string {
  let written = '';
  if (receipted_message_id !== undefined) written += ` receipted_message_id:${receipted_message_id}`;
  if (message_state !== undefined) written += ` message_state:${message_state}`;
  if (network_error_code) written += ` network_error_code:${Buffer.from(network_error_code).toString('hex')}`;
  if (user_message_reference !== undefined) written += ` user_message_reference:${user_message_reference}`;
  return written;
}

/** The number a report speaks of: where the message went, which is the report's source. */
function readRecipient(address: string): number | null {
  const digits = address.replace(/^\+/, '');
  return /^\d{5,15}$/.test(digits) ? Number(digits) : null;
}
