import type { FlightLog } from '../channels/flight-log.ts';
import type { PartAnswer, PartState } from '../domain/parts.ts';
import type { Logger } from '../lib/log.ts';
import type { Desk } from '../services/desk.ts';
import { packAccepted } from '../services/packed.ts';
import type { LeftBehind } from '../services/recovery.ts';

/** Messages decided on in one transaction. */
const AT_ONCE = 500;

/**
 * Records what had been answered when the last process of this data directory ended.
 * @returns what had left and was not answered; null when the flight log cannot tell
 */
export async function recoverFlights(desk: Desk, flightLog: FlightLog): Promise<LeftBehind> {
  const { left, accepted, inParts } = flightLog.recover();
  for (const channelId of new Set(accepted.map((message) => message.channelId))) {
    const ofChannel = accepted.filter((message) => message.channelId === channelId);
    for (let from = 0; from < ofChannel.length; from += 1_000) {
      const batch = packAccepted(ofChannel.slice(from, from + 1_000));
      // Whether reports were asked for is not known any more; waiting for one that never comes does no harm.
      await desk.do('recordOutcomes', { channelId, accepted: batch, receipts: true, failed: [] });
    }
  }
  for (const { message, parts } of inParts) {
    const { channelId, ...place } = message;
    const answer = { ...place, parts: parts.map(answerOf) };
    const nothing = { accepted: packAccepted([]), failed: [] };
    await desk.do('recordOutcomes', { channelId, receipts: true, ...nothing, inParts: [answer] });
  }
  return left;
}

/** Decides on everything that was being dispatched when the last process ended: nothing is in flight any more. */
export async function settleDispatching(desk: Desk, left: LeftBehind, log: Logger): Promise<void> {
  for (let more = true; more; ) {
    const settled = await desk.do('recoverDispatching', { left, channelId: null, limit: AT_ONCE });
    if (settled.uncertain + settled.waiting > 0)
      log.warn(
        { uncertain: settled.uncertain, waiting: settled.waiting },
        'messages were under way when the server stopped',
      );
    ({ more } = settled);
  }
}

/** What was answered for a part when the server stopped. What was refused is tried again, and refused again. */
function answerOf(part: PartState): PartAnswer {
  if (part.kind === 'accepted') return part;
  if (part.kind === 'unknown') return { kind: 'unknown', error: 'the server stopped before the carrier answered' };
  return { kind: 'notSent' };
}
