import { type DeliverSm, type InboundPdu, parseReceipt } from '@signet/smpp';
import type { ChannelReport } from '../channel.ts';
import { REPORTED } from './words.ts';

/** What a carrier sent with one read, sorted by what is done with it. */
export interface Inbound {
  /** deliver_sm that carry a report, those that change nothing included: to be answered when the reports are safe. */
  receipts: DeliverSm[];
  reports: ChannelReport[];
  /** What this version has no use for: to be refused for good. */
  unwanted: Extract<InboundPdu, { command: 'deliver_sm' | 'data_sm' }>[];
}

export function sortInbound(pdus: readonly InboundPdu[]): Inbound {
  const inbound: Inbound = { receipts: [], reports: [], unwanted: [] };
  for (const pdu of pdus) {
    if (pdu.command === 'data_sm') inbound.unwanted.push(pdu);
    if (pdu.command !== 'deliver_sm') continue;
    const receipt = parseReceipt(pdu);
    if (receipt === null) {
      inbound.unwanted.push(pdu);
      continue;
    }
    inbound.receipts.push(pdu);
    const state = REPORTED[receipt.state] ?? null;
    if (state === null || receipt.messageId === '') continue;
    const recipient = readRecipient(pdu.source_addr);
    inbound.reports.push({ carrierId: receipt.messageId, recipient, state, error: receipt.error });
  }
  return inbound;
}

/** The number a report speaks of: where the message went, which is the report's source. */
function readRecipient(address: string): number | null {
  const digits = address.replace(/^\+/, '');
  return /^\d{5,15}$/.test(digits) ? Number(digits) : null;
}
