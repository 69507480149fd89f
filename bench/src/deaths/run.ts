import { type Deaths, haveEngines, measureDeaths } from './deaths.ts';
import type { EngineDeath } from './dying.ts';

const MESSAGES = 50_000;
const KILLS = 20;
const SEED = 5;

/** Each engine in order and by force, long enough for leases to end where they are kept, and with everything it had. */
const ENGINES: readonly EngineDeath[] = [
  { engine: 'mariadb', signal: 'SIGTERM', lost: false, awayMs: 2_000 },
  { engine: 'mariadb', signal: 'SIGKILL', lost: false, awayMs: 0 },
  { engine: 'mariadb', signal: 'SIGKILL', lost: false, awayMs: 20_000 },
  { engine: 'rabbitmq', signal: 'SIGTERM', lost: false, awayMs: 2_000 },
  { engine: 'rabbitmq', signal: 'SIGKILL', lost: false, awayMs: 0 },
  { engine: 'rabbitmq', signal: 'SIGKILL', lost: true, awayMs: 20_000 },
  { engine: 'redis', signal: 'SIGTERM', lost: false, awayMs: 2_000 },
  { engine: 'redis', signal: 'SIGKILL', lost: true, awayMs: 20_000 },
];

/** 50,000 messages, while processes are killed 20 times and every engine at least twice; null: the engines are not here. */
export async function runDeaths(scale: number, workDir: string, say: (line: string) => void): Promise<Deaths | null> {
  if (!haveEngines()) return null;
  const seed = Number(process.env.DEATHS_SEED ?? SEED);
  const messages = Math.ceil(MESSAGES * scale);
  const result = await measureDeaths({
    messages,
    kills: Math.ceil(KILLS * scale),
    engines: ENGINES,
    seed,
    workDir,
    say,
  });
  const broken = [...result.lost, ...result.wronglyCharged, ...result.unflagged, ...result.ledgerFaults];
  if (broken.length > 0)
    throw new Error(`${broken.length} messages are lost, doubled or wrongly charged: ${broken[0]}`);
  return result;
}
