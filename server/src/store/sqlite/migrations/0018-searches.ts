/**
 * What people search for among very many: messages that ended otherwise than most, plans in states that few are in, events
 * of kinds that are rare, deliveries that were given up. Each index holds only those, so that the usual message is in none.
 */
export const searches = `
CREATE INDEX message_unusual ON message (state, plan_id, idx) WHERE state NOT IN (0, 1, 2, 3, 4, 13);
CREATE INDEX plan_cancelled ON plan (id) WHERE state = 5;
CREATE INDEX plan_draft ON plan (id) WHERE state = 6;
CREATE INDEX event_rare ON event (kind, id) WHERE kind NOT IN ('message.state', 'plan.state', 'inbound.received');
CREATE INDEX webhook_delivery_dead ON webhook_delivery (webhook_id, id) WHERE state = 2;
`;
