/** Every change somebody made, in the order of the commits. */
export const audit = (table: string): readonly string[] => [
  `CREATE TABLE audit (
     id BIGINT PRIMARY KEY AUTO_INCREMENT,
     at BIGINT NOT NULL,
     by_kind VARCHAR(40) NOT NULL,
     -- NULL: the house
     by_id BIGINT,
     by_name VARCHAR(255) NOT NULL,
     staff TINYINT NOT NULL,
     address VARCHAR(255) NOT NULL,
     via VARCHAR(40) NOT NULL,
     action VARCHAR(100) NOT NULL,
     object VARCHAR(40) NOT NULL,
     object_id VARCHAR(100) NOT NULL,
     -- NULL: the installation's
     business_id BIGINT,
     -- JSON; NULL: there is nothing to tell
     view_before MEDIUMTEXT,
     view_after MEDIUMTEXT,
     KEY audit_of_business (business_id, id),
     KEY audit_of_object (object, object_id, id),
     KEY audit_by (by_kind, by_id, id),
     KEY audit_action (action, id)
   ) ${table}`,
];
