import { STATUS, statusName } from '@signet/smpp';
import type { ReportedState } from '../../domain/message.ts';
import type { Outcome } from '../../domain/outcome.ts';

type Retry = 'later' | 'elsewhere' | 'never';

/**
 * What a carrier's answer to submit_sm means for the message (SMPP 3.4 §5.1.3). What is not listed is a permanent no:
 * sending it again would get the same answer.
 */
const RETRY_BY_STATUS: ReadonlyMap<number, Retry> = new Map([
  [STATUS.ESME_RTHROTTLED, 'later'],
  [STATUS.ESME_RMSGQFUL, 'later'],
  // A carrier's own trouble, gone after a while more often than not.
  [STATUS.ESME_RSYSERR, 'later'],
  // Answered while the bind is being taken down: the message was not looked at.
  [STATUS.ESME_RINVBNDSTS, 'later'],
  // The carrier took it and could not pass it on; another may.
  [STATUS.ESME_RSUBMITFAIL, 'elsewhere'],
]);

/** The outcome a refusing status stands for. */
export function refusalOf(status: number): Extract<Outcome, { kind: 'refused' }> {
  return { kind: 'refused', retry: RETRY_BY_STATUS.get(status) ?? 'never', error: statusName(status) };
}

/** Whether the carrier asks us to be slower. */
export const isThrottled = (status: number): boolean =>
  status === STATUS.ESME_RTHROTTLED || status === STATUS.ESME_RMSGQFUL;

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
