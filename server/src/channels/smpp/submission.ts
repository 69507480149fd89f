import { DATA_CODING, ESM_CLASS, NPI, REGISTERED_DELIVERY, TON } from '@signet/smpp';
import { segmentText, userDataHeader } from '@signet/text';
import { Lru } from '../../lib/lru.ts';

/** The body of one submit_sm, as the codec takes it. */
export interface SubmitBody {
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  dest_addr_ton: number;
  dest_addr_npi: number;
  destination_addr: string;
  esm_class: number;
  registered_delivery: number;
  data_coding: number;
  short_message: Uint8Array;
}

interface EncodedText {
  dataCoding: number;
  parts: Uint8Array[];
}

/** Turns texts into submit_sm bodies for one channel. Texts sent to many recipients are cut and encoded once. */
export class SubmissionEncoder {
  readonly #source: { ton: number; npi: number; address: string };
  readonly #registeredDelivery: number;
  readonly #single = new Lru<string, EncodedText>(256);
  #reference = 0;

  constructor(sender: string, receipts: boolean) {
    this.#source = sourceAddress(sender);
    this.#registeredDelivery = receipts ? REGISTERED_DELIVERY.FINAL : 0;
  }

  /** One body for each part of the text. */
  encode(recipient: number, text: string): SubmitBody[] {
    const destination = String(recipient);
    const cached = this.#single.get(text);
    if (cached !== undefined) return [this.#body(destination, cached.dataCoding, cached.parts[0]!, false)];
    const { encoding, segments } = segmentText(text);
    const dataCoding = encoding === 'gsm7' ? DATA_CODING.SMSC_DEFAULT : DATA_CODING.UCS2;
    if (segments.length === 1) {
      const part = segments[0]!.payload;
      this.#single.set(text, { dataCoding, parts: [part] });
      return [this.#body(destination, dataCoding, part, false)];
    }
    // Parts of one text carry one number (3GPP 23.040 §9.2.3.24.1); texts near each other must differ in it.
    this.#reference = (this.#reference + 1) & 0xff;
    const reference = this.#reference;
    return segments.map(({ payload }, i) => {
      const header = userDataHeader({ reference, total: segments.length, index: i + 1 }, null);
      const part = new Uint8Array(header.length + payload.length);
      part.set(header);
      part.set(payload, header.length);
      return this.#body(destination, dataCoding, part, true);
    });
  }

  #body(destination: string, dataCoding: number, part: Uint8Array, header: boolean): SubmitBody {
    return {
      source_addr_ton: this.#source.ton,
      source_addr_npi: this.#source.npi,
      source_addr: this.#source.address,
      dest_addr_ton: TON.INTERNATIONAL,
      dest_addr_npi: NPI.ISDN,
      destination_addr: destination,
      esm_class: header ? ESM_CLASS.UDHI : 0,
      registered_delivery: this.#registeredDelivery,
      data_coding: dataCoding,
      short_message: part,
    };
  }
}

/** Type of number and plan for a sender (SMPP 3.4 §5.2.5, §5.2.6), by how it looks. */
function sourceAddress(sender: string): { ton: number; npi: number; address: string } {
  if (sender === '') return { ton: TON.UNKNOWN, npi: NPI.UNKNOWN, address: '' };
  const digits = sender.replace(/^\+/, '');
  if (!/^\d+$/.test(digits)) return { ton: TON.ALPHANUMERIC, npi: NPI.UNKNOWN, address: sender };
  // Short codes are known to the network only.
  if (digits.length <= 8 && digits === sender) return { ton: TON.NETWORK_SPECIFIC, npi: NPI.UNKNOWN, address: digits };
  return { ton: TON.INTERNATIONAL, npi: NPI.ISDN, address: digits };
}
