/** Messages from handsets, whose numbers and keywords they come in on, and recipients that are not written to. */
export const inbound = (table: string): readonly string[] => [
  `CREATE TABLE inbound (
    id BIGINT NOT NULL PRIMARY KEY,
    channel_id INT NOT NULL,
    business_id INT,
    sender VARCHAR(64) NOT NULL,
    receiver VARCHAR(64) NOT NULL,
    parts SMALLINT UNSIGNED NOT NULL,
    missing SMALLINT UNSIGNED NOT NULL,
    kind TINYINT UNSIGNED NOT NULL,
    keyword VARCHAR(255) NOT NULL,
    reply_plan_id BIGINT,
    reply_error TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    text MEDIUMTEXT NOT NULL,
    KEY inbound_of_business (business_id, id)
  ) ${table}`,

  // what was taken in the last hour, to know it when a carrier delivers it again
  `CREATE TABLE inbound_seen (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    channel_id INT NOT NULL,
    fingerprint BIGINT NOT NULL,
    at BIGINT NOT NULL,
    taken_at BIGINT NOT NULL
  ) ${table}`,

  // the text is UTF-16: a surrogate pair may be cut
  `CREATE TABLE inbound_part (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    channel_id INT NOT NULL,
    sender VARCHAR(64) NOT NULL,
    receiver VARCHAR(64) NOT NULL,
    reference INT UNSIGNED NOT NULL,
    total SMALLINT UNSIGNED NOT NULL,
    idx SMALLINT UNSIGNED NOT NULL,
    text MEDIUMBLOB NOT NULL,
    at BIGINT NOT NULL,
    KEY inbound_part_of (channel_id, sender, receiver, reference, total)
  ) ${table}`,

  // automatic replies of the last hour
  `CREATE TABLE auto_reply (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    business_id INT NOT NULL,
    keyword_id INT NOT NULL,
    recipient BIGINT NOT NULL,
    at BIGINT NOT NULL,
    KEY auto_reply_to (business_id, recipient)
  ) ${table}`,

  // channel -1: on any
  `CREATE TABLE inbound_number (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    number VARCHAR(64) NOT NULL,
    prefix TINYINT UNSIGNED NOT NULL,
    channel_id INT NOT NULL,
    business_id INT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE KEY inbound_number_once (number, prefix, channel_id),
    KEY inbound_number_of_business (business_id, id)
  ) ${table}`,

  `CREATE TABLE keyword (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    business_id INT NOT NULL,
    word VARCHAR(255) NOT NULL,
    shared TINYINT UNSIGNED NOT NULL,
    template_id INT,
    created_at BIGINT NOT NULL,
    UNIQUE KEY keyword_once (word, business_id),
    KEY keyword_of_business (business_id, id)
  ) ${table}`,

  // list: the codes of domain/listed.ts; business 0: the whole installation
  `CREATE TABLE listed (
    list TINYINT UNSIGNED NOT NULL,
    business_id INT NOT NULL,
    recipient BIGINT NOT NULL,
    since BIGINT NOT NULL,
    source VARCHAR(20) NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (list, business_id, recipient)
  ) ${table}`,

  // the last changes of lists, so that every process hears of those that others made; seq: the transaction
  `CREATE TABLE list_change (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    seq BIGINT NOT NULL,
    list TINYINT UNSIGNED NOT NULL,
    business_id INT NOT NULL,
    recipient BIGINT NOT NULL,
    listed TINYINT UNSIGNED NOT NULL,
    KEY list_change_seq (seq, id)
  ) ${table}`,

  // NULL: the usual words
  `CREATE TABLE opt_words (business_id INT NOT NULL PRIMARY KEY, opt_out TEXT, opt_in TEXT) ${table}`,
];
