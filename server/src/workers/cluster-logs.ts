import type { LogPage, LogQuestion } from '../domain/exchange.ts';
import { type LogHome, type MergedPage, type MergedQuestion, mergedPage, questionFor } from '../domain/merged-log.ts';
import type { SeenNode } from '../leases/leases.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { randomOctets } from '../lib/random.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { LogAsked, LogTold } from '../services/log-question.ts';
import type { LeaseHolder } from './lease-holder.ts';

/** How long other processes have for their answers. */
const ANSWER_MS = 3_000;
/** Lines a process tells at a time: everybody hears them, and one of them may have a thousand characters. */
const LINES_AT_ONCE = 100;
/** Who speaks with carriers: channels, and those that take requests, their callbacks. */
const SPEAKING: readonly string[] = ['channel', 'api'];

/** The log that this process writes. */
export interface OwnLogs {
  /** Whether exchanges are logged. */
  readonly on: boolean;
  read(question: LogQuestion): Promise<LogPage>;
}

/**
 * The channel logs of an installation of several processes. Each has the lines of what it said and heard itself, in its own
 * data directory; whoever is asked asks all others, over what transactions tell (services/log-question.ts), so that they
 * need not reach each other, and merges what they have.
 */
export class ClusterLogs {
  readonly #desk: Desk;
  readonly #own: OwnLogs;
  readonly #home: LogHome;
  readonly #self: string;
  readonly #holder: Pick<LeaseHolder, 'view' | 'alive'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #waiting = new Map<string, (told: LogTold) => void>();

  /** @param deps.self the id of this process among the leases' nodes */
  constructor(deps: {
    desk: Desk;
    own: OwnLogs;
    home: LogHome;
    self: string;
    holder: Pick<LeaseHolder, 'view' | 'alive'>;
    clock: Clock;
    log: Logger;
  }) {
    this.#desk = deps.desk;
    this.#own = deps.own;
    this.#home = deps.home;
    this.#self = deps.self;
    this.#holder = deps.holder;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#desk.onNotice((notice) => {
      if (notice.kind === 'logTold') this.#waiting.get(notice.id)?.(notice);
      else if (notice.kind === 'logAsked' && !this.#waiting.has(notice.id)) void this.#tell(notice);
    });
  }

  /** Lines of all processes that answer in time, newest first. */
  async read(asked: MergedQuestion): Promise<MergedPage> {
    const question = { ...asked, limit: Math.min(asked.limit, LINES_AT_ONCE) };
    const [own, others] = await Promise.all([this.#readOwn(question), this.#askOthers(question)]);
    const pages = [{ home: this.#home, page: own }];
    for (const { home, page } of others.told) if (page !== null) pages.push({ home, page });
    const unheard = others.unheard.map(({ host, pid }) => ({ host, pid }));
    return { ...mergedPage(pages, question), unheard };
  }

  async #readOwn(question: MergedQuestion): Promise<LogPage> {
    const own = questionFor(this.#home, question);
    return own === null ? { exchanges: [], next: null } : this.#own.read(own);
  }

  async #askOthers(question: MergedQuestion): Promise<{ told: LogTold[]; unheard: SeenNode[] }> {
    const others = this.#others();
    const told = new Map<string, LogTold>();
    const unheard = () => others.filter((node) => (told.get(node.id)?.page ?? null) === null);
    if (others.length === 0) return { told: [], unheard: [] };
    const id = randomOctets(8).toString('hex');
    const all = new Promise<void>((resolve) => {
      const timer = this.#clock.setTimer(resolve, ANSWER_MS);
      this.#waiting.set(id, (each) => {
        told.set(each.process, each);
        if (!others.every((node) => told.has(node.id))) return;
        timer.cancel();
        resolve();
      });
    });
    try {
      await this.#desk.do('askLog', { id, question });
      await all;
    } finally {
      this.#waiting.delete(id);
    }
    return { told: [...told.values()], unheard: unheard() };
  }

  /** Other processes that have lines, perhaps. */
  #others(): SeenNode[] {
    const { view, alive } = this.#holder;
    if (view === null || alive === null) return [];
    return view.beat.nodes.filter(
      ({ id, roles }) => id !== this.#self && alive.has(id) && roles.split(',').some((role) => SPEAKING.includes(role)),
    );
  }

  async #tell({ id, question }: LogAsked): Promise<void> {
    let page: LogPage | null = null;
    try {
      if (this.#own.on) page = await this.#readOwn(question);
    } catch (error) {
      this.#log.warn(
        { err: error, channel: question.channelId },
        'a channel log could not be read for another process',
      );
    }
    try {
      await this.#desk.do('tellLog', { id, process: this.#self, home: this.#home, page });
    } catch (error) {
      logFailure(this.#log, error, 'lines of a channel log could not be told to another process');
    }
  }
}
