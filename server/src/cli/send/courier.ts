import { isoTime, parseTime } from '../../lib/clock.ts';
import { type Answer, type ApiClient, NoAnswer } from '../client.ts';
import { CommandFailed } from '../failure.ts';
import type { World } from '../world.ts';
import type { Journal } from './journal.ts';
import type { Chunk, Rejection, Row } from './rows.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** What to do with a request that may have been accepted longer ago than the server remembers its key. */
export type UncertainChoice = 'ask' | 'send' | 'skip';

export interface CourierOptions {
  uncertain: UncertainChoice;
  /** Something worth saying while it waits. */
  note(text: string): void;
  interrupted: AbortSignal;
}

/** The server remembers a key for 24 h after its answer; an hour is kept free for clocks that differ. */
const KEY_KEPT_MS = 23 * 3_600_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
/** So many refused rows in one chunk, and no other, are no accident. */
const HOPELESS_ROWS = 20;

const TRY_LATER = "See the server's log; later the same command goes on where it stopped.";

/** The send was asked to stop; everything is written down. */
export class Interrupted extends CommandFailed {
  constructor() {
    super('stopped', 'Run the same command again: it goes on where it stopped.', { code: 'interrupted' });
  }
}

/** Carries the chunks of one send to the server: one request at a time, each with its own idempotency key. */
export class Courier {
  readonly #client: ApiClient;
  readonly #journal: Journal;
  readonly #world: Pick<World, 'clock' | 'wait'>;
  readonly #options: CourierOptions;

  constructor(client: ApiClient, journal: Journal, world: Pick<World, 'clock' | 'wait'>, options: CourierOptions) {
    this.#client = client;
    this.#journal = journal;
    this.#world = world;
    this.#options = options;
  }

  /**
   * Sends a chunk, going on where an earlier run left it.
   * @returns the rows the server refused
   * @throws CommandFailed when nothing more can be sent now
   */
  async carry(chunk: Chunk): Promise<Rejection[]> {
    const rejections: Rejection[] = [];
    if (chunk.rows.length > 0) await this.#carryPart(String(chunk.index), chunk.rows, rejections);
    const refused = rejections.filter(({ code }) => code === 'refused').length;
    if (refused >= HOPELESS_ROWS && refused === chunk.rows.length) {
      throw new CommandFailed(
        `the server refuses every row: ${rejections[0]!.reason}`,
        'Check the template and its parameters, then start again with --restart.',
        { code: 'everyRowRefused' },
      );
    }
    return rejections;
  }

  async #carryPart(part: string, rows: Row[], rejections: Rejection[]): Promise<void> {
    const result = this.#journal.resultOf(part) ?? (await this.#settle(part, rows));
    if (result.result === 'rejected') {
      rejections.push(...rows.map(({ record }) => ({ record, code: result.code, reason: result.reason })));
    } else if (result.result === 'split') {
      const half = rows.length >> 1;
      await this.#carryPart(`${part}.0`, rows.slice(0, half), rejections);
      await this.#carryPart(`${part}.1`, rows.slice(half), rejections);
    }
  }

  /** Asks for a part until it has a result, and writes that down. */
  async #settle(part: string, rows: Row[]) {
    const verdict = await this.#verdict(part, rows);
    if (verdict === 'uncertain') {
      const reason = 'may have been sent: the answer was lost more than a day ago';
      return this.#record(part, { result: 'rejected', code: 'uncertain', reason, rows: rows.length });
    }
    if (verdict.kind === 'accepted') {
      return this.#record(part, { result: 'accepted', uuid: verdict.uuid, messages: rows.length });
    }
    if (verdict.kind === 'split') {
      if (rows.length > 1) return this.#record(part, { result: 'split' });
      const { code, reason } = verdict;
      return this.#record(part, { result: 'rejected', code, reason, rows: 1 });
    }
    await this.#journal.forget(part);
    throw new CommandFailed(verdict.message, verdict.advice, { code: verdict.code });
  }

  async #record<R extends Parameters<Journal['settle']>[1]>(part: string, result: R): Promise<R> {
    await this.#journal.settle(part, result);
    return result;
  }

  async #verdict(part: string, rows: Row[]): Promise<Exclude<Verdict, { kind: 'again' }> | 'uncertain'> {
    const { clock, wait } = this.#world;
    const { interrupted } = this.#options;
    let pauseMs = FIRST_PAUSE_MS;
    for (let attempt = 1; ; attempt++) {
      if (interrupted.aborted) throw new Interrupted();
      if (this.#isUncertain(part)) {
        if (this.#options.uncertain === 'skip') return 'uncertain';
        if (this.#options.uncertain === 'ask') throw askWhatToDo(rows);
      }
      const neverTried = this.#journal.beganAt(part) === undefined;
      await this.#journal.begin(part, isoTime(clock.now()));
      const verdict = verdictOf(await this.#exchange(part, rows));
      if (verdict.kind !== 'again') {
        if (attempt > 1) this.#options.note('the server answers again');
        return verdict;
      }
      if (neverTried && !verdict.mayHaveArrived) await this.#journal.forget(part);
      if (attempt >= verdict.attempts) throw new CommandFailed(verdict.why, TRY_LATER, { code: 'defect' });
      if (attempt === 1) this.#options.note(`${verdict.why}; waiting for it, Ctrl-C stops`);
      await wait(verdict.afterS === null ? pauseMs : verdict.afterS * 1000, interrupted);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  #isUncertain(part: string): boolean {
    const began = this.#journal.beganAt(part);
    return began !== undefined && this.#world.clock.now() - (parseTime(began) ?? 0) > KEY_KEPT_MS;
  }

  async #exchange(part: string, rows: Row[]): Promise<Answer | NoAnswer> {
    const { order, run } = this.#journal.header;
    const recipients = rows.map(({ mobile, params }) => (params === undefined ? { mobile } : { mobile, params }));
    const body = { sign_id: order.signId, temp_id: order.tempId, recipients };
    try {
      return await this.#client.exchange('POST', '/v1/message', body, { 'idempotency-key': `${run}-${part}` });
    } catch (error) {
      if (error instanceof NoAnswer) return error;
      throw error;
    }
  }
}

function askWhatToDo(rows: Row[]): CommandFailed {
  const first = rows[0]!.record.line;
  const last = rows.at(-1)!.record.line;
  return new CommandFailed(
    `the request for lines ${first} to ${last} was not answered, more than a day ago: it may have been carried out`,
    'Look whether they were sent, then run the same command with --uncertain send or --uncertain skip.',
    { code: 'uncertain', lines: [first, last] },
  );
}
