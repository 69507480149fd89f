/** Indexes by which inbound messages are found newest first, and the audit log from a time on. */
export const newestFirst = (): readonly string[] => [
  `ALTER TABLE inbound ADD KEY inbound_from (sender, id), ADD KEY inbound_to (receiver, id), ADD KEY inbound_kind (kind, id),
     ADD KEY inbound_of_business_kind (business_id, kind, id)`,
  'ALTER TABLE audit ADD KEY audit_at (at)',
];
