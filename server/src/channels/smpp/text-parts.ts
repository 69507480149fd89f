import { DATA_CODING } from '@signet/smpp';
import { type Part, type SegmentedText, type SegmentOptions, segmentText, userDataHeader } from '@signet/text';
import type { SmppSettings } from '../../domain/smpp-settings.ts';

/** A text as a carrier wants it. */
export interface TextParts {
  dataCoding: number;
  /** The user data of each part without any header; at least one. */
  payloads: Uint8Array[];
  /** The header of a part that says which one it is, or of a text that is not in parts: empty where it needs none. */
  header(part: Part | null): Uint8Array;
}

const DATA_CODINGS = { gsm7: DATA_CODING.SMSC_DEFAULT, latin1: DATA_CODING.LATIN1, ucs2: DATA_CODING.UCS2 } as const;

/** Puts texts into the alphabets of a channel. */
export class TextCutter {
  readonly #options: SegmentOptions;
  readonly #ucs2: boolean;

  constructor({ alphabets, singleShift: national, lockingShift: locking }: SmppSettings) {
    this.#ucs2 = alphabets.includes('ucs2');
    const others = alphabets.filter((alphabet) => alphabet !== 'ucs2');
    this.#options = { ...(others.join() === 'gsm7' ? {} : { alphabets: others }), national, locking };
  }

  /** Null when no alphabet holds the text, or when it would have more parts than a header can number. */
  cut(text: string): TextParts | null {
    let segmented: SegmentedText;
    try {
      segmented = segmentText(text, this.#options);
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
    const { encoding, national, locking, segments } = segmented;
    if (encoding === 'ucs2' && !this.#ucs2) return null;
    return {
      dataCoding: DATA_CODINGS[encoding],
      payloads: segments.map(({ payload }) => payload),
      header: (part) => userDataHeader(part, national, locking),
    };
  }
}
