import { messageCode, USUAL } from '../../../domain/message.ts';

const USUAL_CODES = USUAL.map(messageCode).join(', ');

/**
 * What people search for among very many. Neither MySQL nor MariaDB has indexes of some rows only, so messages that ended
 * otherwise than most stand in a table of their own, by state, for everybody and by business: the usual message is in none.
 * Drafts and cancelled plans stand in `plan_place` (lists 7 and 8, at 0).
 */
export const searches = (table: string): readonly string[] => [
  // A message that has left the state stays here; whoever looks asks the message. business_id as in `plan`.
  `CREATE TABLE message_unusual (
     state TINYINT UNSIGNED NOT NULL,
     plan_id BIGINT NOT NULL,
     idx INT UNSIGNED NOT NULL,
     business_id BIGINT NOT NULL,
     PRIMARY KEY (state, plan_id, idx),
     KEY message_unusual_of (business_id, state, plan_id, idx)
   ) ${table} PARTITION BY RANGE (plan_id) (PARTITION rest VALUES LESS THAN MAXVALUE)`,
  `INSERT IGNORE INTO message_unusual (state, plan_id, idx, business_id)
   SELECT m.state, m.plan_id, m.idx, p.business_id FROM message m JOIN plan p ON p.id = m.plan_id
   WHERE m.state NOT IN (${USUAL_CODES})`,
  `INSERT IGNORE INTO plan_place (list, at, plan_id)
   SELECT IF(state = 6, 7, 8), 0, id FROM plan WHERE state IN (5, 6)`,
];
