import { FINAL, type MessageState } from '../../domain/message.ts';
import type { ApiClient } from '../client.ts';
import { CommandFailed } from '../failure.ts';
import { grouped } from '../output.ts';
import type { World } from '../world.ts';
import { askPatiently, codeOf, type Patience } from './patience.ts';
import { Progress } from './progress.ts';

type Counts = Partial<Record<MessageState, number>>;

const LOOK_EVERY_MS = 500;

/** Waits until every message of a plan is final; returns how many ended in which state. */
export async function follow(
  planId: number,
  messages: number,
  client: ApiClient,
  world: World,
  interrupted: AbortSignal,
): Promise<Counts> {
  const progress = new Progress(world, messages, 'messages');
  const patience: Patience = { note: (text) => progress.note(text), interrupted };
  try {
    for (;;) {
      const answer = await askPatiently(() => client.exchange('GET', `/api/v1/plans/${planId}`), world, patience);
      if (codeOf(answer) === 'permissionMissing') {
        throw new CommandFailed(
          'this key may not look at plans',
          'Use one with the permission "read", or leave --wait out.',
        );
      }
      if (answer.status !== 200) throw client.refused(answer);
      const { counts } = answer.body as { counts: Counts };
      const final = FINAL.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
      progress.update(final, `${grouped(counts.delivered ?? 0)} delivered`);
      if (final >= messages) return counts;
      await world.wait(LOOK_EVERY_MS, interrupted);
    }
  } finally {
    progress.stop();
  }
}
