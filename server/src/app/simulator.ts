import { startSimulatorThread } from '@signet/smpp/simulator';
import { DEFAULT_SMPP_SETTINGS } from '../domain/smpp-settings.ts';
import { sleep } from '../lib/clock.ts';
import type { Simulator } from '../workers/channel-keeper.ts';
import type { Ground } from './ground.ts';

/** How long after a message the built-in simulator reports on it. */
const REPORTS_MS = { min: 200, max: 1_500 };
const LOOK_MS = 100;

/** Starts the SMSC that stands in for a carrier. */
export async function startBuiltInSimulator({ clock, log }: Ground): Promise<Simulator> {
  const simulator = await startSimulatorThread({ answerMs: 0, receiptDelayMs: REPORTS_MS });
  log.warn({ port: simulator.port }, 'no channel yet: the built-in simulator stands in, nothing reaches a phone');
  return {
    settings: {
      ...DEFAULT_SMPP_SETTINGS,
      host: '127.0.0.1',
      port: simulator.port,
      systemId: 'signet',
      password: 'signet',
    },
    port: simulator.port,
    async reported() {
      const end = clock.monotonic() + REPORTS_MS.max + LOOK_MS;
      // The first look comes late enough for what was just handed over to have got there.
      do await sleep(clock, LOOK_MS);
      while ((await simulator.waiting()) > 0 && clock.monotonic() < end);
    },
    stop: () => simulator.close(),
  };
}
