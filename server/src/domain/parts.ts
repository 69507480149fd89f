/** What a channel answered for one part of a long text. */
export type PartAnswer =
  | { kind: 'accepted'; carrierId: string }
  | { kind: 'refused'; retry: 'later' | 'elsewhere' | 'never'; error: string }
  /** Its octets left and no answer came. `linkLost`: because the link broke. */
  | { kind: 'unknown'; error: string; linkLost?: boolean }
  /** Not one octet of it left. */
  | { kind: 'notSent' };

/** What a channel answered for a long text that the carrier did not simply take or refuse as a whole. */
export interface PartsAnswer {
  /** The number by which handsets join the parts (3GPP 23.040 §9.2.3.24.1). */
  reference: number;
  /** Which answer about this message it is, from 0 on; null for what came after its time, whatever was answered before. */
  round: number | null;
  /** Our own number for the attempt's first part; null when it has none. */
  userReference: number | null;
  /** One for each part of the text. */
  parts: readonly PartAnswer[];
}

/** What is known of one part of a long text. */
export type PartState =
  | { kind: 'accepted'; carrierId: string }
  /** The carrier may have it. */
  | { kind: 'unknown' }
  /** The carrier does not have it. */
  | { kind: 'missing' };

/** What a carrier has of a long text: only the rest is sent, with the same reference. */
export interface Begun {
  reference: number;
  round: number;
  /** The carrier's ids of the parts it has accepted; null for those to be sent. */
  carrierIds: readonly (string | null)[];
}

export const MISSING: PartState = { kind: 'missing' };

/** What is known after an answer. A part that may have arrived once may still have, whatever is said of a later try. */
export function learn(known: readonly PartState[], answers: readonly PartAnswer[]): PartState[] {
  return known.map((state, part) => {
    const answer = answers[part];
    if (state.kind === 'accepted' || answer === undefined) return state;
    if (answer.kind === 'accepted') return { kind: 'accepted', carrierId: answer.carrierId };
    return answer.kind === 'unknown' ? { kind: 'unknown' } : state;
  });
}

/** What becomes of a long message after an answer. */
export type PartsVerdict =
  | { kind: 'accepted' }
  /** A part will never be taken, so the text cannot be whole. */
  | { kind: 'end'; state: 'refused' | 'failed'; error: string }
  /** `linkLost`: each part whose answer is missing was on a link that broke. */
  | { kind: 'uncertain'; error: string; linkLost: boolean }
  /** The missing parts are sent again: at once, or (later) when the carrier has had a rest. */
  | { kind: 'again'; later: boolean; error: string };

/** @param known as after {@link learn} */
export function verdictOf(known: readonly PartState[], answers: readonly PartAnswer[]): PartsVerdict {
  if (known.every(({ kind }) => kind === 'accepted')) return { kind: 'accepted' };
  const refusedFor = (retry: 'later' | 'elsewhere' | 'never') =>
    answers.find((answer) => answer.kind === 'refused' && answer.retry === retry) as { error: string } | undefined;
  const never = refusedFor('never');
  if (never !== undefined) return { kind: 'end', state: 'refused', error: never.error };
  // What the carrier has of the text keeps it with this carrier: no other may take the rest.
  const elsewhere = refusedFor('elsewhere');
  if (elsewhere !== undefined) return { kind: 'end', state: 'failed', error: elsewhere.error };
  const unknown = answers.filter((answer) => answer.kind === 'unknown');
  if (unknown.length > 0) {
    return {
      kind: 'uncertain',
      error: unknown[0]!.error,
      linkLost: unknown.every(({ linkLost }) => linkLost === true),
    };
  }
  const later = refusedFor('later');
  return { kind: 'again', later: later !== undefined, error: later?.error ?? '' };
}

/** Parts that are paid for: those accepted, and those that may have been. */
export const paidParts = (known: readonly PartState[]): number => known.filter(({ kind }) => kind !== 'missing').length;

/** Credits of `reserved` that the paid parts cost; the rest is given back. */
export const paidCredits = (known: readonly PartState[], reserved: number): number =>
  Math.floor((reserved * paidParts(known)) / known.length);

/** What is said of a message that ends in part, behind the reason. */
export function inPart(known: readonly PartState[], error: string): string {
  const count = (wanted: PartState['kind']) => known.filter(({ kind }) => kind === wanted).length;
  const unknown = count('unknown');
  const said = `accepted: ${count('accepted')} of ${known.length} parts${unknown > 0 ? `, unknown: ${unknown}` : ''}`;
  return error === '' ? said : `${error} (${said})`;
}
