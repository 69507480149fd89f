import { DatabaseSync, type DatabaseSyncInstance } from '@photostructure/sqlite';

const DAY_MS = 86_400_000;
const DAYS = 30;
const ID_EPOCH_MS = 1_735_689_600_000;
/** Ids in a millisecond, as `lib/ids.ts` lays them out. */
const IDS_A_MS = 4_096;
/** Of the messages, those that are plans of one. */
const SINGLE_SHARE = 0.2;
/** Plans of many, as shares of the rest. */
const LARGE = [
  { messages: 50_000, share: 0.5 },
  { messages: 5_000, share: 0.25 },
  { messages: 1_000, share: 0.25 },
] as const;
const NUMBERS_A_RUN = 100_000;
/** Messages that were answered, recorded and told of together. */
const BATCH = 1_000;
const SINGLES_AN_EVENT = 20;
const MINUTE_MS = 60_000;

/** A number that got one in a hundred of all messages together with 999 others. */
export const HOT_NUMBER = 8_613_900_000_000;
const FIRST_NUMBER = 8_613_800_000_000;

/** What an installation looks like after a month. */
export interface History {
  messages: number;
  plans: number;
  megabytes: number;
}

/** Numbers that look random, of one; `salt` tells apart what is made of it. */
const hash = (of: string, salt: number): string =>
  `((((${of}) * 2654435761 + ${salt} * 40503) & 4294967295) * 1103515245 >> ${9 + salt})`;
const numberOf = (of: string): string =>
  `iif(${hash(of, 1)} % 100 = 0, ${HOT_NUMBER} + ${hash(of, 2)} % 1000, ${FIRST_NUMBER} + ${hash(of, 3)} % 10000000)`;
/** Codes of `domain/message.ts`: 94 % delivered, the rest every way a message may end. */
const stateOf = (of: string): string => `(SELECT CASE
    WHEN h < 9400 THEN 4 WHEN h < 9600 THEN 5 WHEN h < 9700 THEN 6 WHEN h < 9780 THEN 7 WHEN h < 9850 THEN 8
    WHEN h < 9900 THEN 11 WHEN h < 9960 THEN 12 WHEN h < 9990 THEN 9 ELSE 14 END FROM (SELECT ${hash(of, 4)} % 10000 AS h))`;
/** Half of all belongs to the first business, the rest evenly to the others. */
const businessOf = (of: string, businesses: readonly number[]): string => {
  const others = businesses.slice(1);
  const cases = others.map((id, i) => `WHEN ${i} THEN ${id}`).join(' ');
  return `iif(${hash(of, 5)} % 2 = 0, ${businesses[0]}, CASE ${hash(of, 6)} % ${others.length} ${cases} END)`;
};

/**
 * Writes a month of traffic straight into the file of a server that has stopped: plans, messages, ledger entries, events,
 * figures, and the runs of numbers. Everything has ended; nothing waits to be sent.
 */
export function buildHistory(
  path: string,
  until: number,
  messages: number,
  businesses: readonly number[],
  say: (line: string) => void,
): History {
  const db = new DatabaseSync(path);
  db.exec(
    'PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA temp_store = MEMORY',
  );
  const since = until - DAYS * DAY_MS;
  let serial = 0;
  const singlesADay = Math.round((messages * SINGLE_SHARE) / DAYS);
  for (let day = 0; day < DAYS; day++) {
    const from = since + day * DAY_MS;
    db.exec('BEGIN');
    addSingles(db, from, day * singlesADay, singlesADay, businesses);
    for (const { messages: size, share } of LARGE) {
      const all = Math.round((messages * (1 - SINGLE_SHARE) * share) / size);
      const [first, last] = [Math.round((all * day) / DAYS), Math.round((all * (day + 1)) / DAYS)];
      for (let i = first; i < last; i++) {
        const at = from + Math.floor(((i - first + 0.5) / (last - first)) * DAY_MS);
        addLarge(db, at, serial++, size, businesses[i % 3 === 0 ? 1 + (i % (businesses.length - 1)) : 0]!);
      }
    }
    db.exec('COMMIT');
    if (day % 5 === 4) say(`history: ${day + 1} of ${DAYS} days`);
  }
  sortNumbers(db);
  say('history: numbers sorted');
  addFigures(db);
  addDeliveries(db, businesses[0]!, since, messages);
  addUpkeep(db, since, businesses, messages);
  db.exec('PRAGMA journal_mode = WAL');
  const one = (sql: string) => Number(Object.values(db.prepare(sql).get() as object)[0]);
  const history = {
    messages: one('SELECT count(*) FROM message'),
    plans: one('SELECT count(*) FROM plan'),
    megabytes: Math.round((one('PRAGMA page_count') * one('PRAGMA page_size')) / 1_000_000),
  };
  db.close();
  return history;
}

const idAt = (ms: string): string => `((${ms}) - ${ID_EPOCH_MS}) * ${IDS_A_MS}`;
const upTo = (count: number): string =>
  `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;

const PLAN_COLUMNS = `id, business_id, dialect, name, category, template_id, signature_id, content_id, state, total, accepted, left,
  created_at, done_at, sendable, started_at, segments, expires_at`;
const MESSAGE_COLUMNS =
  'plan_id, idx, recipient, state, segments, reserved, settled, attempts, channel_id, dispatched_at, submitted_at, final_at, error';

/** Plans of one message, evenly over a day. `salt`: the number of those before. */
function addSingles(
  db: DatabaseSyncInstance,
  from: number,
  salt: number,
  count: number,
  businesses: readonly number[],
): void {
  const step = Math.floor(DAY_MS / count);
  db.exec(`
    CREATE TEMP TABLE single AS ${upTo(count)}
      SELECT ${idAt(`${from} + i * ${step}`)} + 7 AS id, ${from} + i * ${step} AS at, i + ${salt} AS salt, i / ${SINGLES_AN_EVENT} AS batch,
        ${businessOf(`i + ${salt}`, businesses)} AS business_id, ${numberOf(`i + ${salt}`)} AS recipient, ${stateOf(`i + ${salt}`)} AS state
      FROM n;
    INSERT INTO plan (${PLAN_COLUMNS})
      SELECT id, business_id, 2, '', 1, 1, 1, 1, 4, 1, 1, 0, at, at + 300, 1, NULL, 1, at + 600000 FROM single;
    INSERT INTO message (${MESSAGE_COLUMNS})
      SELECT id, 0, recipient, state, 1, 1, 1, 1, 1, at + 5, at + 50, at + 3000, iif(state = 4, NULL, '042') FROM single;
    INSERT INTO ledger_entry (business_id, id, plan_id, kind, credits, available_after, reserved_after, reason, at)
      SELECT s.business_id, s.id + k.value, s.id, 1 + k.value, 1, 1000000, 0, '', s.at FROM single s, json_each('[0,1]') k;
    INSERT INTO event (id, business_id, at, kind, state, body)
      SELECT min(s.id) + 30 * k.key, s.business_id, min(s.at), 'message.state', k.value,
        '{"kind":"message.state","state":"' || k.value || '","runs":' || json_group_array(json_array(s.id, 0, 0)) || '}'
      FROM single s, json_each('["dispatching","submitted","delivered"]') k GROUP BY s.batch, s.business_id, k.key;
    DROP TABLE single;
  `);
}

/** A plan of many messages. */
function addLarge(db: DatabaseSyncInstance, at: number, number: number, size: number, businessId: number): void {
  const salt = number * size + size;
  // So that no two of them share an id, whatever the millisecond.
  const own = 100 + (number % 3_900);
  const id = `${idAt(String(at))} + ${own}`;
  const state = number % 97 === 0 ? 5 : 4;
  db.exec(`
    INSERT INTO plan (${PLAN_COLUMNS})
      VALUES (${id}, ${businessId}, 2, 'plan ${number}', ${2 + (number % 2)}, 1, 1, 1, ${state}, ${size}, ${size}, 0, ${at},
        ${at + 10 * MINUTE_MS}, ${size}, NULL, 1, ${at + 3 * DAY_MS});
    INSERT INTO message (${MESSAGE_COLUMNS}) ${upTo(size)}
      SELECT ${id}, i, ${numberOf(`i + ${salt}`)}, s, 1, 1, 1, 1, 1, ${at} + i, ${at} + i + 50, ${at} + i + 3000, iif(s = 4, NULL, '042')
      FROM (SELECT i, ${stateOf(`i + ${salt}`)} AS s FROM n);
    INSERT INTO ledger_entry (business_id, id, plan_id, kind, credits, available_after, reserved_after, reason, at)
      VALUES (${businessId}, ${id}, ${id}, 1, ${size}, 1000000, 0, '', ${at});
    INSERT INTO ledger_entry (business_id, id, plan_id, kind, credits, available_after, reserved_after, reason, at)
      ${upTo(Math.ceil(size / BATCH))} SELECT ${businessId}, ${idAt(`${at} + 1 + i * 100`)} + ${own}, ${id}, 2, ${BATCH}, 1000000, 0, '', ${at} + i * 100 FROM n;
    INSERT INTO event (id, business_id, at, kind, state, body)
      ${upTo(Math.ceil(size / BATCH))} SELECT ${idAt(`${at} + 1 + i * 100 + k.key`)} + ${own}, ${businessId}, ${at}, 'message.state', k.value,
        '{"kind":"message.state","state":"' || k.value || '","runs":[[' || (${id}) || ',' || i * ${BATCH} || ',' || (i * ${BATCH} + ${BATCH - 1}) || ']]}'
      FROM n, json_each('["dispatching","submitted","delivered"]') k;
  `);
}

/** As the chore does it, a run at a time. */
function sortNumbers(db: DatabaseSyncInstance): void {
  const next = db.prepare('SELECT plan_id FROM message WHERE plan_id > ? ORDER BY plan_id, idx LIMIT 1 OFFSET ?');
  const copy = db.prepare(`INSERT INTO sorted_number (run_id, recipient, plan_id, idx)
    SELECT ?, recipient, plan_id, idx FROM message WHERE plan_id > ? AND plan_id <= ? ORDER BY recipient, plan_id, idx`);
  const seal = db.prepare('INSERT INTO number_run (id, after_plan, to_plan) VALUES (?, ?, ?)');
  let after = 0;
  for (let run = 1; ; run++) {
    const to = next.get(after, NUMBERS_A_RUN - 1) as { plan_id: number } | undefined;
    if (to === undefined) return;
    db.exec('BEGIN');
    copy.run(run, after, to.plan_id);
    seal.run(run, after, to.plan_id);
    db.exec('COMMIT');
    after = to.plan_id;
  }
}

/** What the feed would have counted; its cursor stands behind all events. */
function addFigures(db: DatabaseSyncInstance): void {
  db.exec(`
    INSERT INTO figure (business_id, quarter, channel_id, country, category, template_id, currency, sent, delivered, failed,
        segments, settled, refunded, cost)
      SELECT p.business_id, p.created_at / 900000, 1, 'CN', p.category, 1, '', count(*), sum(m.state = 4), sum(m.state <> 4),
        sum(m.segments), sum(m.settled), 0, 0
      FROM plan p CROSS JOIN message m ON m.plan_id = p.id GROUP BY 1, 2, 5;
    UPDATE figure_feed SET event_id = (SELECT max(id) FROM event) WHERE id = 0;
  `);
}

/** A webhook that was told of everything, a delivery for each 50 messages; one in a thousand was given up. */
function addDeliveries(db: DatabaseSyncInstance, businessId: number, since: number, messages: number): void {
  const count = Math.ceil(messages / 50);
  const step = Math.floor((DAYS * DAY_MS) / count);
  db.exec(`
    INSERT INTO webhook (id, business_id, url, callbacks, username, secret, authorization, description, disabled, fed_event, created_at, updated_at)
      SELECT 1, ${businessId}, 'https://example.net/told', '["delivered"]', 'bench', 'secret-of-the-bench', '', '', 1, max(id), ${since}, ${since}
      FROM event;
    INSERT INTO webhook_delivery (id, webhook_id, state, row_count, try_count, tries, due_at, since, done_at, pieces) ${upTo(count)}
      SELECT ${idAt(`${since} + i * ${step}`)} + 1, 1, iif(i % 1000 = 0, 2, 1), 50, 1,
        json_array(json_object('at', ${since} + i * ${step}, 'durationMs', 40, 'status', 200, 'error', '')), ${since} + i * ${step},
        ${since} + i * ${step}, ${since} + i * ${step} + 40, '[]' FROM n;
  `);
}

/** What people changed and chores did: an entry of the audit log for each fifty messages, a run for each hundred. */
function addUpkeep(db: DatabaseSyncInstance, since: number, businesses: readonly number[], messages: number): void {
  const entries = Math.ceil(messages / 50);
  const runs = Math.ceil(messages / 100);
  const step = (count: number) => Math.floor((DAYS * DAY_MS) / count);
  db.exec(`
    INSERT INTO audit (at, by_kind, by_id, by_name, staff, address, via, action, object, object_id, business_id, view_before, view_after)
      ${upTo(entries)} SELECT ${since} + i * ${step(entries)}, 'member', 1 + i % 50, 'member ' || i % 50, 0, '192.0.2.1', 'console',
        iif(i % 1000 = 0, 'plan.cancel', 'template.edit'), iif(i % 1000 = 0, 'plan', 'template'), i % 5000,
        ${businessOf('i', businesses)}, '{"name":"before"}', '{"name":"after"}' FROM n;
    INSERT INTO chore_run (id, name, state, asked_by, created_at, started_at, ended_at, runs, run_ms, items, error, worker)
      ${upTo(runs)} SELECT ${idAt(`${since} + i * ${step(runs)}`)} + 5, i % 10, iif(i % 5000 = 0, 4, 3), '', ${since} + i * ${step(runs)},
        ${since} + i * ${step(runs)}, ${since} + i * ${step(runs)} + 20, 3, 20, 1000, iif(i % 5000 = 0, 'the store was away', ''), 'bench-1' FROM n;
  `);
}
