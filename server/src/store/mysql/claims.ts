import { messageCode } from '../../domain/message.ts';
import type { MessageWriter, OpenedMessages, Range, RetryKey } from '../store.ts';
import type { Database } from './database.ts';
import { changeRuns, findOnce, inPieces, runsOf } from './places.ts';
import type { PlanOwners } from './plan-owners.ts';
import type { Value } from './sql.ts';

const ACCEPTED = messageCode('accepted');
const QUEUED = messageCode('queued');
const DISPATCHING = messageCode('dispatching');
const NO_CHANNEL = -1;
const MAX_ROWS = 2_000;

/** Messages that wait to be sent, for the first time or again; the alias of their table is `m`. */
export const WAITING = `m.state IN (${ACCEPTED}, ${QUEUED})`;
/** Those of them that no retry speaks of. */
export const UNSPOKEN = `(m.state = ${ACCEPTED} OR m.state = ${QUEUED} AND NOT EXISTS
  (SELECT 1 FROM retry t WHERE t.plan_id = m.plan_id AND t.idx = m.idx))`;

type Attempts = 'open' | 'unopen' | 'refuse';

/** Claims, how they are undone, and the rows of second and later attempts. */
export function attemptTable(db: Database, owners: PlanOwners): Pick<MessageWriter, Attempts> {
  return {
    async open(ranges, channelId, at, retries = []) {
      const plans = await sendablePlans(db, owners, [...ranges, ...retries], at);
      const wanted = ranges.flatMap((range): Range[] => {
        const to = Math.min(range.to, (plans.get(range.planId)?.sendable ?? 0) - 1);
        return to < range.from ? [] : [{ planId: range.planId, from: range.from, to }];
      });
      const rows = await waitingRows(db, wanted, UNSPOKEN);
      rows.push(
        ...(await retryRows(
          db,
          retries.filter(({ planId, index }) => index < (plans.get(planId)?.sendable ?? 0)),
          rows,
        )),
      );
      const attempts: Value[][] = [];
      for (const row of rows) attempts.push(...attemptsOf(row, channelId, at));
      await keepAttempts(db, attempts);
      await changeRuns(
        db,
        runsOfRows(rows),
        `m.state = ${DISPATCHING}, m.channel_id = ?, m.attempts = m.attempts + 1, m.repeating = 0,
         m.dispatched_at = IF(m.dispatched_at = 0, ?, m.dispatched_at)`,
        [channelId, at],
        WAITING,
      );
      return columnsOf(rows, owners, plans);
    },
    async unopen(ranges) {
      await unopen(db, ranges);
    },
    async refuse(planId, index) {
      await db.run(
        `INSERT INTO attempt (plan_id, idx, number, channel_id, opened_at, is_repeat, refused)
         SELECT plan_id, idx, attempts, channel_id, dispatched_at, 0, 1 FROM message
         WHERE plan_id = ? AND idx = ? AND channel_id <> ${NO_CHANNEL} ON DUPLICATE KEY UPDATE refused = 1`,
        planId,
        index,
      );
      const rows = await db.lists(
        'SELECT DISTINCT channel_id FROM attempt WHERE plan_id = ? AND idx = ? AND refused = 1 ORDER BY channel_id',
        planId,
        index,
      );
      return rows.map(([channelId]) => channelId as number);
    },
  };
}

interface SendablePlan {
  contentId: number;
  sendable: number;
}

/** Of these ranges' plans, those of which something may be claimed now. */
async function sendablePlans(
  db: Database,
  owners: PlanOwners,
  messages: readonly { planId: number }[],
  at: number,
): Promise<Map<number, SendablePlan>> {
  const rows = (await db.lists(
    `SELECT id, business_id, content_id, sendable FROM plan WHERE id IN (?) AND state = 2 AND expires_at > ?`,
    [...new Set(messages.map(({ planId }) => planId))],
    at,
  )) as number[][];
  const plans = new Map<number, SendablePlan>();
  for (const [id, businessId, contentId, sendable] of rows) {
    owners.remember(id!, businessId!);
    plans.set(id!, { contentId: contentId!, sendable: sendable! });
  }
  return plans;
}

/** A message that waits, as it is before it is claimed. */
interface WaitingRow {
  planId: number;
  index: number;
  recipient: number;
  parameters: string | null;
  attempts: number;
  channelId: number;
  dispatchedAt: number;
  repeating: number;
}

const WAITING_COLUMNS = 'm.recipient, m.parameters, m.attempts, m.channel_id, m.dispatched_at, m.repeating';

async function waitingRows(db: Database, ranges: readonly Range[], condition: string): Promise<WaitingRow[]> {
  if (ranges.length === 0) return [];
  const found = await findOnce(db, ranges, WAITING_COLUMNS, condition);
  return found.flatMap((rows, i) =>
    rows.map(([index, recipient, parameters, attempts, channelId, dispatchedAt, repeating]) => ({
      planId: ranges[i]!.planId,
      index,
      recipient: recipient as number,
      parameters: parameters as string | null,
      attempts: attempts as number,
      channelId: channelId as number,
      dispatchedAt: dispatchedAt as number,
      repeating: repeating as number,
    })),
  );
}

/** What waits as the retries say, and is not claimed already: as a message of a range, which no retry spoke of. */
async function retryRows(
  db: Database,
  retries: readonly RetryKey[],
  claimed: readonly WaitingRow[],
): Promise<WaitingRow[]> {
  if (retries.length === 0) return [];
  const keyOf = ({ planId, index, attempts }: RetryKey) => `${planId} ${index} ${attempts}`;
  const wanted = new Set(retries.map(keyOf));
  for (const row of claimed) wanted.delete(keyOf(row));
  const ranges = retries.map(({ planId, index }) => ({ planId, from: index, to: index }));
  const rows = await waitingRows(db, ranges, WAITING);
  return rows.filter((row) => wanted.has(keyOf(row)));
}

/**
 * Second and later attempts get rows of their own, which tell repeats from plain retries. The channel of the first attempt
 * stands in the message only: it gets a row before another channel takes its place.
 */
function attemptsOf(row: WaitingRow, channelId: number, at: number): Value[][] {
  const { planId, index, attempts } = row;
  if (attempts === 0) return [];
  const next = [planId, index, attempts + 1, channelId, at, row.repeating];
  if (attempts > 1 || row.channelId === channelId) return [next];
  return [[planId, index, 1, row.channelId, row.dispatchedAt, 0], next];
}

async function keepAttempts(db: Database, attempts: readonly Value[][]): Promise<void> {
  for (const rows of inPieces(attempts, MAX_ROWS)) {
    await db.run(
      // Rows that are there stay as they are.
      `INSERT INTO attempt (plan_id, idx, number, channel_id, opened_at, is_repeat) VALUES ?
       ON DUPLICATE KEY UPDATE number = VALUES(number)`,
      rows,
    );
  }
}

function runsOfRows(rows: readonly { planId: number; index: number }[]): Range[] {
  const runs: Range[] = [];
  for (const { planId, index } of rows) {
    const last = runs.at(-1);
    if (last !== undefined && last.planId === planId && last.to === index - 1) last.to = index;
    else runs.push({ planId, from: index, to: index });
  }
  return runs;
}

function columnsOf(
  rows: readonly WaitingRow[],
  owners: PlanOwners,
  plans: ReadonlyMap<number, SendablePlan>,
): OpenedMessages {
  return {
    planIds: Float64Array.from(rows, ({ planId }) => planId),
    businessIds: Float64Array.from(rows, ({ planId }) => owners.of(planId)),
    indexes: Uint32Array.from(rows, ({ index }) => index),
    recipients: Float64Array.from(rows, ({ recipient }) => recipient),
    contentIds: Float64Array.from(rows, ({ planId }) => plans.get(planId)!.contentId),
    parameters: rows.some(({ parameters }) => parameters !== null) ? rows.map(({ parameters }) => parameters) : null,
  };
}

const IN_FLIGHT = `m.state = ${DISPATCHING}`;

/** Messages with what they go back to, as a table `r`. */
const BACK = `JSON_TABLE(?, '$[*]' COLUMNS (p BIGINT PATH '$[0]', i INT UNSIGNED PATH '$[1]', c INT PATH '$[2]',
  f TINYINT UNSIGNED PATH '$[3]', a SMALLINT UNSIGNED PATH '$[4]')) r`;

async function unopen(db: Database, ranges: readonly Range[]): Promise<void> {
  const found = await findOnce(db, ranges, 'm.attempts, m.channel_id', IN_FLIGHT);
  const first: Range[] = [];
  const later: { planId: number; index: number; attempts: number; channelId: number }[] = [];
  for (const [i, rows] of found.entries()) {
    const { planId } = ranges[i]!;
    const alone = rows.filter(([, attempts]) => (attempts as number) <= 1);
    first.push(
      ...runsOf(
        planId,
        alone.map(([index]) => index),
      ),
    );
    for (const [index, attempts, channelId] of rows) {
      if ((attempts as number) <= 1) continue;
      later.push({ planId, index, attempts: attempts as number, channelId: channelId as number });
    }
  }
  const set = `m.state = ${ACCEPTED}, m.attempts = 0, m.channel_id = ${NO_CHANNEL}, m.dispatched_at = 0, m.repeating = 0`;
  await changeRuns(db, first, set, [], IN_FLIGHT);
  for (const rows of inPieces(later, MAX_ROWS)) await unopenLater(db, rows);
}

/** Goes back to the attempt before: its channel, and whether the one that is undone was to be a repeat. */
async function unopenLater(
  db: Database,
  rows: readonly { planId: number; index: number; attempts: number; channelId: number }[],
): Promise<void> {
  const kept = new Map<string, { channelId: number; repeat: number }>();
  const places = JSON.stringify(rows.map(({ planId, index }) => [planId, index]));
  for (const [planId, index, number, channelId, repeat] of (await db.lists(
    `SELECT a.plan_id, a.idx, a.number, a.channel_id, a.is_repeat FROM ${BACK} STRAIGHT_JOIN attempt a
     ON a.plan_id = r.p AND a.idx = r.i`,
    places,
  )) as number[][]) {
    kept.set(`${planId} ${index} ${number}`, { channelId: channelId!, repeat: repeat! });
  }
  const back = JSON.stringify(
    rows.map(({ planId, index, attempts, channelId }) => [
      planId,
      index,
      kept.get(`${planId} ${index} ${attempts - 1}`)?.channelId ?? channelId,
      kept.get(`${planId} ${index} ${attempts}`)?.repeat ?? 0,
      attempts - 1,
    ]),
  );
  const changed = await db.changes(
    `UPDATE ${BACK} STRAIGHT_JOIN message m ON m.plan_id = r.p AND m.idx = r.i
     SET m.state = ${QUEUED}, m.channel_id = r.c, m.repeating = r.f, m.attempts = r.a WHERE ${IN_FLIGHT}`,
    back,
  );
  if (changed !== rows.length) throw new Error(`${changed} messages were changed where ${rows.length} were found`);
  await db.run(
    `DELETE a FROM ${BACK} STRAIGHT_JOIN attempt a ON a.plan_id = r.p AND a.idx = r.i WHERE a.number > r.a`,
    back,
  );
}
