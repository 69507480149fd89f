/** Parts that waited long are found from the oldest plan on. */
export const oldParts = `
CREATE INDEX awaiting_receipt_place ON awaiting_receipt (plan_id, idx, since);
`;
