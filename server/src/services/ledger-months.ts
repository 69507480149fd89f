import { balanceFault, type LedgerFault } from '../domain/ledger-fault.ts';
import { addMonths, dayText, localTime, startOfDay } from '../lib/calendar.ts';
import { idAt } from '../lib/ids.ts';
import type { Desk } from './desk.ts';
import type { AddedUp } from './ledger-books.ts';
import { businesses, type CheckPace, ROWS_AT_ONCE } from './ledger-check.ts';

/** By then nobody writes an entry of the month before any more. */
const CLOSED_AFTER_MS = 600_000;

/**
 * Notes with what each business began the months (of UTC) that have begun since the last was noted, so that entries of
 * the months before are never added up again. A month in which nothing was written has no opening of its own. Returns where
 * entries do not come to what the last of them left.
 */
export async function openMonths(desk: Desk, now: number, pace: CheckPace): Promise<LedgerFault[]> {
  const faults: LedgerFault[] = [];
  for await (const { id: businessId } of businesses(desk)) {
    let so = await desk.ask('lastOpening', { businessId });
    for (;;) {
      const first = await desk.ask('firstUnadded', { businessId, next: so.next });
      if (!(await pace.goOn())) return faults;
      if (first === null) break;
      const at = startOfDay('UTC', addMonths(localTime('UTC', first).day, 1));
      if (at + CLOSED_AFTER_MS > now) break;
      for (let more: AddedUp | null = so; more !== null; ) {
        so = more;
        more = await desk.ask('addUp', { businessId, so, before: idAt(at), limit: ROWS_AT_ONCE });
        if (!(await pace.goOn())) return faults;
      }
      const left = await desk.ask('standingAt', { businessId, before: idAt(at) });
      const fault = balanceFault(businessId, left, so);
      if (fault !== null) faults.push({ ...fault, what: `${fault.what} (before ${monthText(at)})` });
      await desk.do('openMonth', { businessId, at, available: so.available, reserved: so.reserved });
    }
  }
  return faults;
}

/** 2026-12 of any time of that month, by UTC. */
const monthText = (at: number): string => dayText(localTime('UTC', at).day).slice(0, 7);
