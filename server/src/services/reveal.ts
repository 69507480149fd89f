import { must } from '../domain/refusals.ts';
import { type ActorRef, single } from './verb.ts';

/**
 * Says that numbers are about to be shown whole to whoever asks: what matters is its entry in the audit log.
 * @throws Refused (permissionMissing)
 */
export const noteReveal = single(
  async (
    _tx,
    _ctx,
    input: {
      actor: ActorRef;
      /** What was asked for: method, path and query. */
      request: string;
    },
  ): Promise<null> => {
    const may = input.actor.session?.permissions.includes('numbers:reveal');
    must(may, { code: 'permissionMissing', permission: 'numbers:reveal' });
    return null;
  },
);
