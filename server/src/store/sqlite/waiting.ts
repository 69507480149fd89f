import { messageCode } from '../../domain/message.ts';

const ACCEPTED = messageCode('accepted');
const QUEUED = messageCode('queued');

/** Messages that wait to be sent, for the first time or again. */
export const WAITING = `state IN (${ACCEPTED}, ${QUEUED})`;

/** Messages that wait and that no retry speaks of. @param message the name of their table in the statement */
export const unspoken = (message: string): string =>
  `(${message}.state = ${ACCEPTED} OR ${message}.state = ${QUEUED} AND NOT EXISTS
    (SELECT 1 FROM retry r WHERE r.plan_id = ${message}.plan_id AND r.idx = ${message}.idx))`;
