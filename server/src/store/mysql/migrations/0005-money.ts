/** What was paid, what is charged, and what requests have asked for before. */
export const money = (table: string): readonly string[] => [
  `CREATE TABLE ledger_entry (
     business_id BIGINT NOT NULL,
     id BIGINT NOT NULL,
     plan_id BIGINT,
     kind TINYINT NOT NULL,
     credits BIGINT NOT NULL,
     available_after BIGINT NOT NULL,
     reserved_after BIGINT NOT NULL,
     reason TEXT NOT NULL,
     at BIGINT NOT NULL,
     PRIMARY KEY (business_id, id)
   ) ${table}`,
  `CREATE TABLE price (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     -- 0: of the installation
     business_id BIGINT NOT NULL,
     prefix VARCHAR(20) NOT NULL,
     -- 0: any
     category TINYINT NOT NULL,
     valid_from BIGINT NOT NULL,
     credits BIGINT NOT NULL,
     created_at BIGINT NOT NULL,
     UNIQUE KEY price_of (business_id, prefix, category, valid_from)
   ) ${table}`,
  `CREATE TABLE channel_cost (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     channel_id BIGINT NOT NULL,
     prefix VARCHAR(20) NOT NULL,
     -- 0: any
     category TINYINT NOT NULL,
     valid_from BIGINT NOT NULL,
     micros BIGINT NOT NULL,
     currency CHAR(3) NOT NULL,
     created_at BIGINT NOT NULL,
     UNIQUE KEY channel_cost_of (channel_id, prefix, category, valid_from)
   ) ${table}`,
  `CREATE TABLE idempotency (
     business_id BIGINT NOT NULL,
     route VARCHAR(100) NOT NULL,
     request_key VARCHAR(255) NOT NULL,
     body_hash CHAR(64) NOT NULL,
     answer MEDIUMTEXT NOT NULL,
     at BIGINT NOT NULL,
     PRIMARY KEY (business_id, route, request_key),
     KEY idempotency_at (at)
   ) ${table}`,
  // Messages by the hour, category 0: of all categories. The day leads, so that a day's rows are written near each other and
  // go together.
  `CREATE TABLE frequency_hour (
     day INT NOT NULL,
     business_id BIGINT NOT NULL,
     category TINYINT NOT NULL,
     recipient BIGINT NOT NULL,
     hour INT NOT NULL,
     count INT NOT NULL,
     PRIMARY KEY (day, business_id, category, recipient, hour)
   ) ${table}`,
];
