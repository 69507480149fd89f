/**
 * The right to write (turn.ts) and the last transaction of each process that writes. Times are milliseconds since 1970;
 * states, kinds and categories are the codes of `domain/`.
 */
export const turn = (table: string): readonly string[] => [
  `CREATE TABLE schema_version (
     id TINYINT PRIMARY KEY,
     version INT NOT NULL,
     -- of the next version: statements that were run
     step INT NOT NULL
   ) ${table}`,
  `CREATE TABLE turn (
     id TINYINT PRIMARY KEY,
     -- transactions that were committed
     seq BIGINT NOT NULL,
     -- no time-ordered id above it has been given out
     last_id BIGINT NOT NULL,
     -- the last transaction that changed opt-outs or blacklists
     lists_seq BIGINT NOT NULL,
     -- the last of these whose changes list_change does not tell any more
     lists_from BIGINT NOT NULL
   ) ${table}`,
  'INSERT IGNORE INTO turn (id, seq, last_id, lists_seq, lists_from) VALUES (1, 0, 0, 0, 0)',
  `CREATE TABLE writer (
     id CHAR(16) PRIMARY KEY,
     -- its last transaction
     seq BIGINT NOT NULL,
     at BIGINT NOT NULL
   ) ${table}`,
  `CREATE TABLE installation (name VARCHAR(100) PRIMARY KEY, value TEXT NOT NULL) ${table}`,
];
