export type { Random } from '../lib/random.ts';
export { seededRandom } from '../lib/random.ts';
export type { AnswerTimes } from './answer-times.ts';
export { ID_FORMS, type IdForm, RECEIPT_ID_FORMS, type ReceiptIdForm } from './ids.ts';
export type { InboundText } from './inbound.ts';
export type {
  DelayMs,
  DestinationRule,
  Knobs,
  Occasion,
  OutcomeMix,
  PartReceipts,
  ReceiptOutcome,
} from './knobs.ts';
export { DEFAULT_KNOBS, PART_RECEIPTS } from './knobs.ts';
export type { SubmitRecord, TakenText } from './log.ts';
export type { Carriage, MessagePart } from './parts.ts';
export { mostInOneSecond } from './peak.ts';
export type { SimulatorOptions } from './simulator.ts';
export { Simulator } from './simulator.ts';
export type { Stats } from './stats.ts';
export { SimulatorThread, type SimulatorThreadOptions, startSimulatorThread } from './thread.ts';

import { Simulator, type SimulatorOptions } from './simulator.ts';

/** Starts a simulated SMSC and resolves once it listens. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  return new Simulator(options).start();
}
