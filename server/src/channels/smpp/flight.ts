import type { Outcome } from '../../domain/outcome.ts';
import type { PartAnswer } from '../../domain/parts.ts';
import type { Outgoing } from '../channel.ts';
import type { SubmitBody } from './submission.ts';

export type Refusal = Extract<Outcome, { kind: 'refused' }>;

/** What parts leave over. Those of one text stay on one, so that they arrive in their order. */
export interface Way {
  readonly number: number;
}

/** What is known of a text of several parts, part by part. */
export interface Parts {
  reference: number;
  /** Answers that were given about the message before. */
  round: number;
  /** Of this flight, and of those before it where the carrier accepted a part. */
  answers: PartAnswer[];
}

/** A message between being handed in and being answered. */
export interface Flight {
  readonly message: Outgoing;
  /** One a part. */
  readonly bodies: SubmitBody[];
  /** In which order messages came. */
  readonly order: number;
  /** Null for a text of one part. */
  readonly parts: Parts | null;
  /** Parts to be written, in order; those before `next` have been. */
  todo: readonly number[];
  next: number;
  /** Whether it stands among those that wait to be written. */
  waits: boolean;
  /** Parts written and not answered. */
  open: number;
  /** What its parts leave over; null for a text of one, and until the first has left. */
  way: Way | null;
  /** Whether the carrier has taken a part of it, or may have. */
  begun: boolean;
  /** The first refusal of a part; it decides for a message of which the carrier has nothing. Nothing more is written then. */
  refusal: Refusal | null;
  /** How often parts were written again because the carrier had accepted others. */
  completions: number;
  /** How often the carrier has asked for it again for another reason than the speed. */
  asked: number;
  /** Place in the flight log, once octets are about to leave. -1: nowhere. */
  place: number;
}

/** One part on its way to the carrier; its answer comes back with it. */
export interface Part {
  readonly flight: Flight;
  readonly part: number;
  /** What was known of the carrier's speed when it was written. */
  readonly epoch: number;
}

/** Parts the carrier has not accepted. */
export function todoOf({ answers }: Parts): number[] {
  return [...answers.keys()].filter((part) => answers[part]!.kind !== 'accepted');
}

/** What the answers make of a message of which something was sent. */
export function outcomeOf(flight: Flight, { reference, round, answers }: Parts): Outcome {
  if (round === 0) {
    const carrierIds = answers.flatMap((answer) => (answer.kind === 'accepted' ? [answer.carrierId] : []));
    if (carrierIds.length === answers.length) return { kind: 'accepted', carrierIds };
    const no = flight.refusal ?? answers.find((answer) => answer.kind === 'refused');
    // The carrier has nothing of it, as of a text of one part.
    if (carrierIds.length === 0 && no !== undefined && !answers.some(isUnknown)) return no;
  }
  return { kind: 'inParts', reference, round, userReference: userReferenceOf(flight) ?? null, parts: answers };
}

/** Our own number for a message, that of its first part; undefined where it has none. */
export const userReferenceOf = ({ bodies }: Flight): number | undefined => bodies[0]!.tlvs?.user_message_reference;

const isUnknown = ({ kind }: PartAnswer): boolean => kind === 'unknown';

/** Whether the carrier has something of a text and asks for the rest later: for all that it was sent and did not take. */
export function mayComplete({ answers }: Parts): boolean {
  return (
    answers.some(({ kind }) => kind === 'accepted') &&
    answers.some(({ kind }) => kind === 'refused') &&
    answers.every((answer) => (answer.kind === 'refused' ? answer.retry === 'later' : answer.kind !== 'unknown'))
  );
}
