/**
 * Messages and what goes with them. Tables that grow with traffic are keyed by time-ordered ids and cut into partitions by
 * them (partitions.ts); what is not cut yet is in the partition `rest`. Times and channels that are set later have room
 * from the beginning (0: no time, -1: no channel), since a row that grows splits its page.
 */
export const messages = (table: string): readonly string[] => [
  `CREATE TABLE message (
    plan_id BIGINT NOT NULL,
    idx INT UNSIGNED NOT NULL,
    recipient BIGINT NOT NULL,
    state TINYINT UNSIGNED NOT NULL,
    segments SMALLINT UNSIGNED NOT NULL,
    reserved BIGINT NOT NULL,
    settled BIGINT NOT NULL DEFAULT 0,
    released BIGINT NOT NULL DEFAULT 0,
    refunded BIGINT NOT NULL DEFAULT 0,
    attempts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    repeats SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    repeating TINYINT UNSIGNED NOT NULL DEFAULT 0,
    delivered_parts SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    channel_id INT NOT NULL DEFAULT -1,
    dispatched_at BIGINT NOT NULL DEFAULT 0,
    submitted_at BIGINT NOT NULL DEFAULT 0,
    final_at BIGINT NOT NULL DEFAULT 0,
    error TEXT,
    parameters MEDIUMTEXT,
    PRIMARY KEY (plan_id, idx)
  ) ${table} PARTITION BY RANGE (plan_id) (PARTITION rest VALUES LESS THAN MAXVALUE)`,

  // second and later attempts; the first stands in the message
  `CREATE TABLE attempt (
    plan_id BIGINT NOT NULL,
    idx INT UNSIGNED NOT NULL,
    number SMALLINT UNSIGNED NOT NULL,
    channel_id INT NOT NULL,
    opened_at BIGINT NOT NULL,
    is_repeat TINYINT UNSIGNED NOT NULL,
    refused TINYINT UNSIGNED NOT NULL DEFAULT 0,
    PRIMARY KEY (plan_id, idx, number)
  ) ${table} PARTITION BY RANGE (plan_id) (PARTITION rest VALUES LESS THAN MAXVALUE)`,

  // what carriers called the parts of messages that were recorded together: [plan, from, parts of each, ids …] as JSON.
  // A message is found by when it was recorded, which its row says.
  `CREATE TABLE submission (
    at BIGINT NOT NULL,
    plan_id BIGINT NOT NULL,
    idx INT UNSIGNED NOT NULL,
    channel_id INT NOT NULL,
    runs MEDIUMTEXT NOT NULL,
    PRIMARY KEY (at, plan_id, idx)
  ) ${table} PARTITION BY RANGE (at) (PARTITION rest VALUES LESS THAN MAXVALUE)`,

  'CREATE TABLE number_run (id INT UNSIGNED NOT NULL PRIMARY KEY, after_plan BIGINT NOT NULL, to_plan BIGINT NOT NULL) ' +
    table,

  `CREATE TABLE sorted_number (
    run_id INT UNSIGNED NOT NULL,
    recipient BIGINT NOT NULL,
    plan_id BIGINT NOT NULL,
    idx INT UNSIGNED NOT NULL,
    PRIMARY KEY (run_id, recipient, plan_id, idx)
  ) ${table} PARTITION BY RANGE (plan_id) (PARTITION rest VALUES LESS THAN MAXVALUE)`,

  `CREATE TABLE event (
    id BIGINT NOT NULL PRIMARY KEY,
    business_id INT NOT NULL,
    at BIGINT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    state VARCHAR(40),
    body MEDIUMTEXT NOT NULL,
    KEY event_of_business (business_id, id)
  ) ${table} PARTITION BY RANGE (id) (PARTITION rest VALUES LESS THAN MAXVALUE)`,

  // the last event of each business: whether a webhook is behind is asked for all of them at once
  `CREATE TABLE event_last (business_id INT NOT NULL PRIMARY KEY, event_id BIGINT NOT NULL) ${table}`,
];
