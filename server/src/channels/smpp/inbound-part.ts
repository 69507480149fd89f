import { ESM_CLASS, type Tlvs } from '@signet/smpp';
import { type LockingTable, type NationalTable, readUserDataHeader } from '@signet/text';
import type { InboundPart } from '../../domain/inbound.ts';

/** What stands around the text of an SMS. */
export interface Frame {
  /** Octets in front of the text. */
  header: number;
  /** Null: the text is whole. */
  part: InboundPart | null;
  /** The tables the text is written with. */
  national: NationalTable | null;
  locking: LockingTable | null;
}

/** Which part of a text an SMS is, as its user data header or its SAR parameters say (SMPP 3.4 §5.3.2.22 to .24). */
export function readFrame(pdu: { esm_class: number; tlvs?: Tlvs }, octets: Uint8Array): Frame {
  const sar = sarPart(pdu.tlvs);
  if ((pdu.esm_class & ESM_CLASS.UDHI) === 0) return { header: 0, part: sar, national: null, locking: null };
  const { octets: header, part, national, locking } = readUserDataHeader(octets);
  return { header, part: severalOf(part) ?? sar, national, locking };
}

function sarPart(tlvs: Tlvs | undefined): InboundPart | null {
  const { sar_msg_ref_num, sar_total_segments, sar_segment_seqnum } = tlvs ?? {};
  if (sar_msg_ref_num === undefined || sar_total_segments === undefined || sar_segment_seqnum === undefined)
    return null;
  const part = { reference: sar_msg_ref_num, total: sar_total_segments, index: sar_segment_seqnum };
  return part.index >= 1 && part.index <= part.total ? severalOf(part) : null;
}

/** The only part of one is a whole text. */
const severalOf = (part: InboundPart | null): InboundPart | null => (part !== null && part.total > 1 ? part : null);
