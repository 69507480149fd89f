import type { Command } from './verb-runner.ts';

/** Rows a transaction may write, about; the first of each priority is taken whatever it weighs. */
const MAX_ROWS = 2_000;
/** With so many rows even the patient ones are patient no more. */
const ENOUGH_ROWS = 100;

/** What the queue asks of a command's verb. */
export interface Weighed {
  priority: 0 | 1 | 2;
  /** Rows it is going to write, about. */
  rows: number;
  /** Nobody waits for it to be committed. */
  patient: boolean;
}

/** Commands that wait for a transaction: by priority, and apart from them those that are patient. */
export class CommandQueue {
  readonly #weigh: (command: Command) => Weighed;
  readonly #urgent: [Command[], Command[], Command[]] = [[], [], []];
  #patient: Command[] = [];
  #patientRows = 0;
  /** Rows of the transaction that takes from here. */
  #rows = 0;

  /** @param weigh asked twice of each command */
  constructor(weigh: (command: Command) => Weighed) {
    this.#weigh = weigh;
  }

  add(command: Command): void {
    const { priority, rows, patient } = this.#weigh(command);
    if (!patient) {
      this.#urgent[priority].push(command);
      return;
    }
    this.#patient.push(command);
    this.#patientRows += rows;
  }

  get isEmpty(): boolean {
    return this.#patient.length === 0 && this.#urgent.every((queue) => queue.length === 0);
  }

  /** Whether there are some that should be committed now. */
  get isUrgent(): boolean {
    return this.#patientRows >= ENOUGH_ROWS || this.#urgent.some((queue) => queue.length > 0);
  }

  /** For a new transaction: what should be committed now, or, when there is nothing of that, what is patient. */
  take(): Command[] {
    this.#rows = 0;
    const batch = this.isUrgent ? this.#takeOverdue() : this.#takePatient();
    // The first of each priority always goes along, so that none waits for ever.
    for (const queue of this.#urgent) this.#takeFrom(queue, batch, 1);
    return batch;
  }

  /** For the transaction that took last, while it is open: what should be committed now, as far as it has room. */
  takeMore(): Command[] {
    const more = this.#takeOverdue();
    for (const queue of this.#urgent) this.#takeFrom(queue, more, 0);
    return more;
  }

  /** Everything. */
  takeAll(): Command[] {
    const all = [this.#patient, ...this.#urgent].flatMap((queue) => queue.splice(0));
    this.#patientRows = 0;
    return all;
  }

  /** What is patient, where it cannot be: reports must not come before the answers that they are about. */
  #takeOverdue(): Command[] {
    return this.#patientRows >= ENOUGH_ROWS || this.#urgent[0].length > 0 ? this.#takePatient() : [];
  }

  #takePatient(): Command[] {
    const patient = this.#patient;
    this.#rows += this.#patientRows;
    this.#patient = [];
    this.#patientRows = 0;
    return patient;
  }

  /** @param always so many are taken whatever they weigh */
  #takeFrom(queue: Command[], batch: Command[], always: number): void {
    let taken = 0;
    for (const command of queue) {
      const { rows } = this.#weigh(command);
      if (taken >= always && this.#rows + rows > MAX_ROWS) break;
      this.#rows += rows;
      taken++;
    }
    batch.push(...queue.splice(0, taken));
  }
}
