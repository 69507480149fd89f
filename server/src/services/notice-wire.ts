import type { PackedPlans } from './packed.ts';
import type { Notice } from './verb.ts';

/** For how long what was told can be read, at least; a bell that was deaf for half of it looks at everything again. */
export const TOLD_FOR_MS = 60_000;

/** Beyond this others are told to look at everything again. */
const MAX_LENGTH = 200_000;

/** What a transaction tells other processes, as it is kept beside it; null: nothing that concerns them. */
export function writeNotices(notices: readonly Notice[]): string | null {
  // What was claimed as it was accepted is sent by a channel of this process.
  const told = notices.filter(({ kind }) => kind !== 'claimed');
  if (told.length === 0) return null;
  const text = JSON.stringify(told.map(written));
  return text.length > MAX_LENGTH ? JSON.stringify([{ kind: 'missed' } satisfies Notice]) : text;
}

/** The same again. What a newer version tells, and this one does not know, may be anything. */
export function readNotices(text: string): Notice[] {
  const told = JSON.parse(text) as (Notice | WrittenWork)[];
  return told.map((notice): Notice => {
    if (!KINDS.has(notice.kind)) return { kind: 'missed' };
    if (notice.kind !== 'workWaiting' || notice.plans === undefined) return notice as Notice;
    const { plans, lines } = notice as WrittenWork;
    const packed: PackedPlans = Float64Array.from(plans);
    return lines === undefined
      ? { kind: 'workWaiting', plans: packed }
      : { kind: 'workWaiting', plans: packed, lines: lines.map((line) => line ?? undefined) };
  });
}

/** Whether all that is told concerns nobody but whoever hands out messages that wait. */
export const tellsOfWorkOnly = (notices: readonly Notice[]): boolean =>
  notices.every(({ kind }) => kind === 'workWaiting' || kind === 'claimed');

interface WrittenWork {
  kind: 'workWaiting';
  plans: number[];
  lines?: (string | null)[];
}

const KINDS: ReadonlySet<string> = new Set<Notice['kind']>([
  'workWaiting',
  'businessChanged',
  'credentialChanged',
  'channelsChanged',
  'routesChanged',
  'plansReopened',
  'plansStopped',
  'plansToRun',
  'missed',
  'queuesChanged',
  'tasksAsked',
  'taskRevoked',
  'logAsked',
  'logTold',
]);

function written(notice: Notice): Notice | WrittenWork {
  if (notice.kind !== 'workWaiting' || notice.plans === undefined) return notice;
  const plans = Array.from(notice.plans);
  if (notice.lines === undefined) return { kind: 'workWaiting', plans };
  return { kind: 'workWaiting', plans, lines: notice.lines.map((line) => line ?? null) };
}
