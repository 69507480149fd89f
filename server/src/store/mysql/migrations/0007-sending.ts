/** What waits for something: to be sent again, for an answer, for a report. None of it is cut into partitions: it comes and goes. */
export const sending = (table: string): readonly string[] => [
  `CREATE TABLE retry (
    plan_id BIGINT NOT NULL,
    idx INT UNSIGNED NOT NULL,
    category TINYINT UNSIGNED NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (plan_id, idx),
    KEY retry_due (category, due_at)
  ) ${table}`,

  `CREATE TABLE uncertain (
    plan_id BIGINT NOT NULL,
    idx INT UNSIGNED NOT NULL,
    channel_id INT NOT NULL,
    recipient BIGINT NOT NULL,
    user_reference INT UNSIGNED,
    since BIGINT NOT NULL,
    repeats TINYINT UNSIGNED NOT NULL,
    decide_at BIGINT NOT NULL,
    PRIMARY KEY (plan_id, idx),
    KEY uncertain_due (decide_at),
    KEY uncertain_recipient (recipient)
  ) ${table}`,

  `CREATE TABLE in_parts (
    plan_id BIGINT NOT NULL,
    idx INT UNSIGNED NOT NULL,
    channel_id INT NOT NULL,
    reference INT UNSIGNED NOT NULL,
    round INT UNSIGNED NOT NULL,
    parts MEDIUMTEXT NOT NULL,
    reported TEXT,
    PRIMARY KEY (plan_id, idx)
  ) ${table}`,

  // parts that carriers have accepted and not reported. Most are reported within seconds, so the table stays small enough
  // for its random key to stay in memory.
  `CREATE TABLE awaiting (
    channel_id INT NOT NULL,
    carrier_id VARCHAR(255) NOT NULL,
    plan_id BIGINT NOT NULL,
    idx INT UNSIGNED NOT NULL,
    recipient BIGINT NOT NULL,
    parts SMALLINT UNSIGNED NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (channel_id, carrier_id, plan_id, idx),
    KEY awaiting_place (plan_id, idx, since)
  ) ${table}`,

  // key_id is what a report is taken out by; carrier_id the id as the report has it, where that is not the same
  `CREATE TABLE parked (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    channel_id INT NOT NULL,
    key_id VARCHAR(255) NOT NULL,
    carrier_id VARCHAR(255),
    recipient BIGINT,
    state VARCHAR(20) NOT NULL,
    error TEXT NOT NULL,
    user_reference INT UNSIGNED,
    repeated TINYINT UNSIGNED NOT NULL,
    at BIGINT NOT NULL,
    KEY parked_key (channel_id, key_id),
    KEY parked_recipient (recipient),
    KEY parked_at (at)
  ) ${table}`,

  `CREATE TABLE orphan (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    channel_id INT NOT NULL,
    carrier_id VARCHAR(255) NOT NULL,
    recipient BIGINT,
    state VARCHAR(20) NOT NULL,
    error TEXT NOT NULL,
    at BIGINT NOT NULL,
    KEY orphan_of_channel (channel_id, id),
    KEY orphan_at (at)
  ) ${table}`,

  // a row for the reports that were recorded together
  `CREATE TABLE report_log (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at BIGINT NOT NULL,
    hashes MEDIUMBLOB NOT NULL,
    body MEDIUMBLOB NOT NULL,
    KEY report_log_at (at)
  ) ${table}`,
];
