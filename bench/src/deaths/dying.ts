import { seededRandom } from '@signet/smpp/simulator';
import { monotonicMs, sleep, waitUntil } from '../lib/time.ts';
import type { Prepared } from '../peers/signet.ts';
import type { Engine } from '../servers/engine.ts';
import { askWithoutStore, sendWithout, type ToldAway } from './away.ts';
import type { Carriers } from './carriers.ts';
import type { Installation, Node } from './installation.ts';
import type { Load } from './load.ts';
import { type Recovery, recovery } from './recovery.ts';

/** Where in its share of the messages something dies. */
const POINT = { from: 0.1, to: 0.7 };
const REACHED_LIMIT_MS = 300_000;

/** What can die. */
export type Part = 'api' | 'worker' | 'mariadb' | 'rabbitmq' | 'redis';

/** How an engine dies. */
export interface EngineDeath {
  engine: 'mariadb' | 'rabbitmq' | 'redis';
  signal: 'SIGTERM' | 'SIGKILL';
  /** Whether everything it had is lost. */
  lost: boolean;
  /** From its end to the command that starts it again. */
  awayMs: number;
}

/** One death, and what followed. */
export interface Death extends Recovery {
  part: Part;
  /** For people. */
  what: string;
  /** Messages the carriers had. */
  at: number;
  /** From the end of an engine until it served again; 0 of a process, whose start belongs to its recovery. */
  awayMs: number;
  /** What programs were told while an engine was away. */
  told: ToldAway | null;
}

export interface DyingSetting {
  messages: number;
  /** kill -9 of one of the four processes. */
  kills: number;
  engines: readonly EngineDeath[];
  seed: number;
  say(line: string): void;
}

/** Lets one part after the other die while messages are sent, each at a random point of its share of them. */
export async function letDie(
  house: { installation: Installation; carriers: Carriers; load: Load; names: Prepared },
  setting: DyingSetting,
): Promise<Death[]> {
  const { carriers, load } = house;
  const random = seededRandom(setting.seed);
  const plan = shuffled<EngineDeath | null>([...setting.engines, ...Array(setting.kills).fill(null)], random);
  const share = setting.messages / (plan.length + 1);
  const deaths: Death[] = [];
  for (const [i, engine] of plan.entries()) {
    load.allow(Math.floor(share * (i + 1)));
    const point = share * (i + POINT.from + random() * (POINT.to - POINT.from));
    await waitUntil(`${Math.floor(point)} messages to be sent`, () => carriers.taken.size >= point, REACHED_LIMIT_MS);
    const at = carriers.taken.size;
    const death =
      engine === null
        ? await killProcess(
            house,
            house.installation.nodes[Math.floor(random() * house.installation.nodes.length)]!,
            at,
          )
        : await killEngine(house, engine, at);
    deaths.push(death);
    setting.say(`${i + 1} of ${plan.length}: ${words(death)}`);
  }
  load.allow(setting.messages);
  return deaths;
}

async function killProcess(
  { installation, carriers, load }: { installation: Installation; carriers: Carriers; load: Load },
  node: Node,
  at: number,
): Promise<Death> {
  const diedAt = monotonicMs();
  await node.kill();
  const recovered = await recovery(installation, carriers, load, diedAt);
  await node.ready();
  const part = node.role === 'api' ? 'api' : 'worker';
  return { part, what: `${node.name}, kill -9`, at, awayMs: 0, told: null, ...recovered };
}

async function killEngine(
  house: { installation: Installation; carriers: Carriers; load: Load; names: Prepared },
  { engine: part, signal, lost, awayMs }: EngineDeath,
  at: number,
): Promise<Death> {
  const { installation, carriers, load, names } = house;
  const engine: Engine = installation[part];
  await engine.end(signal);
  const diedAt = monotonicMs();
  const told = part === 'mariadb' ? await askWithoutStore(installation, names) : await sendWithout(installation, load);
  await sleep(Math.max(0, diedAt + awayMs - monotonicMs()));
  if (lost) await engine.lose();
  await engine.start();
  const backAt = monotonicMs();
  const recovered = await recovery(installation, carriers, load, backAt);
  const how = signal === 'SIGKILL' ? 'kill -9' : 'restarted';
  const what = `${engine.name}, ${how}${lost ? ', everything lost' : ''}`;
  return { part, what, at, awayMs: backAt - diedAt, told, ...recovered };
}

const words = ({ what, at, awayMs, acceptMs, leftMs, deliveredMs, told }: Death): string =>
  [
    `${what} at ${at}`,
    ...(awayMs > 0 ? [`away ${seconds(awayMs)}`] : []),
    `accepts after ${seconds(acceptMs)}, sends after ${seconds(leftMs)}, delivered after ${seconds(deliveredMs)}`,
    ...(told === null ? [] : [`${told.answers} answers meanwhile, the longest took ${seconds(told.longestMs)}`]),
    ...(told?.wrong ?? []),
  ].join('; ');

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function shuffled<T>(list: T[], random: () => number): T[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
  return list;
}
