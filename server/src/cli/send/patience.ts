import { type Answer, type ApiClient, NoAnswer } from '../client.ts';
import { CommandFailed } from '../failure.ts';
import type { World } from '../world.ts';

/** How to wait for a server that is away. */
export interface Patience {
  /** Told once when waiting begins. */
  note(text: string): void;
  interrupted: AbortSignal;
}

const PAUSE_MS = 1_000;

/**
 * A native GET that outlasts a server that is away.
 * @returns the answer's body; null when the key may not read it
 */
export async function askPatiently<T>(
  client: ApiClient,
  world: World,
  patience: Patience,
  path: string,
): Promise<T | null> {
  for (let attempt = 1; ; attempt++) {
    const answer = await client.exchange('GET', `/api/v1${path}`).catch(awayAsAnswer);
    if (answer.status === 200) return answer.body as T;
    if (answer.status === 403 && codeOf(answer) === 'permissionMissing') return null;
    if (answer.status !== 0 && answer.status !== 429 && answer.status !== 503) throw client.refused(answer);
    if (attempt === 1)
      patience.note(
        `${answer.status === 0 ? answer.body : `the server answers ${answer.status}`}; waiting for it, Ctrl-C stops`,
      );
    await world.wait((answer.retryAfterS ?? 0) * 1000 || PAUSE_MS, patience.interrupted);
    if (patience.interrupted.aborted)
      throw new CommandFailed('stopped', 'Run the same command again: it goes on where it stopped.', {
        code: 'interrupted',
      });
  }
}

function awayAsAnswer(error: unknown): Answer {
  if (error instanceof NoAnswer) return { status: 0, retryAfterS: null, body: error.message };
  throw error;
}

function codeOf(answer: Answer): unknown {
  return (answer.body as { code?: unknown } | null)?.code;
}
