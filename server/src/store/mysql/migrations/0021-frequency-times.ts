/** When recipients were counted lately, where frequency limits are kept in the store: an hour leads, and goes as a whole. */
export const frequencyTimes = (table: string): readonly string[] => [
  `CREATE TABLE frequency_time (
     hour INT NOT NULL,
     business_id BIGINT NOT NULL,
     -- 0: of all categories
     category TINYINT NOT NULL,
     recipient BIGINT NOT NULL,
     -- milliseconds from the hour's beginning, JSON
     times MEDIUMTEXT NOT NULL,
     PRIMARY KEY (hour, business_id, category, recipient)
   ) ${table}`,
];
