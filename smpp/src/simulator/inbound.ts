import type { BodyInput } from '../pdu/commands.ts';
import { DATA_CODING, NPI, TON } from '../pdu/constants.ts';
import { SHORT_MESSAGE_MAX_OCTETS } from '../pdu/fields.ts';

/** A text from a handset. */
export interface InboundText {
  from: string;
  to: string;
  text: string;
  /** Whom it is delivered to; default the system_id that bound last. */
  systemId?: string;
}

/** Characters that have the same code in ASCII and in the GSM 7-bit default alphabet (3GPP 23.038 §6.2.1). */
const SAME_IN_GSM = /^[A-Za-z0-9 \r\n!"#%&'()*+,\-./:;<=>?]*$/;

/** The deliver_sm that carries a text from a handset; other characters than those go as UCS-2, long texts whole. */
export function inboundBody({ from, to, text }: InboundText): BodyInput<'deliver_sm'> {
  const plain = SAME_IN_GSM.test(text);
  const octets = plain ? Buffer.from(text, 'latin1') : Buffer.from(text, 'utf16le').swap16();
  const fits = octets.length <= SHORT_MESSAGE_MAX_OCTETS;
  return {
    source_addr_ton: TON.INTERNATIONAL,
    source_addr_npi: NPI.ISDN,
    source_addr: from,
    dest_addr_ton: TON.UNKNOWN,
    dest_addr_npi: NPI.ISDN,
    destination_addr: to,
    data_coding: plain ? DATA_CODING.SMSC_DEFAULT : DATA_CODING.UCS2,
    short_message: fits ? octets : undefined,
    tlvs: fits ? undefined : { message_payload: octets },
  };
}
