/** People who sign in to the console, their sessions, and links by which others become members. */
export const people = (table: string): readonly string[] => [
  `CREATE TABLE member (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     -- NULL: of the staff
     business_id BIGINT,
     name VARCHAR(255) NOT NULL,
     role VARCHAR(40) NOT NULL,
     password_hash VARCHAR(255) NOT NULL,
     disabled TINYINT NOT NULL DEFAULT 0,
     must_change TINYINT NOT NULL,
     totp_secret VARBINARY(255),
     totp_pending VARBINARY(255),
     totp_step BIGINT NOT NULL DEFAULT 0,
     created_at BIGINT NOT NULL,
     signed_in_at BIGINT,
     UNIQUE KEY member_name (name),
     KEY member_of_business (business_id, id)
   ) ${table}`,
  `CREATE TABLE session (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     token_hash VARBINARY(64) NOT NULL,
     -- one of the two: a member's, or a business's own
     member_id BIGINT,
     business_id BIGINT,
     created_at BIGINT NOT NULL,
     seen_at BIGINT NOT NULL,
     expires_at BIGINT NOT NULL,
     address VARCHAR(255) NOT NULL,
     agent TEXT NOT NULL,
     UNIQUE KEY session_token (token_hash),
     KEY session_of_member (member_id, id),
     KEY session_of_business (business_id, id)
   ) ${table}`,
  `CREATE TABLE invite (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     token_hash VARBINARY(64) NOT NULL,
     business_id BIGINT,
     name VARCHAR(255) NOT NULL,
     role VARCHAR(40) NOT NULL,
     created_at BIGINT NOT NULL,
     expires_at BIGINT NOT NULL,
     UNIQUE KEY invite_token (token_hash),
     UNIQUE KEY invite_name (name),
     KEY invite_of_business (business_id, id)
   ) ${table}`,
];
