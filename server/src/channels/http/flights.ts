import { messageId } from '../../domain/message.ts';
import type { HttpRequest } from '../../lib/http-client.ts';
import type { Answered, Outgoing } from '../channel.ts';
import type { FlightLog } from '../flight-log.ts';

/** A message whose request has left, or is about to. */
export interface Flight {
  readonly message: Outgoing;
  readonly request: HttpRequest;
  /** In the flight log. */
  readonly place: number;
  /** When it left first, by the monotonic clock; -1: not one octet has left. */
  since: number;
  /** Whether an earlier request of it got no answer: the carrier may have it, so that no other may be tried. */
  lost: boolean;
}

/** What becomes of messages: the flight log knows of each in time, and the dispatcher is told of each once. */
export class Flights {
  readonly #channelId: number;
  readonly #flightLog: FlightLog;
  #done: Answered[] = [];

  constructor(channelId: number, flightLog: FlightLog) {
    this.#channelId = channelId;
    this.#flightLog = flightLog;
  }

  /** Its request is about to leave. */
  leaving(message: Outgoing, request: HttpRequest): Flight {
    const place = this.#flightLog.leaving(message.planId, message.index);
    return { message, request, place, since: -1, lost: false };
  }

  /** Puts on disk what is about to leave. */
  write(): void {
    this.#flightLog.write();
  }

  accepted({ message, place }: Flight, carrierId: string): void {
    const { planId, index, recipient } = message;
    // A carrier that names no id may report by ours.
    const carrierIds = [carrierId === '' ? messageId(planId, index) : carrierId];
    this.#flightLog.accepted(this.#channelId, planId, index, recipient, carrierIds);
    this.#done.push({ message, outcome: { kind: 'accepted', carrierIds }, place });
  }

  refused({ message, place }: Flight, retry: 'later' | 'elsewhere' | 'never', error: string): void {
    this.#flightLog.notAccepted(message.planId, message.index);
    this.#done.push({ message, outcome: { kind: 'refused', retry, error }, place });
  }

  /** The carrier may have it, and nobody will say so. */
  lost({ message, place }: Flight, error: string): void {
    this.#done.push({ message, outcome: { kind: 'unknown', error }, place });
  }

  /** Was about to leave, and did not. */
  back({ message, place }: Flight): void {
    this.#flightLog.notAccepted(message.planId, message.index);
    this.#done.push({ message, outcome: { kind: 'notSent' }, place });
  }

  /** Was never about to leave. */
  notSent(message: Outgoing): void {
    this.#done.push({ message, outcome: { kind: 'notSent' }, place: -1 });
  }

  /** No request can be made of it. */
  impossible(message: Outgoing, error: string): void {
    this.#done.push({ message, outcome: { kind: 'refused', retry: 'never', error }, place: -1 });
  }

  /** The messages that are done since it was last asked; the flight log has them. */
  takeDone(): Answered[] {
    this.#flightLog.write();
    const done = this.#done;
    this.#done = [];
    return done;
  }
}
