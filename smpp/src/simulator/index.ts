export type { Random } from '../lib/random.ts';
export { seededRandom } from '../lib/random.ts';
export type { InboundText } from './inbound.ts';
export type { DelayMs, DestinationRule, Knobs, OutcomeMix, ReceiptOutcome } from './knobs.ts';
export { DEFAULT_KNOBS } from './knobs.ts';
export type { MessagePart, SubmitRecord } from './log.ts';
export type { SimulatorOptions } from './simulator.ts';
export { Simulator } from './simulator.ts';
export type { Stats } from './stats.ts';
export { SimulatorThread, type SimulatorThreadOptions, startSimulatorThread } from './thread.ts';

import { Simulator, type SimulatorOptions } from './simulator.ts';

/** Starts a simulated SMSC and resolves once it listens. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return new Simulator(options).start();
}
