import { NPI, TON } from '@signet/smpp';
import type { SmppSettings } from '../../domain/smpp-settings.ts';

/** An address with its type of number and numbering plan (SMPP 3.4 §5.2.5, §5.2.6). */
export interface Address {
  readonly ton: number;
  readonly npi: number;
  readonly address: string;
}

/** What senders of a channel are, and the type and plan of numbers it sends to. */
export class Addresses {
  readonly destination: { readonly ton: number; readonly npi: number };
  readonly #settings: SmppSettings;
  readonly #own: Address;
  readonly #ofBusinesses = new Map<number, Address>();

  constructor(settings: SmppSettings) {
    this.#settings = settings;
    this.#own = this.#source(settings.senderRule === 'none' ? '' : settings.sender);
    const { destinationTon: ton, destinationNpi: npi } = settings;
    this.destination = { ton: ton === 'auto' ? TON.INTERNATIONAL : ton, npi: npi === 'auto' ? NPI.ISDN : npi };
    if (settings.senderRule === 'business') {
      for (const [id, sender] of Object.entries(settings.senders)) {
        this.#ofBusinesses.set(Number(id), this.#source(sender));
      }
    }
  }

  /** Whom a message of a business is from; null: nobody knows whose it is. */
  senderOf(businessId: number | null): Address {
    if (businessId === null) return this.#own;
    return this.#ofBusinesses.get(businessId) ?? this.#own;
  }

  #source(sender: string): Address {
    const { sourceTon, sourceNpi } = this.#settings;
    const { ton, npi, address } = sourceAddress(sender);
    // Where there is no address, there is nothing to be of a type.
    if (address === '') return { ton, npi, address };
    return { ton: sourceTon === 'auto' ? ton : sourceTon, npi: sourceNpi === 'auto' ? npi : sourceNpi, address };
  }
}

/** Type of number and plan for a sender, by how it looks. */
function sourceAddress(sender: string): Address {
  if (sender === '') return { ton: TON.UNKNOWN, npi: NPI.UNKNOWN, address: '' };
  const digits = sender.replace(/^\+/, '');
  if (!/^\d+$/.test(digits)) return { ton: TON.ALPHANUMERIC, npi: NPI.UNKNOWN, address: sender };
  // Short codes are known to the network only.
  if (digits.length <= 8 && digits === sender) return { ton: TON.NETWORK_SPECIFIC, npi: NPI.UNKNOWN, address: digits };
  return { ton: TON.INTERNATIONAL, npi: NPI.ISDN, address: digits };
}
