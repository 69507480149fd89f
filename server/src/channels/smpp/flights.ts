import { CATEGORIES, type Category } from '../../domain/category.ts';
import type { Outcome } from '../../domain/outcome.ts';
import type { Answered, Outgoing } from '../channel.ts';
import type { FlightLog } from '../flight-log.ts';
import type { SubmissionEncoder, SubmitBody } from './submission.ts';

/** Tries to get the other parts of a text accepted that a carrier has accepted in part. */
const MAX_COMPLETIONS = 20;
const ONLY_PART: readonly number[] = [0];

type Refusal = Extract<Outcome, { kind: 'refused' }>;

/** A message between being handed in and being answered. */
interface Flight {
  message: Outgoing;
  /** One a part. */
  bodies: SubmitBody[];
  /** Parts to be written, in order; those before `next` have been. */
  todo: readonly number[];
  next: number;
  /** Parts written and not answered. */
  open: number;
  /** The carrier's ids of the parts it has accepted. */
  carrierIds: string[];
  /** How often parts were written again because the carrier had accepted others. */
  completions: number;
  /** The first refusal of a part; it decides for the message. */
  refusal: Refusal | null;
  unknown: string | null;
  /** Place in the flight log, once octets are about to leave. -1: nowhere. */
  place: number;
}

/** One part on its way to the carrier; its answer comes back with it. */
export interface Part {
  readonly flight: Flight;
  readonly part: number;
}

/** Parts to be written now, and the bodies that go with them: the lists run in step. */
export interface Writing {
  readonly parts: Part[];
  readonly bodies: SubmitBody[];
}

/**
 * The messages a connector holds: which parts leave next, the most urgent lane first, and what their answers make of each
 * message. Every message that was added is done once, and the flight log knows of it in time.
 */
export class Flights {
  readonly #channelId: number;
  readonly #encoder: SubmissionEncoder;
  readonly #flightLog: FlightLog;
  readonly #capacity: number;
  /** Not wholly written, by lane; the first of a lane may be partly written. */
  readonly #waiting: Record<Category, Flight[]> = { verification: [], notification: [], marketing: [] };
  /** Added and not done. */
  readonly #held: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  #done: Answered[] = [];

  /** @param capacity messages of a lane held at most */
  constructor(channelId: number, encoder: SubmissionEncoder, flightLog: FlightLog, capacity: number) {
    this.#channelId = channelId;
    this.#encoder = encoder;
    this.#flightLog = flightLog;
    this.#capacity = capacity;
  }

  room(lane: Category): number {
    return Math.max(0, this.#capacity - this.#held[lane]);
  }

  add(batch: readonly Outgoing[]): void {
    for (const message of batch) {
      const bodies = this.#encoder.encode(message.recipient, message.text);
      this.#held[message.lane]++;
      this.#waiting[message.lane].push({
        message,
        bodies,
        todo: bodies.length === 1 ? ONLY_PART : [...bodies.keys()],
        next: 0,
        open: 0,
        carrierIds: [],
        completions: 0,
        refusal: null,
        unknown: null,
        place: -1,
      });
    }
  }

  /** Up to `free` parts to be written now: many PDUs, one write. Their messages stand in the flight log. */
  take(free: number): Writing {
    const writing: Writing = { parts: [], bodies: [] };
    for (const lane of CATEGORIES) this.#takeFrom(this.#waiting[lane], free, writing);
    this.#flightLog.write();
    return writing;
  }

  #takeFrom(waiting: Flight[], free: number, { parts, bodies }: Writing): void {
    let whole = 0;
    for (const flight of waiting) {
      if (parts.length === free) break;
      if (flight.place < 0) flight.place = this.#flightLog.leaving(flight.message.planId, flight.message.index);
      while (parts.length < free && flight.next < flight.todo.length) {
        const part = flight.todo[flight.next++]!;
        bodies.push(flight.bodies[part]!);
        parts.push({ flight, part });
        flight.open++;
      }
      if (flight.next === flight.todo.length) whole++;
    }
    waiting.splice(0, whole);
  }

  accepted({ flight, part }: Part, carrierId: string): void {
    flight.carrierIds[part] = carrierId;
    this.#answered(flight);
  }

  refused({ flight }: Part, refusal: Refusal): void {
    flight.refusal ??= refusal;
    this.#cutShort(flight);
    this.#answered(flight);
  }

  /** Its octets may have left, and no answer will come. */
  unknown({ flight }: Part, error: string): void {
    flight.unknown ??= error;
    this.#cutShort(flight);
    this.#answered(flight);
  }

  /**
   * Its answer came after all, when the message was unknown already: the message, if that settles it. Its place in the
   * flight log has been given back before.
   */
  acceptedLate({ flight }: Part, carrierId: string): Answered | null {
    if (flight.bodies.length > 1) return null;
    return { message: flight.message, outcome: { kind: 'accepted', carrierIds: [carrierId] }, place: -1 };
  }

  /** The link is gone or will be: what has not left is given back, what has left in part only is unknown. */
  handBack(): void {
    for (const lane of CATEGORIES) {
      for (const flight of this.#waiting[lane].splice(0)) {
        if (flight.place < 0) {
          this.#end(flight, { kind: 'notSent' });
          continue;
        }
        // The carrier has some of the parts; what it makes of them nobody can say.
        flight.unknown ??= 'the link was lost between the parts of the text';
        flight.next = flight.todo.length;
        if (flight.open === 0) this.#end(flight, { kind: 'unknown', error: flight.unknown });
      }
    }
  }

  /** The messages that are done since it was last asked; the flight log has them. */
  takeDone(): Answered[] {
    this.#flightLog.write();
    const done = this.#done;
    this.#done = [];
    return done;
  }

  /** Leaves out the parts that were not written yet: the message has failed already. */
  #cutShort(flight: Flight): void {
    if (flight.next === flight.todo.length) return;
    flight.next = flight.todo.length;
    const { lane } = flight.message;
    this.#waiting[lane] = this.#waiting[lane].filter((other) => other !== flight);
  }

  #answered(flight: Flight): void {
    if (--flight.open > 0 || flight.next < flight.todo.length) return;
    const { unknown, refusal, carrierIds } = flight;
    if (unknown !== null) this.#end(flight, { kind: 'unknown', error: unknown });
    else if (refusal === null) this.#end(flight, { kind: 'accepted', carrierIds });
    else if (refusal.retry === 'later' && Object.keys(carrierIds).length > 0) this.#complete(flight, refusal);
    else this.#end(flight, refusal);
  }

  /** The carrier has accepted some parts and asks for the others later: sent anew, the text would reach it twice in part. */
  #complete(flight: Flight, refusal: Refusal): void {
    if (flight.completions === MAX_COMPLETIONS) {
      this.#end(flight, { kind: 'unknown', error: `the carrier accepted the text in part only: ${refusal.error}` });
      return;
    }
    flight.completions++;
    flight.refusal = null;
    flight.todo = [...flight.bodies.keys()].filter((part) => flight.carrierIds[part] === undefined);
    flight.next = 0;
    this.#waiting[flight.message.lane].unshift(flight);
  }

  #end(flight: Flight, outcome: Answered['outcome']): void {
    const { message, place } = flight;
    const { planId, index, recipient } = message;
    if (outcome.kind === 'accepted') {
      this.#flightLog.accepted(this.#channelId, planId, index, recipient, outcome.carrierIds);
    } else if (outcome.kind === 'refused') this.#flightLog.notAccepted(planId, index);
    this.#held[message.lane]--;
    this.#done.push({ message, outcome, place });
  }
}
