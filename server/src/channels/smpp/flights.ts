import { CATEGORIES, type Category } from '../../domain/category.ts';
import { MESSAGE_ERRORS } from '../../domain/message-error.ts';
import type { PartAnswer } from '../../domain/parts.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Answered, Outgoing } from '../channel.ts';
import type { FlightLog } from '../flight-log.ts';
import {
  type Flight,
  mayComplete,
  outcomeOf,
  type Part,
  type Parts,
  type Refusal,
  todoOf,
  userReferenceOf,
  type Way,
} from './flight.ts';
import type { SubmissionEncoder, SubmitBody } from './submission.ts';

/** Tries to get the other parts of a text accepted that a carrier has accepted in part. */
const MAX_COMPLETIONS = 20;
/** How often a message is sent again at once that its carrier asks for again though it takes others. */
const MAX_ASKED = 3;
const ONLY_PART: readonly number[] = [0];
/** Plans that were taken back lately, remembered at most: what was in flight then is answered within seconds. */
const MAX_RECALLED = 10_000;
const NOT_SENT: PartAnswer = { kind: 'notSent' };
const NO_ALPHABET: Refusal = {
  kind: 'refused',
  retry: 'elsewhere',
  error: MESSAGE_ERRORS.noAlphabet,
};
/** The channel's way with long texts, or the text, was changed between two parts. */
const CUT_OTHERWISE: Refusal = {
  kind: 'refused',
  retry: 'never',
  error: MESSAGE_ERRORS.cutOtherwise,
};

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
  readonly #clock: Clock;
  /** Not wholly written, by lane, in their order; the first of a lane may be partly written. */
  readonly #waiting: Record<Category, Flight[]> = { verification: [], notification: [], marketing: [] };
  /** To be written again, and not back in their places among the waiting yet. */
  readonly #again: Record<Category, Flight[]> = { verification: [], notification: [], marketing: [] };
  /** Added and not done: messages, and their parts. */
  readonly #held: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  readonly #heldParts: Record<Category, number> = { verification: 0, notification: 0, marketing: 0 };
  /** Plans that were taken back: what was in flight of them then is not written again. */
  readonly #recalled = new Set<number>();
  #nextOrder = 0;
  #done: Answered[] = [];

  /** @param capacity parts of a lane held at most, about */
  constructor(channelId: number, encoder: SubmissionEncoder, flightLog: FlightLog, capacity: number, clock: Clock) {
    this.#channelId = channelId;
    this.#encoder = encoder;
    this.#flightLog = flightLog;
    this.#capacity = capacity;
    this.#clock = clock;
  }

  /**
   * Messages of a lane there is room for, if they have as many parts as those that are held.
   * @param most parts of a lane to be held at most, where that is less than there is room for
   */
  room(lane: Category, most = this.#capacity): number {
    const parts = this.#heldParts[lane];
    const partsOfOne = parts === 0 ? 1 : parts / this.#held[lane];
    return Math.max(0, Math.floor((Math.min(this.#capacity, most) - parts) / partsOfOne));
  }

  /** Parts that wait to be written, about: as if all messages of a lane had as many. */
  get waitingParts(): number {
    let parts = 0;
    for (const lane of CATEGORIES) {
      const messages = this.#waiting[lane].length + this.#again[lane].length;
      if (messages > 0) parts += (messages * this.#heldParts[lane]) / this.#held[lane];
    }
    return parts;
  }

  add(batch: readonly Outgoing[]): void {
    for (const message of batch) {
      const { begun } = message;
      const bodies = this.#encoder.encode(message, this.#clock.now());
      if (bodies.length === 0) {
        this.#done.push({ message, outcome: NO_ALPHABET, place: -1 });
        continue;
      }
      if (this.#recalled.size > 0) this.#recalled.delete(message.planId);
      this.#held[message.lane]++;
      this.#heldParts[message.lane] += bodies.length;
      const parts = bodies.length === 1 && begun === undefined ? null : this.#partsOf(message, bodies.length);
      const flight: Flight = {
        message,
        bodies,
        order: this.#nextOrder++,
        parts,
        todo: parts === null ? ONLY_PART : todoOf(parts),
        next: 0,
        waits: true,
        open: 0,
        way: null,
        begun: false,
        refusal: null,
        completions: 0,
        asked: 0,
        place: -1,
      };
      if (begun === undefined || begun.carrierIds.length === bodies.length) this.#waiting[message.lane].push(flight);
      else this.#end(flight, CUT_OTHERWISE);
    }
  }

  #partsOf({ begun }: Outgoing, count: number): Parts {
    return {
      reference: begun?.reference ?? this.#encoder.reference,
      round: begun?.round ?? 0,
      answers: Array.from({ length: count }, (_, part) => {
        const carrierId = begun?.carrierIds[part] ?? null;
        return carrierId === null ? NOT_SENT : { kind: 'accepted', carrierId };
      }),
    };
  }

  /**
   * Up to `free` parts to be written now: many PDUs, one write. Their messages stand in the flight log.
   * @param way what they leave over
   * @param epoch what is known of the carrier's speed
   */
  take(free: number, way: Way, epoch: number): Writing {
    const writing: Writing = { parts: [], bodies: [] };
    for (const lane of CATEGORIES) {
      if (writing.parts.length < free) this.#takeFrom(this.#waitingIn(lane), free, writing, way, epoch);
    }
    this.#flightLog.write();
    return writing;
  }

  #takeFrom(waiting: Flight[], free: number, { parts, bodies }: Writing, way: Way, epoch: number): void {
    let passed = 0;
    /** Of those that were passed: what leaves over another way, and what has not left wholly. */
    const staying: Flight[] = [];
    for (const flight of waiting) {
      if (parts.length === free) break;
      passed++;
      if (flight.way !== null && flight.way !== way) {
        staying.push(flight);
        continue;
      }
      if (flight.place < 0) flight.place = this.#leaving(flight);
      if (flight.parts !== null) flight.way = way;
      while (parts.length < free && flight.next < flight.todo.length) {
        const part = flight.todo[flight.next++]!;
        if (flight.parts !== null) this.#flightLog.partLeaving(flight.message.planId, flight.message.index, part);
        bodies.push(flight.bodies[part]!);
        parts.push({ flight, part, epoch });
        flight.open++;
      }
      if (flight.next < flight.todo.length) staying.push(flight);
      else flight.waits = false;
    }
    waiting.splice(0, passed, ...staying);
  }

  #leaving(flight: Flight): number {
    const { message, parts } = flight;
    const { planId, index, recipient } = message;
    const userReference = userReferenceOf(flight);
    if (parts === null) return this.#flightLog.leaving(planId, index, userReference);
    const { reference, round, answers } = parts;
    return this.#flightLog.leavingInParts({
      channelId: this.#channelId,
      planId,
      index,
      recipient,
      reference,
      round,
      total: answers.length,
      userReference: userReference ?? null,
    });
  }

  /** Those of a lane that wait, with those that are to be written again back in their places. */
  #waitingIn(lane: Category): Flight[] {
    const waiting = this.#waiting[lane];
    const again = this.#again[lane];
    if (again.length === 0) return waiting;
    const last = again.reduce((latest, { order }) => Math.max(latest, order), 0);
    let before = 0;
    while (before < waiting.length && waiting[before]!.order < last) before++;
    const first = [...waiting.slice(0, before), ...again.splice(0)].sort((a, b) => a.order - b.order);
    waiting.splice(0, before, ...first);
    return waiting;
  }

  accepted({ flight, part }: Part, carrierId: string): void {
    const { parts, message } = flight;
    if (parts === null) {
      this.#end(flight, { kind: 'accepted', carrierIds: [carrierId] });
      return;
    }
    flight.begun = true;
    parts.answers[part] = { kind: 'accepted', carrierId };
    this.#flightLog.partAccepted(message.planId, message.index, part, carrierId);
    this.#answered(flight, parts);
  }

  refused({ flight, part }: Part, refusal: Refusal): void {
    const { parts, message } = flight;
    if (parts === null) {
      this.#end(flight, refusal);
      return;
    }
    flight.refusal ??= refusal;
    parts.answers[part] = refusal;
    this.#flightLog.partRefused(message.planId, message.index, part);
    this.#cutShort(flight);
    this.#answered(flight, parts);
  }

  /**
   * The carrier asks for it again: it waits again, before those that came after it.
   * @param slower whether it asks for less speed; a message that it asks for again and again, and others not, rests in the
   *   store instead
   */
  throttled(part: Part, refusal: Refusal, slower: boolean): void {
    const { flight } = part;
    const { parts, message } = flight;
    if (!slower) flight.asked++;
    // Where its message has failed by another part, it is not written any more.
    if (flight.asked > MAX_ASKED || flight.refusal !== null || parts?.answers.some(({ kind }) => kind === 'unknown')) {
      this.refused(part, refusal);
      return;
    }
    flight.open--;
    if (parts !== null) {
      parts.answers[part.part] = refusal;
      this.#flightLog.partRefused(message.planId, message.index, part.part);
    }
    flight.todo = parts === null ? ONLY_PART : [part.part, ...flight.todo.slice(flight.next)].sort((a, b) => a - b);
    flight.next = 0;
    // The carrier has nothing of it: it may be taken back, as if it had not left.
    if (flight.open === 0 && !flight.begun) this.#ground(flight);
    if (flight.place < 0 && this.#recalled.has(message.planId)) {
      this.#drop(flight);
      this.#end(flight, { kind: 'notSent' });
    } else this.#waitAgain(flight);
  }

  #ground(flight: Flight): void {
    this.#flightLog.notAccepted(flight.message.planId, flight.message.index);
    this.#flightLog.recorded(flight.place, 1);
    flight.place = -1;
    flight.way = null;
  }

  #waitAgain(flight: Flight): void {
    if (flight.waits) return;
    flight.waits = true;
    this.#again[flight.message.lane].push(flight);
  }

  /** Its octets may have left, and no answer will come: the link is lost, or the carrier lives and is silent about it. */
  unknown({ flight, part }: Part, linkLost: boolean): void {
    const error = linkLost ? MESSAGE_ERRORS.linkLost : MESSAGE_ERRORS.notAnswered;
    const { parts } = flight;
    if (parts === null) {
      this.#end(flight, { kind: 'unknown', error, linkLost, userReference: userReferenceOf(flight) ?? null });
      return;
    }
    flight.begun = true;
    parts.answers[part] = { kind: 'unknown', error, linkLost };
    this.#cutShort(flight);
    this.#answered(flight, parts);
  }

  /**
   * Its answer came after all, when the message was unknown already. Its place in the flight log has been given back
   * before.
   */
  acceptedLate({ flight, part }: Part, carrierId: string): Answered {
    const { message, parts } = flight;
    if (parts === null) return { message, outcome: { kind: 'accepted', carrierIds: [carrierId] }, place: -1 };
    const answers = parts.answers.map((_, i): PartAnswer => (i === part ? { kind: 'accepted', carrierId } : NOT_SENT));
    const { reference } = parts;
    const outcome = { kind: 'inParts', reference, round: null, userReference: null, parts: answers } as const;
    return { message, outcome, place: -1 };
  }

  /** Messages of which something waits to be written. */
  get waiting(): Record<Category, number> {
    const [verification, notification, marketing] = CATEGORIES.map((lane) => this.#waitingIn(lane).length);
    return { verification: verification!, notification: notification!, marketing: marketing! };
  }

  /** Whether something waits to be written. */
  get busy(): boolean {
    return CATEGORIES.some((lane) => this.#waiting[lane].length > 0 || this.#again[lane].length > 0);
  }

  /** Gives back what of these plans the carrier has nothing of. What it has in part is gone on with. */
  recall(planIds: ReadonlySet<number>): void {
    this.#remember(planIds);
    for (const lane of CATEGORIES) {
      const kept: Flight[] = [];
      for (const flight of this.#waitingIn(lane)) {
        if (flight.place < 0 && planIds.has(flight.message.planId)) this.#end(flight, { kind: 'notSent' });
        else kept.push(flight);
      }
      this.#waiting[lane] = kept;
    }
  }

  #remember(planIds: ReadonlySet<number>): void {
    if (CATEGORIES.every((lane) => this.#held[lane] === 0)) this.#recalled.clear();
    for (const planId of planIds) this.#recalled.add(planId);
    for (const planId of this.#recalled) {
      if (this.#recalled.size <= MAX_RECALLED) break;
      this.#recalled.delete(planId);
    }
  }

  /** A way is gone: what it had written in part goes on over another. */
  left(way: Way): void {
    for (const lane of CATEGORIES) {
      for (const flight of this.#waitingIn(lane)) if (flight.way === way) flight.way = null;
    }
  }

  /** Nothing can leave: what has not is given back, and of texts that have left in part, the rest. */
  handBack(): void {
    for (const lane of CATEGORIES) {
      for (const flight of this.#waitingIn(lane).splice(0)) {
        flight.waits = false;
        if (flight.place < 0) {
          this.#end(flight, { kind: 'notSent' });
          continue;
        }
        flight.next = flight.todo.length;
        if (flight.open === 0) this.#end(flight, outcomeOf(flight, flight.parts!));
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
    flight.next = flight.todo.length;
    this.#drop(flight);
  }

  /** It does not wait to be written any more. */
  #drop(flight: Flight): void {
    if (!flight.waits) return;
    flight.waits = false;
    const { lane } = flight.message;
    this.#waiting[lane] = this.#waitingIn(lane).filter((other) => other !== flight);
  }

  #answered(flight: Flight, parts: Parts): void {
    if (--flight.open > 0 || flight.next < flight.todo.length) return;
    if (flight.completions < MAX_COMPLETIONS && mayComplete(parts)) this.#complete(flight, parts);
    else this.#end(flight, outcomeOf(flight, parts));
  }

  /** The carrier has accepted some parts and asks for the others later: it is asked again soon, before the store is. */
  #complete(flight: Flight, parts: Parts): void {
    flight.completions++;
    flight.refusal = null;
    flight.todo = todoOf(parts);
    flight.next = 0;
    this.#waitAgain(flight);
  }

  #end(flight: Flight, outcome: Answered['outcome']): void {
    const { message, place } = flight;
    const { planId, index, recipient } = message;
    if (outcome.kind === 'accepted') {
      // Of a text in parts the flight log has each.
      if (flight.parts === null)
        this.#flightLog.accepted(this.#channelId, planId, index, recipient, outcome.carrierIds);
    } else if (outcome.kind === 'refused' && place >= 0) this.#flightLog.notAccepted(planId, index);
    this.#held[message.lane]--;
    this.#heldParts[message.lane] -= flight.bodies.length;
    this.#done.push({ message, outcome, place });
  }
}
