/** Who sends, with what they pay from, and the keys they come in with. */
export const accounts = (table: string): readonly string[] => [
  `CREATE TABLE business (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     name VARCHAR(255) NOT NULL,
     suspended TINYINT NOT NULL DEFAULT 0,
     admin TINYINT NOT NULL,
     password_hash VARCHAR(255) NOT NULL,
     default_country VARCHAR(2) NOT NULL,
     time_zone VARCHAR(100) NOT NULL,
     weight INT NOT NULL DEFAULT 1,
     available BIGINT NOT NULL DEFAULT 0,
     reserved BIGINT NOT NULL DEFAULT 0,
     -- NULL: it does not want to hear of it
     low_balance BIGINT,
     pay_on_delivery TINYINT NOT NULL DEFAULT 0,
     created_at BIGINT NOT NULL,
     UNIQUE KEY business_name (name),
     CONSTRAINT business_available CHECK (available >= 0),
     CONSTRAINT business_reserved CHECK (reserved >= 0)
   ) ${table}`,
  `CREATE TABLE credential (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     business_id BIGINT NOT NULL,
     access_key VARCHAR(255) NOT NULL,
     secret_hash VARBINARY(64) NOT NULL,
     description TEXT NOT NULL,
     permissions TEXT NOT NULL,
     disabled TINYINT NOT NULL DEFAULT 0,
     expires_at BIGINT,
     allowed_addresses TEXT NOT NULL,
     created_at BIGINT NOT NULL,
     last_used_at BIGINT,
     UNIQUE KEY credential_key (access_key),
     KEY credential_of_business (business_id)
   ) ${table}`,
];
