/** What reviewers look at: the last approved version of what waits, and pictures given as proofs. */
export const reviewMaterial = (table: string): readonly string[] => [
  `CREATE TABLE approved_version (
     -- domain/review.ts
     kind TINYINT NOT NULL,
     item_id BIGINT NOT NULL,
     version INT NOT NULL,
     body MEDIUMTEXT NOT NULL,
     at BIGINT NOT NULL,
     PRIMARY KEY (kind, item_id)
   ) ${table}`,
  `CREATE TABLE picture (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     business_id BIGINT NOT NULL,
     type VARCHAR(40) NOT NULL,
     octets MEDIUMBLOB NOT NULL,
     created_at BIGINT NOT NULL,
     KEY picture_of_business (business_id)
   ) ${table}`,
];
