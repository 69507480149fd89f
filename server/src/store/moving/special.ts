import { messageStateOfCode, USUAL } from '../../domain/message.ts';
import type { Database as Target } from '../mysql/database.ts';
import { type Placed, placePlans } from '../mysql/plan-places.ts';
import type { Value } from '../mysql/sql.ts';
import { addUnusual } from '../mysql/unusual.ts';
import type { SourceRow } from './tables.ts';

/** A run of messages with the carrier's ids of their parts, as the table `submission` has them. */
type Run = [planId: number, from: number, parts: number, ...carrierIds: string[]];

/** What goes with rows of some tables. */
export async function alongWith(target: Target, table: string, rows: readonly SourceRow[]): Promise<void> {
  if (table === 'plan') await placePlans(target, rows as unknown as Placed[]);
  if (table !== 'message') return;
  await keepOwnIds(target, rows);
  await findUnusual(target, rows);
}

/** What an index of some rows holds there is a table here, which also says whose messages they are. */
async function findUnusual(target: Target, rows: readonly SourceRow[]): Promise<void> {
  const unusual = rows.filter(({ state }) => !USUAL.includes(messageStateOfCode(state as number)));
  if (unusual.length === 0) return;
  const plans = [...new Set(unusual.map(({ plan_id }) => plan_id as number))];
  const owners = new Map(
    (await target.lists('SELECT id, business_id FROM plan WHERE id IN (?)', plans)) as [number, number][],
  );
  await addUnusual(
    target,
    unusual.map(({ state, plan_id, idx }) => [state!, plan_id!, idx!, owners.get(plan_id as number)!]),
  );
}

/** Ids of messages that were accepted alone stand in their rows: those of one moment become one row. */
async function keepOwnIds(target: Target, rows: readonly SourceRow[]): Promise<void> {
  const byMoment = new Map<number, { channelId: number; runs: Run[] }>();
  for (const { plan_id, idx, channel_id, submitted_at, final_at, carrier_ids } of rows) {
    if (typeof carrier_ids !== 'string' || carrier_ids === '') continue;
    const at = (submitted_at ?? final_at ?? 0) as number;
    const ids = carrier_ids.split(' ');
    const run: Run = [plan_id as number, idx as number, ids.length, ...ids];
    const moment = byMoment.get(at);
    if (moment === undefined) byMoment.set(at, { channelId: (channel_id ?? -1) as number, runs: [run] });
    else moment.runs.push(run);
  }
  await addSubmissions(
    target,
    [...byMoment].map(([at, { channelId, runs }]) => [at, runs[0]![0], runs[0]![1], channelId, JSON.stringify(runs)]),
  );
}

/** Rows of the table `submission` of SQLite, which hold ids of messages that were accepted together. */
export async function moveSubmissions(target: Target, rows: readonly SourceRow[]): Promise<void> {
  await addSubmissions(
    target,
    rows.map(({ plan_id, from_idx, parts, channel_id, carrier_ids, at }) => {
      const run: Run = [
        plan_id as number,
        from_idx as number,
        parts as number,
        ...((carrier_ids as string) === '' ? [] : (carrier_ids as string).split(' ')),
      ];
      return [at!, plan_id!, from_idx!, channel_id!, JSON.stringify([run])];
    }),
  );
}

async function addSubmissions(target: Target, rows: readonly Value[][]): Promise<void> {
  if (rows.length === 0) return;
  await target.run(
    'INSERT INTO submission (at, plan_id, idx, channel_id, runs) VALUES ? ON DUPLICATE KEY UPDATE at = VALUES(at)',
    rows,
  );
}

/** Young parts that wait for a report stand in a log, many to a row; some may stand there twice. */
export async function moveAwaitingLog(target: Target, rows: readonly SourceRow[]): Promise<void> {
  const parts = rows.flatMap(({ parts }) => JSON.parse(parts as string) as Value[][]);
  if (parts.length === 0) return;
  await target.run(
    `INSERT INTO awaiting (channel_id, carrier_id, plan_id, idx, recipient, parts, since) VALUES ?
     ON DUPLICATE KEY UPDATE since = VALUES(since)`,
    parts,
  );
}
