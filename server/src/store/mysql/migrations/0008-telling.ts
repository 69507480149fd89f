/** Webhooks and what they are owed; figures. */
export const telling = (table: string): readonly string[] => [
  `CREATE TABLE webhook (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    business_id INT NOT NULL,
    url TEXT NOT NULL,
    callbacks TEXT NOT NULL,
    username TEXT NOT NULL,
    secret TEXT NOT NULL,
    authorization TEXT NOT NULL,
    description TEXT NOT NULL,
    disabled TINYINT UNSIGNED NOT NULL DEFAULT 0,
    failures INT UNSIGNED NOT NULL DEFAULT 0,
    retry_at BIGINT,
    waiting INT NOT NULL DEFAULT 0,
    fed_event BIGINT NOT NULL,
    fed_rows INT UNSIGNED NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    KEY webhook_of_business (business_id)
  ) ${table}`,

  `CREATE TABLE webhook_delivery (
    id BIGINT NOT NULL PRIMARY KEY,
    webhook_id INT NOT NULL,
    state TINYINT UNSIGNED NOT NULL DEFAULT 0,
    row_count INT UNSIGNED NOT NULL,
    try_count SMALLINT UNSIGNED NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    since BIGINT NOT NULL,
    done_at BIGINT,
    tries MEDIUMTEXT NOT NULL,
    pieces MEDIUMTEXT NOT NULL,
    KEY webhook_delivery_of (webhook_id, id),
    KEY webhook_delivery_in (webhook_id, state, id),
    KEY webhook_delivery_state (state, id)
  ) ${table}`,

  // -1: no channel, 0: the built-in simulator; empty: no country, no currency
  `CREATE TABLE figure (
    business_id INT NOT NULL,
    quarter INT UNSIGNED NOT NULL,
    channel_id INT NOT NULL,
    country VARCHAR(8) NOT NULL,
    category TINYINT UNSIGNED NOT NULL,
    template_id INT NOT NULL,
    currency VARCHAR(8) NOT NULL,
    sent BIGINT NOT NULL,
    delivered BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    settled BIGINT NOT NULL,
    refunded BIGINT NOT NULL,
    cost BIGINT NOT NULL,
    PRIMARY KEY (business_id, quarter, channel_id, country, category, template_id, currency),
    KEY figure_quarter (quarter)
  ) ${table}`,

  // how far events have been counted: feed 0 counts what happens, another counts some quarters again
  `CREATE TABLE figure_feed (
    id INT NOT NULL PRIMARY KEY,
    event_id BIGINT NOT NULL,
    until_event BIGINT,
    from_quarter INT UNSIGNED,
    to_quarter INT UNSIGNED
  ) ${table}`,
  'INSERT IGNORE INTO figure_feed (id, event_id) VALUES (0, 0)',
];
