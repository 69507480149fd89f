import { type Answer, NoAnswer } from '../client.ts';
import { CommandFailed } from '../failure.ts';
import type { World } from '../world.ts';

/** How to wait for a server that is away. */
export interface Patience {
  /** Told once when waiting begins. */
  note(text: string): void;
  interrupted: AbortSignal;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** A defect that stays is not worth waiting for. */
const DEFECT_ATTEMPTS = 8;
/** Answers of a server, or of a proxy before it, that pass with time. */
const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Asks until there is an answer worth having. Only for what may be asked again.
 * @throws CommandFailed when it is stopped, or a defect stays
 */
export async function askPatiently(
  ask: () => Promise<Answer>,
  world: World,
  { note, interrupted }: Patience,
): Promise<Answer> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let attempt = 1; ; attempt++) {
    if (interrupted.aborted) throw stopped();
    const answer = await ask().catch(awayAsAnswer);
    if (answer.status !== 0 && !PASSING.has(answer.status)) {
      if (attempt > 1) note('the server answers again');
      return answer;
    }
    if (interrupted.aborted) throw stopped();
    const why = answer.status === 0 ? String(answer.body) : `the server answers ${answer.status}`;
    if (answer.status === 500 && attempt >= DEFECT_ATTEMPTS) {
      throw new CommandFailed(why, "See the server's log; later the same command goes on where it stopped.", {
        code: 'defect',
      });
    }
    if (attempt === 1) note(`${why}; waiting for it, Ctrl-C stops`);
    await world.wait(answer.retryAfterS === null ? pauseMs : answer.retryAfterS * 1000, interrupted);
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** The code of a refusal; undefined for other answers. */
export const codeOf = (answer: Answer): unknown => (answer.body as { code?: unknown } | null)?.code;

function awayAsAnswer(error: unknown): Answer {
  if (error instanceof NoAnswer) return { status: 0, retryAfterS: null, body: error.message };
  throw error;
}

const stopped = (): CommandFailed =>
  new CommandFailed('stopped', 'Run the same command again: it goes on where it stopped.', { code: 'interrupted' });
