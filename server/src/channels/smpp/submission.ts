import { ESM_CLASS, REGISTERED_DELIVERY, type Tlvs } from '@signet/smpp';
import type { Category } from '../../domain/category.ts';
import type { SmppSettings } from '../../domain/smpp-settings.ts';
import { Lru } from '../../lib/lru.ts';
import { randomUint32 } from '../../lib/random.ts';
import type { Outgoing } from '../channel.ts';
import { Addresses } from './addresses.ts';
import { TextCutter, type TextParts } from './text-parts.ts';
import { validityPeriod } from './validity-period.ts';

/** The body of one submit_sm, as the codec takes it. */
export interface SubmitBody {
  service_type: string;
  source_addr_ton: number;
  source_addr_npi: number;
  source_addr: string;
  dest_addr_ton: number;
  dest_addr_npi: number;
  destination_addr: string;
  esm_class: number;
  priority_flag: number;
  validity_period: string;
  registered_delivery: number;
  data_coding: number;
  short_message: Uint8Array;
  tlvs: Tlvs | undefined;
}

/** What is the same for all parts of a message and whoever gets it. */
interface EncodedPart {
  dataCoding: number;
  esmClass: number;
  shortMessage: Uint8Array;
  tlvs: Tlvs | undefined;
}

const REPORTS = {
  none: REGISTERED_DELIVERY.NONE,
  final: REGISTERED_DELIVERY.FINAL,
  failure: REGISTERED_DELIVERY.FAILURE,
  intermediate: REGISTERED_DELIVERY.FINAL | REGISTERED_DELIVERY.INTERMEDIATE,
} as const;

const NOTHING = new Uint8Array(0);

/** Turns texts into submit_sm bodies for one channel. Texts sent to many recipients are cut and encoded once. */
export class SubmissionEncoder {
  readonly #settings: SmppSettings;
  readonly #addresses: Addresses;
  readonly #cutter: TextCutter;
  readonly #registeredDelivery: number;
  readonly #priorities: Record<Category, number>;
  readonly #single = new Lru<string, EncodedPart>(256);
  #reference = 0;
  /** Our own number of the last submit_sm; begins anywhere, so that those of an earlier process are far. */
  #userReference = randomUint32() & 0xffff;

  constructor(settings: SmppSettings) {
    this.#settings = settings;
    this.#addresses = new Addresses(settings);
    this.#cutter = new TextCutter(settings);
    this.#registeredDelivery = REPORTS[settings.registeredDelivery];
    this.#priorities = {
      verification: settings.priorityVerification,
      notification: settings.priorityNotification,
      marketing: settings.priorityMarketing,
    };
  }

  /** The number that the parts of the last text of several carry. */
  get reference(): number {
    return this.#reference;
  }

  /**
   * One body for each submit_sm; none when no alphabet of the channel holds the text.
   * @param now wall time, for a validity that is relative
   */
  encode(message: Outgoing, now: number): SubmitBody[] {
    const cached = this.#single.get(message.text);
    if (cached !== undefined) return [this.#body(message, now, cached)];
    const parts = this.#cutter.cut(message.text);
    if (parts === null) return [];
    if (parts.payloads.length === 1) {
      const header = parts.header(null);
      const shortMessage = joined(header, parts.payloads[0]!);
      const part = { dataCoding: parts.dataCoding, esmClass: udhi(header), shortMessage, tlvs: undefined };
      this.#single.set(message.text, part);
      return [this.#body(message, now, part)];
    }
    return this.#long(parts, message.begun?.reference).map((part) => this.#body(message, now, part));
  }

  /** @param again the number its parts carry, when some of them have been sent before */
  #long({ dataCoding, payloads, header: headerOf }: TextParts, again?: number): EncodedPart[] {
    const total = payloads.length;
    const header = headerOf(null);
    if (this.#settings.longMessages === 'payload') {
      const message_payload = joined(header, ...payloads);
      return [{ dataCoding, esmClass: udhi(header), shortMessage: NOTHING, tlvs: { message_payload } }];
    }
    // Parts of one text carry one number; texts near each other must differ in it.
    if (again === undefined) this.#reference = (this.#reference + 1) & 0xffff;
    const reference = again ?? this.#reference;
    if (this.#settings.longMessages === 'sar') {
      return payloads.map((payload, i) => ({
        dataCoding,
        esmClass: udhi(header),
        shortMessage: joined(header, payload),
        // SMPP 3.4 §5.3.2.22 to 24.
        tlvs: { sar_msg_ref_num: reference, sar_total_segments: total, sar_segment_seqnum: i + 1 },
      }));
    }
    return payloads.map((payload, i) => ({
      dataCoding,
      esmClass: ESM_CLASS.UDHI,
      // 3GPP 23.040 §9.2.3.24.1: the number of a text has one octet here.
      shortMessage: joined(headerOf({ reference: reference & 0xff, total, index: i + 1 }), payload),
      tlvs: undefined,
    }));
  }

  #body(message: Outgoing, now: number, { dataCoding, esmClass, shortMessage, tlvs }: EncodedPart): SubmitBody {
    const { plan = null } = message;
    const source = this.#addresses.senderOf(plan === null ? null : plan.businessId);
    const { destination } = this.#addresses;
    return {
      service_type: this.#settings.serviceType,
      source_addr_ton: source.ton,
      source_addr_npi: source.npi,
      source_addr: source.address,
      dest_addr_ton: destination.ton,
      dest_addr_npi: destination.npi,
      destination_addr: String(message.recipient),
      esm_class: esmClass,
      priority_flag: this.#priorities[message.lane],
      validity_period: plan === null ? '' : validityPeriod(this.#settings.validityPeriod, plan.expiresAt, now),
      registered_delivery: this.#registeredDelivery,
      data_coding: dataCoding,
      short_message: shortMessage,
      tlvs: this.#settings.userMessageReference ? this.#referred(tlvs) : tlvs,
    };
  }

  /** With our own number (SMPP 3.4 §5.3.2.17): one each, rising over the parts of a text. */
  #referred(tlvs: Tlvs | undefined): Tlvs {
    this.#userReference = (this.#userReference + 1) & 0xffff;
    return { ...tlvs, user_message_reference: this.#userReference };
  }
}

const udhi = (header: Uint8Array): number => (header.length === 0 ? 0 : ESM_CLASS.UDHI);

function joined(...pieces: Uint8Array[]): Uint8Array {
  const parts = pieces.filter((piece) => piece.length > 0);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
