import { FINAL, type MessageState } from '../../domain/message.ts';
import { idOfUuid } from '../../lib/ids.ts';
import type { ApiClient } from '../client.ts';
import { CommandFailed } from '../failure.ts';
import { grouped } from '../output.ts';
import type { World } from '../world.ts';
import { askPatiently, type Patience } from './patience.ts';
import { Progress } from './progress.ts';

type Counts = Partial<Record<MessageState, number>>;

const LOOK_EVERY_MS = 500;
/** Plans looked at each time, oldest first: they end in about the order they were made. */
const PLANS_PER_LOOK = 20;

/** Waits until every message of these plans is final; returns how many ended in which state. */
export async function follow(
  uuids: readonly string[],
  messages: number,
  client: ApiClient,
  world: World,
  interrupted: AbortSignal,
): Promise<Counts> {
  const progress = new Progress(world, messages, 'messages');
  const patience: Patience = { note: (text) => progress.note(text), interrupted };
  const open = new Map(uuids.map((uuid) => [uuid, {} as Counts]));
  const ended: Counts = {};
  try {
    while (open.size > 0) {
      for (const uuid of [...open.keys()].slice(0, PLANS_PER_LOOK)) {
        const plan = await askPatiently<{ counts: Counts }>(client, world, patience, `/plans/${idOfUuid(uuid)}`);
        if (plan === null) {
          throw new CommandFailed(
            'this key may not look at plans',
            'Use one with the permission "read", or leave --wait out.',
          );
        }
        open.set(uuid, plan.counts);
        if (!isFinal(plan.counts)) continue;
        add(ended, plan.counts);
        open.delete(uuid);
      }
      const now = { ...ended };
      for (const counts of open.values()) add(now, counts);
      progress.update(finalOf(now), `${grouped(now.delivered ?? 0)} delivered`);
      if (open.size > 0) await world.wait(LOOK_EVERY_MS, interrupted);
    }
    return ended;
  } finally {
    progress.stop();
  }
}

function isFinal(counts: Counts): boolean {
  return Object.entries(counts).every(([state, count]) => count === 0 || FINAL.includes(state as MessageState));
}

function finalOf(counts: Counts): number {
  return FINAL.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
}

function add(to: Counts, counts: Counts): void {
  for (const [state, count] of Object.entries(counts) as [MessageState, number][]) to[state] = (to[state] ?? 0) + count;
}
