/** What transactions tell the processes that write beside them, for a minute. */
export const notices = (table: string): readonly string[] => [
  `CREATE TABLE notice (
     -- of the transaction: turn.seq after it
     seq BIGINT PRIMARY KEY,
     process CHAR(16) NOT NULL,
     body MEDIUMTEXT NOT NULL,
     at BIGINT NOT NULL
   ) ${table}`,
];
