import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../lib/time.ts';
import { CREDITS } from '../peers/signet.ts';
import { havePrograms } from '../servers/engine.ts';
import { MARIADB_PROGRAMS } from '../servers/mariadb.ts';
import { RabbitMq } from '../servers/rabbitmq.ts';
import { REDIS_PROGRAMS } from '../servers/redis.ts';
import { Carriers } from './carriers.ts';
import { type Death, type DyingSetting, letDie } from './dying.ts';
import { Installation } from './installation.ts';
import { judge, type Verdict } from './judge.ts';
import { Load } from './load.ts';
import { setUp } from './set-up.ts';

/** Each is run by one process at a time. */
const CHANNELS = 2;
const WINDOW = 20;

export interface DeathsSetting extends DyingSetting {
  workDir: string;
}

/** What a run showed. */
export interface Deaths extends Verdict {
  /** Messages of requests that were answered well. */
  accepted: number;
  seconds: number;
  seed: number;
  deaths: Death[];
  /** The most that may have been in flight, over all deaths that leave windows unanswered. */
  inFlight: number;
  /** How requests to send were answered: by status, and `none`. */
  answers: Record<string, number>;
  /** The longest that one of them took. */
  longestMs: number;
  /** Answers that no program should see. */
  wrong: string[];
  /** Processes that ended though nobody had killed them. */
  endedByThemselves: string[];
}

/** Whether the engines can be started here. */
export const haveEngines = (): boolean => !RabbitMq.missing && havePrograms([...MARIADB_PROGRAMS, ...REDIS_PROGRAMS]);

/** Runs an installation of four processes under load while one of its parts after the other dies. */
export async function measureDeaths(setting: DeathsSetting): Promise<Deaths> {
  mkdirSync(setting.workDir, { recursive: true });
  const folder = mkdtempSync(join(setting.workDir, 'deaths-'));
  const carriers = await Carriers.start(CHANNELS);
  let installation: Installation | undefined;
  let load: Load | undefined;
  try {
    installation = await Installation.start(folder);
    const names = await setUp(installation, carriers, WINDOW);
    load = new Load(installation, carriers, names, setting);
    const began = monotonicMs();
    const sending = load.run();
    const deaths = await letDie({ installation, carriers, load, names }, setting);
    await sending;
    const verdict = await judge(installation, carriers, load, CREDITS, setting.say);
    const result: Deaths = {
      ...verdict,
      accepted: load.accepted.size,
      seconds: (monotonicMs() - began) / 1000,
      seed: setting.seed,
      deaths,
      // A process that takes requests sends nothing, and queues and counters are not asked about what has left.
      inFlight: deaths.filter(({ part }) => part === 'worker' || part === 'mariadb').length * CHANNELS * WINDOW,
      answers: load.answers,
      longestMs: load.longestMs,
      wrong: [...load.wrong, ...deaths.flatMap(({ told }) => told?.wrong ?? [])],
      endedByThemselves: installation.nodes
        .filter(({ endedByItself }) => endedByItself > 0)
        .map(({ name, endedByItself }) => `${name} ${endedByItself} times`),
    };
    await installation.stop();
    rmSync(folder, { recursive: true, force: true });
    return result;
  } catch (error) {
    throw new Error(`the deaths could not be followed; what everything wrote is in ${folder}`, { cause: error });
  } finally {
    load?.stop();
    await installation?.stop();
    await carriers.close();
  }
}
