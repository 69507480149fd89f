/** What a process does, as it tells those who look after the installation (leases/mysql.ts): JSON. */
export const nodeFacts = (): readonly string[] => ['ALTER TABLE node ADD COLUMN facts MEDIUMTEXT NULL'];
