/** The processes of an installation, and what one of them does at a time (leases/mysql.ts). Times by the server's clock. */
export const leases = (table: string): readonly string[] => [
  `CREATE TABLE node (
     id CHAR(16) PRIMARY KEY,
     roles VARCHAR(60) NOT NULL,
     host VARCHAR(255) NOT NULL,
     pid BIGINT NOT NULL,
     version VARCHAR(60) NOT NULL,
     started_at BIGINT NOT NULL,
     seen_at BIGINT NOT NULL,
     -- of its busiest thread, in thousandths
     busy INT NOT NULL
   ) ${table}`,
  `CREATE TABLE lease (
     name VARCHAR(60) PRIMARY KEY,
     owner CHAR(16) NULL,
     epoch BIGINT NOT NULL,
     -- the last epoch whose owner has settled what those before it left
     settled BIGINT NOT NULL,
     until_at BIGINT NOT NULL,
     -- JSON: what the owner tells others
     facts MEDIUMTEXT NULL
   ) ${table}`,
];
