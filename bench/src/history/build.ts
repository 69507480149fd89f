import type { Filler } from './filler.ts';
import { addReports } from './reports.ts';
import {
  businessOf,
  channelOf,
  DAY_MS,
  DAYS,
  type Day,
  daysOf,
  FIRST_NUMBER,
  idAt,
  LARGEST,
  type LargePlan,
  MESSAGES_A,
  NUMBERS,
  numberOf,
  stateOf,
} from './shape.ts';

const NUMBERS_A_RUN = 50_000;
/** Messages that were answered, recorded and told of together. */
const BATCH = 1_000;
const SINGLES_AN_EVENT = 20;
const MINUTE_MS = 60_000;
const QUARTER_MS = 900_000;
const IDS_A_MS = idAt(1) - idAt(0);

/** What an installation looks like after a month. */
export interface History {
  messages: number;
  plans: number;
  /** Delivery reports, as carriers wrote them. */
  reports: number;
  megabytes: number;
  /** Plans of many messages of the first business. */
  large: { id: number; messages: number }[];
}

/** Whose history it is. */
export interface Owners {
  businesses: readonly number[];
  channels: readonly number[];
}

/**
 * Writes a month of traffic straight into the store of a server that has stopped: plans, messages, ledger entries, events,
 * figures, reports, inbound messages, opt-outs, and the runs of numbers. Everything has ended; nothing waits to be sent.
 */
export async function buildHistory(
  filler: Filler,
  until: number,
  messages: number,
  owners: Owners,
  say: (line: string) => void,
): Promise<History> {
  const since = until - DAYS * DAY_MS;
  await filler.series(LARGEST);
  const large: History['large'] = [];
  let count = 0;
  for (const day of daysOf(until, messages, owners.businesses.length)) {
    await filler.begin();
    await addSingles(filler, day, owners);
    for (const plan of day.large) {
      await addLarge(filler, plan, owners);
      if (plan.business === 0) large.push({ id: planIdOf(plan), messages: plan.size });
    }
    await addFigures(filler, day, owners);
    await filler.commit();
    if (++count % 5 === 0) say(`history: ${count} of ${DAYS} days`);
  }
  await sortNumbers(filler);
  say('history: numbers sorted');
  const reports = await addReports(filler);
  say('history: reports kept');
  await filler.begin();
  await addDeliveries(filler, owners.businesses[0]!, since, messages);
  await addUpkeep(filler, since, owners.businesses, messages);
  await addInbound(filler, since, owners, messages);
  await payFor(filler, since, owners.businesses);
  await addSpans(filler);
  await filler.commit();
  await filler.finish();
  return {
    messages: (await filler.ask('SELECT count(*) FROM message'))!,
    plans: (await filler.ask('SELECT count(*) FROM plan'))!,
    reports,
    megabytes: Math.round((await filler.size()) / 1_000_000),
    large,
  };
}

const idOf = (ms: string): string => `(${idAt(0)} + (${ms}) * ${IDS_A_MS})`;

const planColumns = ({ planLeft }: Filler): string =>
  `id, business_id, dialect, name, category, template_id, signature_id, content_id, state, total, accepted, invalid, stopped,
   ${planLeft}, created_at, done_at, sendable, started_at, segments, expires_at`;
const MESSAGE_COLUMNS =
  'plan_id, idx, recipient, state, segments, reserved, settled, attempts, channel_id, dispatched_at, submitted_at, final_at, error';
const ENTRY_COLUMNS = 'business_id, id, plan_id, kind, credits, available_after, reserved_after, reason, at';
const EVENT_COLUMNS = 'id, business_id, at, kind, state, body';
/** What is told of each message, in order. */
const TOLD = `(SELECT 0 AS k, 'dispatching' AS state UNION ALL SELECT 1, 'submitted' UNION ALL SELECT 2, 'delivered')`;

/** Plans of one message, evenly over a day. */
async function addSingles(filler: Filler, { from, singles }: Day, { businesses, channels }: Owners): Promise<void> {
  const { before, count, stepMs } = singles;
  const salt = `i + ${before}`;
  await filler.run(`CREATE TEMPORARY TABLE single AS
    SELECT ${idOf(`${from} + i * ${stepMs}`)} + 7 AS id, ${from} + i * ${stepMs} AS at,
      ${filler.div('i', SINGLES_AN_EVENT)} AS batch, ${businessOf(salt, businesses)} AS business_id,
      ${channelOf(salt, channels)} AS channel_id, ${numberOf(salt)} AS recipient, ${stateOf(salt)} AS state
    FROM n WHERE i < ${count} ORDER BY i`);
  await filler.run(`INSERT INTO plan (${planColumns(filler)})
    SELECT id, business_id, 2, '', 1, 1, 1, 1, 4, 1, 1, 0, 0, 0, at, at + 300, 1, NULL, 1, at + 600000 FROM single`);
  await filler.run(`INSERT INTO message (${MESSAGE_COLUMNS})
    SELECT id, 0, recipient, state, 1, 1, 1, 1, channel_id, at + 5, at + 50, at + 3000, CASE state WHEN 4 THEN NULL ELSE '042' END
    FROM single`);
  for (const kind of [1, 2]) {
    await filler.run(`INSERT INTO ledger_entry (${ENTRY_COLUMNS})
      SELECT business_id, id + ${kind - 1}, id, ${kind}, 1, 1000000, 0, '', at FROM single ORDER BY business_id, id`);
  }
  await filler.run(`INSERT INTO event (${EVENT_COLUMNS})
    SELECT min(s.id) + 30 * t.k, s.business_id, min(s.at), 'message.state', t.state,
      '{"kind":"message.state","state":"' || t.state || '","runs":[' || group_concat('[' || s.id || ',0,0]') || ']}'
    FROM single s CROSS JOIN ${TOLD} t GROUP BY s.batch, s.business_id, t.k, t.state`);
  await filler.run('DROP TABLE single');
}

const planIdOf = ({ at, serial }: LargePlan): number =>
  // So that no two of them share an id, whatever the millisecond.
  idAt(at) + ownOf(serial);
const ownOf = (serial: number): number => 100 + (serial % 3_900);

/** A plan of many messages. */
async function addLarge(filler: Filler, plan: LargePlan, { businesses, channels }: Owners): Promise<void> {
  const { at, serial, size } = plan;
  const business = businesses[plan.business]!;
  const [id, own, salt] = [planIdOf(plan), ownOf(serial), `i + ${serial * 1_009 + 7}`];
  const state = serial % 97 === 0 ? 5 : 4;
  const batches = `FROM n WHERE i < ${Math.ceil(size / BATCH)}`;
  await filler.run(`INSERT INTO plan (${planColumns(filler)})
    VALUES (${id}, ${business}, 2, 'plan ${serial}', ${2 + (serial % 2)}, 1, 1, 1, ${state}, ${size}, ${size}, 0, 0, 0, ${at},
      ${at + 10 * MINUTE_MS}, ${size}, NULL, 1, ${at + 3 * DAY_MS})`);
  await filler.run(`INSERT INTO message (${MESSAGE_COLUMNS})
    SELECT ${id}, i, ${numberOf(salt)}, s, 1, 1, 1, 1, ${channelOf(salt, channels)}, ${at} + i, ${at} + i + 50, ${at} + i + 3000,
      CASE s WHEN 4 THEN NULL ELSE '042' END
    FROM (SELECT i, ${stateOf(salt)} AS s FROM n WHERE i < ${size}) made ORDER BY i`);
  await filler.run(`INSERT INTO ledger_entry (${ENTRY_COLUMNS})
    VALUES (${business}, ${id}, ${id}, 1, ${size}, 1000000, 0, '', ${at})`);
  await filler.run(`INSERT INTO ledger_entry (${ENTRY_COLUMNS})
    SELECT ${business}, ${idOf(`${at} + 1 + i * 100`)} + ${own}, ${id}, 2, ${BATCH}, 1000000, 0, '', ${at} + i * 100 ${batches}`);
  await filler.run(`INSERT INTO event (${EVENT_COLUMNS})
    SELECT ${idOf(`${at} + 1 + i * 100 + t.k`)} + ${own}, ${business}, ${at}, 'message.state', t.state,
      '{"kind":"message.state","state":"' || t.state || '","runs":[[${id},' || (i * ${BATCH}) || ',' || (i * ${BATCH} + ${BATCH - 1}) || ']]}'
    FROM n CROSS JOIN ${TOLD} t WHERE i < ${Math.ceil(size / BATCH)}`);
}

/** As the chore does it, a run at a time; a plan stays in one. */
async function sortNumbers(filler: Filler): Promise<void> {
  for (let run = 1, after = 0; ; run++) {
    const to = await filler.ask(
      `SELECT plan_id FROM message WHERE plan_id > ${after} ORDER BY plan_id, idx LIMIT 1 OFFSET ${NUMBERS_A_RUN - 1}`,
    );
    if (to === null) return;
    await filler.begin();
    await filler.run(`INSERT INTO sorted_number (run_id, recipient, plan_id, idx)
      SELECT ${run}, recipient, plan_id, idx FROM message WHERE plan_id > ${after} AND plan_id <= ${to}
      ORDER BY recipient, plan_id, idx`);
    await filler.run(`INSERT INTO number_run (id, after_plan, to_plan) VALUES (${run}, ${after}, ${to})`);
    await filler.commit();
    after = to;
  }
}

/** What the feed would have counted of a day's messages, in three countries and with two templates. */
async function addFigures(filler: Filler, { from }: Day, { channels }: Owners): Promise<void> {
  const quarter = filler.div('p.created_at', QUARTER_MS);
  await filler.run(`INSERT ${filler.ignore} INTO figure (business_id, quarter, channel_id, country, category, template_id, currency, sent,
      delivered, failed, segments, settled, refunded, cost)
    SELECT business_id, quarter, channel_id, country, category, template_id, '', sum(made), sum(made) - ${filler.div('sum(made)', 16)},
      ${filler.div('sum(made)', 16)}, sum(made), sum(made), 0, 0
    FROM (SELECT p.business_id, ${quarter} AS quarter, ${channelOf('p.total + p.id % 1000', channels)} AS channel_id,
        (CASE p.id % 3 WHEN 0 THEN 'CN' WHEN 1 THEN 'HK' ELSE 'SG' END) AS country, p.category, 1 + p.id % 2 AS template_id,
        p.total AS made
      FROM plan p WHERE p.id >= ${idAt(from)} AND p.id < ${idAt(from + DAY_MS)}) made
    GROUP BY business_id, quarter, channel_id, country, category, template_id`);
}

/** The same by spans of four hours, as a server has them that counted all this itself; it would add them up for minutes. */
async function addSpans(filler: Filler): Promise<void> {
  const key = 'business_id, channel_id, country, category, template_id, currency';
  const sums = ['sent', 'delivered', 'failed', 'segments', 'settled', 'refunded', 'cost'];
  await filler.run('DELETE FROM figure_span');
  await filler.run(`INSERT INTO figure_span (span, ${key}, ${sums.join(', ')})
    SELECT ${filler.div('quarter', 16)} AS span, ${key}, ${sums.map((sum) => `sum(${sum})`).join(', ')}
    FROM figure GROUP BY span, ${key}`);
  await filler.run('UPDATE figure_feed SET event_id = (SELECT max(id) FROM event) WHERE id = 0');
  await filler.run('UPDATE figure_feed SET span_event = event_id, spans_from = 0 WHERE id = 0');
}

/** Balances as the entries say, so that the books are right. */
async function payFor(filler: Filler, since: number, businesses: readonly number[]): Promise<void> {
  for (const id of businesses) {
    const spent = await filler.ask(`SELECT sum(credits) FROM ledger_entry WHERE business_id = ${id} AND kind = 1`);
    await filler.run(`INSERT INTO ledger_entry (${ENTRY_COLUMNS})
      VALUES (${id}, ${idAt(since) - 1}, NULL, 0, ${spent ?? 0}, 1000000, 0, '', ${since})`);
  }
}

/** A webhook that was told of everything; one delivery in a thousand was given up. */
async function addDeliveries(filler: Filler, businessId: number, since: number, messages: number): Promise<void> {
  const count = Math.ceil(messages / MESSAGES_A.delivery);
  const at = `${since} + i * ${Math.floor((DAYS * DAY_MS) / count)}`;
  await filler.run(`INSERT INTO webhook (id, business_id, url, callbacks, username, secret, authorization, description, disabled,
      fed_event, created_at, updated_at)
    SELECT 1, ${businessId}, 'https://example.net/told', '["delivered"]', 'bench', 'secret-of-the-bench', '', '', 1, max(id),
      ${since}, ${since} FROM event`);
  await filler.run(`INSERT INTO webhook_delivery (id, webhook_id, state, row_count, try_count, tries, due_at, since, done_at, pieces)
    SELECT ${idOf(at)} + 1, 1, CASE i % 1000 WHEN 0 THEN 2 ELSE 1 END, 50, 1,
      '[{"at":' || (${at}) || ',"durationMs":40,"status":200,"error":""}]', ${at}, ${at}, ${at} + 40, '[]'
    FROM n WHERE i < ${count}`);
}

/** What people changed and chores did. */
async function addUpkeep(
  filler: Filler,
  since: number,
  businesses: readonly number[],
  messages: number,
): Promise<void> {
  const entries = Math.ceil(messages / MESSAGES_A.auditEntry);
  const runs = Math.ceil(messages / MESSAGES_A.choreRun);
  const at = (count: number) => `${since} + i * ${Math.floor((DAYS * DAY_MS) / count)}`;
  await filler.run(`INSERT INTO audit (at, by_kind, by_id, by_name, staff, address, via, action, object, object_id, business_id,
      view_before, view_after)
    SELECT ${at(entries)}, 'member', 1 + i % 50, 'member ' || (i % 50), 0, '192.0.2.1', 'console',
      CASE i % 1000 WHEN 0 THEN 'plan.cancel' ELSE 'template.edit' END, CASE i % 1000 WHEN 0 THEN 'plan' ELSE 'template' END,
      i % 5000, ${businessOf('i', businesses)}, '{"name":"before"}', '{"name":"after"}'
    FROM n WHERE i < ${entries} ORDER BY i`);
  await filler.run(`INSERT INTO chore_run (id, name, state, asked_by, created_at, started_at, ended_at, runs, run_ms, items, error,
      worker)
    SELECT ${idOf(at(runs))} + 5, i % 10, CASE i % 5000 WHEN 0 THEN 4 ELSE 3 END, '', ${at(runs)}, ${at(runs)}, ${at(runs)} + 20, 3,
      20, 1000, CASE i % 5000 WHEN 0 THEN 'the store was away' ELSE '' END, 'bench-1'
    FROM n WHERE i < ${runs}`);
}

/** Texts from handsets, one in a hundred of them nobody's, and who does not want to be written to. */
async function addInbound(filler: Filler, since: number, owners: Owners, messages: number): Promise<void> {
  const texts = Math.ceil(messages / MESSAGES_A.inbound);
  const at = `${since} + i * ${Math.floor((DAYS * DAY_MS) / texts)}`;
  await filler.run(`INSERT INTO inbound (id, channel_id, business_id, sender, receiver, parts, missing, kind, keyword, reply_plan_id,
      reply_error, received_at, text)
    SELECT ${idOf(at)} + 3, ${channelOf('i', owners.channels)},
      CASE i % 100 WHEN 0 THEN NULL ELSE ${businessOf('i', owners.businesses)} END, '+' || ${numberOf('i')}, '1069', 1, 0,
      CASE i % 500 WHEN 7 THEN 1 ELSE 0 END, '', NULL, '', ${at}, 'hello'
    FROM n WHERE i < ${texts}`);
  const listed = Math.ceil(messages / MESSAGES_A.optOut);
  await filler.run(`INSERT INTO listed (list, business_id, recipient, since, source, note)
    SELECT 0, ${owners.businesses[0]}, ${FIRST_NUMBER} + i * ${Math.floor(NUMBERS / listed)}, ${since}, 'reply', ''
    FROM n WHERE i < ${listed}`);
}
