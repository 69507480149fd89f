/** What may be said, by whom, and over which ways. */
export const catalog = (table: string): readonly string[] => [
  `CREATE TABLE signature (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     business_id BIGINT NOT NULL,
     text TEXT NOT NULL,
     source TEXT NOT NULL,
     pics MEDIUMTEXT NOT NULL,
     review TINYINT NOT NULL,
     reject_reason TEXT NOT NULL,
     version INT NOT NULL,
     created_at BIGINT NOT NULL,
     updated_at BIGINT NOT NULL,
     deleted_at BIGINT,
     KEY signature_of_business (business_id, id),
     KEY signature_by_review (review, id)
   ) ${table}`,
  `CREATE TABLE template (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     business_id BIGINT NOT NULL,
     signature_id BIGINT,
     placement TINYINT NOT NULL,
     name TEXT NOT NULL,
     text TEXT NOT NULL,
     category TINYINT NOT NULL,
     description TEXT NOT NULL,
     country_codes TEXT NOT NULL,
     review TINYINT NOT NULL,
     reject_reason TEXT NOT NULL,
     version INT NOT NULL,
     created_at BIGINT NOT NULL,
     updated_at BIGINT NOT NULL,
     deleted_at BIGINT,
     KEY template_of_business (business_id, id),
     KEY template_of_signature (signature_id),
     KEY template_by_review (review, id)
   ) ${table}`,
  `CREATE TABLE content (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     template_id BIGINT,
     template_text TEXT NOT NULL,
     signature_text TEXT NOT NULL,
     placement TINYINT NOT NULL,
     brackets TINYINT NOT NULL,
     category TINYINT NOT NULL,
     created_at BIGINT NOT NULL
   ) ${table}`,
  `CREATE TABLE channel (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     name VARCHAR(255) NOT NULL,
     kind VARCHAR(20) NOT NULL,
     enabled TINYINT NOT NULL,
     settings MEDIUMTEXT NOT NULL,
     created_at BIGINT NOT NULL,
     updated_at BIGINT NOT NULL,
     UNIQUE KEY channel_name (name)
   ) ${table}`,
  `CREATE TABLE route (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     -- from 1, without gaps
     position INT NOT NULL,
     name VARCHAR(255) NOT NULL,
     enabled TINYINT NOT NULL,
     -- conditions, targets, fallback and stickiness, as JSON
     settings MEDIUMTEXT NOT NULL,
     created_at BIGINT NOT NULL,
     updated_at BIGINT NOT NULL,
     UNIQUE KEY route_name (name)
   ) ${table}`,
];
