/** What looking at a batch costs beside its hashes, as a number of hashes. */
const BATCH = 100;
/** Hashes that one question looks through. */
const LOOKED_AT = 1_000_000;
/** Batches that are read at a time. */
const TOGETHER = 200;
/** Batches are kept in the order of their times, nearly: by several processes, each with a clock. */
const SLACK_MS = 60_000;

/** Which batches are looked for; as `ReportLogReader.find` has it. */
export interface ReportSearch {
  hashes: readonly number[];
  from: number;
  until: number;
  before: number | null;
  limit: number;
}

/**
 * Goes through the hashes of batches of reports, newest first and the same for both stores, until enough were found or it has
 * taken long enough.
 * @param ask puts a question to the database
 * @param byId `report_log`, with what makes the database go through it by ids
 * @returns ids of batches that have one of the hashes, newest first; `next`: the last that was looked at, null: all were
 */
export async function searchBatches(
  ask: (sql: string, ...values: number[]) => Promise<Iterable<readonly unknown[]>>,
  byId: string,
  { hashes, from, until, before, limit }: ReportSearch,
): Promise<{ found: number[]; next: number | null }> {
  const idOf = async (sql: string, value: number) => [...(await ask(sql, value))][0]?.[0] as number | undefined;
  const first = await idOf('SELECT id FROM report_log WHERE at >= ? ORDER BY at, id LIMIT 1', from - SLACK_MS);
  const newest = await idOf(
    'SELECT id FROM report_log WHERE at <= ? ORDER BY at DESC, id DESC LIMIT 1',
    until + SLACK_MS,
  );
  const found: number[] = [];
  if (first === undefined || newest === undefined) return { found, next: null };
  let last = before === null ? newest : Math.min(newest, before - 1);
  for (let left = LOOKED_AT; ; ) {
    const rows = await ask(
      `SELECT id, hashes FROM ${byId} WHERE id BETWEEN ? AND ? AND at BETWEEN ? AND ? ORDER BY id DESC LIMIT ${TOGETHER}`,
      first,
      last,
      from,
      until,
    );
    let count = 0;
    for (const [id, octets] of rows) {
      count++;
      last = id as number;
      left -= BATCH + (octets as Uint8Array).length / Uint32Array.BYTES_PER_ELEMENT;
      if (hasAny(octets as Uint8Array, hashes)) found.push(last);
      if (found.length >= limit || left <= 0) return { found, next: last };
    }
    if (count < TOGETHER) return { found, next: null };
    last--;
  }
}

/** @param octets the hashes of a batch, four octets each as this machine writes them */
function hasAny(octets: Uint8Array, wanted: readonly number[]): boolean {
  // A copy, since what a driver hands out need not stand where numbers of four octets may.
  const hashes = new Uint32Array(Uint8Array.from(octets).buffer);
  return wanted.some((hash) => hashes.includes(hash));
}
