import { STATUS, statusName } from '@signet/smpp';
import type { ReportedState } from '../../domain/message.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { type SmppSettings, type StatusOutcome, statusNumber } from '../../domain/smpp-settings.ts';

/**
 * What a carrier's answer to submit_sm means for the message (SMPP 3.4 §5.1.3). What is not listed is a permanent no:
 * sending it again would get the same answer.
 */
const OUTCOME_BY_STATUS: ReadonlyMap<number, StatusOutcome> = new Map([
  [STATUS.ESME_RTHROTTLED, 'throttled'],
  // Says that too much waits at the carrier, which less speed mends as well.
  [STATUS.ESME_RMSGQFUL, 'throttled'],
  // A carrier's own trouble, gone after a while more often than not.
  [STATUS.ESME_RSYSERR, 'later'],
  // Answered while the bind is being taken down: the message was not looked at.
  [STATUS.ESME_RINVBNDSTS, 'later'],
  // The carrier took it and could not pass it on; another may.
  [STATUS.ESME_RSUBMITFAIL, 'elsewhere'],
]);

/** What statuses mean at one carrier: the table, with what its channel says otherwise. */
export class StatusWords {
  readonly #outcomes = new Map(OUTCOME_BY_STATUS);

  constructor(overrides: SmppSettings['statusOutcomes'] = {}) {
    for (const [status, outcome] of Object.entries(overrides)) this.#outcomes.set(statusNumber(status)!, outcome);
  }

  /** What a status that says no stands for. */
  outcomeOf(status: number): StatusOutcome {
    return this.#outcomes.get(status) ?? 'never';
  }

  /** The outcome of a message refused with a status. A message asked for less speed for is tried again later. */
  refusalOf(status: number): Extract<Outcome, { kind: 'refused' }> {
    const outcome = this.outcomeOf(status);
    return { kind: 'refused', retry: outcome === 'throttled' ? 'later' : outcome, error: statusName(status) };
  }
}

/** What a receipt's state makes of the message; null for reports on the way, which change nothing (§5.2.28). */
export const REPORTED: Readonly<Record<string, ReportedState | null>> = {
  delivered: 'delivered',
  expired: 'expired',
  rejected: 'rejected',
  undeliverable: 'undelivered',
  // Taken out by the carrier's staff: it will not arrive.
  deleted: 'undelivered',
  // The carrier has lost sight of it; nothing better will follow.
  unknown: 'undelivered',
  enroute: null,
  accepted: null,
};
