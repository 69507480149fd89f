/**
 * Requests to send, and what is known of them beside. Neither MySQL nor MariaDB has indexes of some rows only, so the few
 * plans that are open, pending, ending or counted later stand in `plan_place`, in the order in which they are looked for;
 * however many plans there have been, it stays small.
 */
export const plans = (table: string): readonly string[] => [
  `CREATE TABLE plan (
     id BIGINT PRIMARY KEY,
     uuid CHAR(36),
     business_id BIGINT NOT NULL,
     dialect TINYINT NOT NULL,
     name VARCHAR(255) NOT NULL,
     category TINYINT NOT NULL,
     template_id BIGINT NOT NULL,
     signature_id BIGINT,
     content_id BIGINT NOT NULL,
     state TINYINT NOT NULL,
     total INT NOT NULL,
     accepted INT NOT NULL,
     invalid INT NOT NULL,
     stopped INT NOT NULL,
     sendable INT NOT NULL,
     messages_left INT NOT NULL,
     -- of each message; NULL when they differ
     segments INT,
     custom_args TEXT,
     created_at BIGINT NOT NULL,
     start_at BIGINT,
     started_at BIGINT,
     expires_at BIGINT NOT NULL,
     -- when its messages last counted towards frequency limits, where that is not when it was made
     counted_at BIGINT,
     done_at BIGINT,
     KEY plan_of_business (business_id, id)
   ) ${table} PARTITION BY RANGE (id) (PARTITION rest VALUES LESS THAN MAXVALUE)`,
  `CREATE TABLE plan_place (
     -- 1 to 3: open plans of a category, by when they expire; 4: pending ones, by when they start; 5: cancelled ones of which
     -- not everything has ended (at 0); 6: those with a counted_at, by that
     list TINYINT NOT NULL,
     at BIGINT NOT NULL,
     plan_id BIGINT NOT NULL,
     PRIMARY KEY (list, at, plan_id)
   ) ${table}`,
  // What is being done to all messages of a plan, a bounded range at a time, from next_index on.
  `CREATE TABLE sweep (
     plan_id BIGINT PRIMARY KEY,
     -- NULL: they become sendable; otherwise those that wait end in this state
     end_state TINYINT,
     error TEXT NOT NULL,
     next_index INT NOT NULL
   ) ${table}`,
  `CREATE TABLE draft (
     plan_id BIGINT PRIMARY KEY,
     business_id BIGINT NOT NULL,
     -- NULL once it was confirmed
     expires_at BIGINT,
     credits BIGINT NOT NULL,
     -- what the file was found to hold, as JSON
     summary MEDIUMTEXT NOT NULL,
     KEY draft_open (business_id, expires_at),
     KEY draft_expires (expires_at)
   ) ${table}`,
  // Rows of the file that are not sent, some thousands of lines of CSV a row.
  `CREATE TABLE draft_rejected (
     plan_id BIGINT NOT NULL,
     piece INT NOT NULL,
     csv MEDIUMTEXT NOT NULL,
     PRIMARY KEY (plan_id, piece)
   ) ${table}`,
];
