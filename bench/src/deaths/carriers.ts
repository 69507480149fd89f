import { type Simulator, type SubmitRecord, startSimulator } from '@signet/smpp/simulator';
import { monotonicMs } from '../lib/time.ts';

/** What became of a number at the carriers. */
export interface TakenNumber {
  /** How often it was sent. */
  times: number;
  /** The carrier that was sent it first, and when, by the machine's monotonic clock. */
  carrier: number;
  at: number;
}

/** How carriers answer, so that messages are in flight at any moment. */
const ANSWER_MS = { min: 20, max: 60 };
const RECEIPT_MS = { min: 0, max: 50 };

/** Carriers that do nothing wrong, and what they were sent: the judge of what is lost and of what came twice. */
export class Carriers {
  readonly simulators: Simulator[] = [];
  /** By number. */
  readonly taken = new Map<number, TakenNumber>();

  static async start(count: number): Promise<Carriers> {
    const carriers = new Carriers();
    for (let i = 0; i < count; i++) {
      const onSubmit = (records: SubmitRecord[]) => carriers.#took(i, records);
      carriers.simulators.push(await startSimulator({ answerMs: ANSWER_MS, receiptDelayMs: RECEIPT_MS, onSubmit }));
    }
    return carriers;
  }

  /** How often a number was sent again. */
  get repeats(): number {
    let repeats = 0;
    for (const { times } of this.taken.values()) repeats += times - 1;
    return repeats;
  }

  async close(): Promise<void> {
    await Promise.all(this.simulators.map((simulator) => simulator.close()));
  }

  #took(carrier: number, records: readonly SubmitRecord[]): void {
    const at = monotonicMs();
    for (const { destination } of records) {
      const number = Number(destination.slice(-11));
      const known = this.taken.get(number);
      if (known === undefined) this.taken.set(number, { times: 1, carrier, at });
      else known.times++;
    }
  }
}
