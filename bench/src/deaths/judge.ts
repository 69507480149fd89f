import { monotonicMs, sleep } from '../lib/time.ts';
import type { Carriers } from './carriers.ts';
import type { Installation } from './installation.ts';
import type { Load } from './load.ts';

/** Nothing has changed for so long: nothing will. A notification that may be lost is sent again after a minute. */
const STANDSTILL_MS = 120_000;
const LOOK_EVERY_MS = 1_000;
const OPEN_STATES = ['accepted', 'queued', 'dispatching', 'submitted', 'uncertain'] as const;

/** What became of every message. */
export interface Verdict {
  /** Messages of the store. */
  stored: number;
  states: Record<string, number>;
  /** Accepted, and not in the store, or taken by no carrier, or not delivered. */
  lost: string[];
  /** Accepted twice, or not charged once. */
  wronglyCharged: string[];
  /** Sent again. */
  repeats: number;
  /** Messages that are marked as sent again. */
  flagged: number;
  /** Sent again without being marked. */
  unflagged: string[];
  ledgerFaults: string[];
}

interface Message {
  message_id: string;
  to: string;
  state: string;
  repeats: number;
  reserved: number;
  settled: number;
  released: number;
}

/** Waits until every message has ended, and looks at each. @param credits what the business had before */
export async function judge(
  installation: Installation,
  carriers: Carriers,
  load: Load,
  credits: number,
  say: (line: string) => void,
): Promise<Verdict> {
  await standstill(installation, say);
  const verdict: Verdict = {
    ...{ stored: 0, states: {}, lost: [], wronglyCharged: [] },
    ...{ repeats: carriers.repeats, flagged: 0, unflagged: [], ledgerFaults: [] },
  };
  const seen = new Set<number>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path = `/api/v1/messages?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`;
    const page = (await installation.call({ method: 'GET', path, as: 'root' })) as {
      items: Message[];
      next_cursor: string | null;
    };
    for (const message of page.items) look(message, { verdict, seen, carriers });
    cursor = page.next_cursor;
  }
  for (const number of load.accepted) {
    if (!seen.has(number)) verdict.lost.push(`${number} was accepted, and is not in the store`);
  }
  const balance = (await installation.call({ method: 'GET', path: '/api/v1/balance', as: 'business' })) as {
    available: number;
    reserved: number;
  };
  if (balance.available !== credits - verdict.stored || balance.reserved !== 0) {
    verdict.wronglyCharged.push(`${credits - balance.available} credits are gone, ${balance.reserved} are reserved`);
  }
  const check = (await installation.call({ method: 'GET', path: '/api/v1/ledger/check', as: 'root' })) as {
    faults: unknown[];
  };
  verdict.ledgerFaults.push(...check.faults.map((fault) => JSON.stringify(fault)));
  return verdict;
}

function look(
  message: Message,
  { verdict, seen, carriers }: { verdict: Verdict; seen: Set<number>; carriers: Carriers },
): void {
  const { state, repeats, reserved, settled, released } = message;
  const number = Number(message.to.slice(-11));
  const words = `${message.message_id} to ${message.to}, ${state}, repeats ${repeats}`;
  verdict.stored++;
  verdict.states[state] = (verdict.states[state] ?? 0) + 1;
  if (repeats > 0) verdict.flagged++;
  if (seen.has(number)) verdict.wronglyCharged.push(`${words}: accepted twice`);
  seen.add(number);
  const times = carriers.taken.get(number)?.times ?? 0;
  if (times === 0 || state !== 'delivered') verdict.lost.push(`${words}: taken ${times} times`);
  if (times - 1 > repeats) verdict.unflagged.push(`${words}: taken ${times} times`);
  if (reserved !== 1 || settled !== 1 || released !== 0) {
    verdict.wronglyCharged.push(`${words}: reserved ${reserved}, settled ${settled}, released ${released}`);
  }
}

/** Waits until every message has ended, or until nothing changes any more. */
async function standstill(installation: Installation, say: (line: string) => void): Promise<void> {
  let before = '';
  for (let changedAt = monotonicMs(); ; ) {
    const open: string[] = [];
    for (const state of OPEN_STATES) {
      const path = `/api/v1/messages?state=${state}&limit=1000`;
      const { items } = (await installation.call({ method: 'GET', path, as: 'root' })) as { items: unknown[] };
      if (items.length > 0) open.push(`${state} ${items.length}`);
    }
    if (open.length === 0) return;
    const now = open.join(', ');
    if (now !== before) {
      before = now;
      changedAt = monotonicMs();
    } else if (monotonicMs() - changedAt > STANDSTILL_MS) return say(`nothing changes any more: ${now}`);
    await sleep(LOOK_EVERY_MS);
  }
}
