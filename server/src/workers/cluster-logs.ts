import {
  homeOf,
  type LogPage,
  type LogQuestion,
  type MarkedPage,
  type MarkedQuestion,
  nextMark,
  type ProcessPlace,
  questionFor,
} from '../domain/exchange.ts';
import type { SeenNode } from '../leases/leases.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/log.ts';
import { randomOctets } from '../lib/random.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import { leaseOfChannel, SENDING_LEASE } from './channel-leases.ts';
import type { LeaseHolder } from './lease-holder.ts';

/** How long another process has for its answer. */
const ANSWER_MS = 3_000;
/** Lines another process tells at a time: everybody hears them, and one of them may have a thousand characters. */
const LINES_AT_ONCE = 100;

/** Whoever has the lines that this process wrote. */
export interface OwnLogs {
  /** Whether exchanges are logged. */
  readonly on: boolean;
  read(question: LogQuestion): Promise<LogPage>;
}

/**
 * The channel logs of an installation of several processes. Each has the lines of what it said and heard itself, in its own
 * data directory; whoever is asked for those of a channel asks its owner, over what transactions tell (services/log-question.ts):
 * that way they need not reach each other.
 */
export class ClusterLogs {
  readonly #desk: Desk;
  readonly #own: OwnLogs;
  readonly #self: string;
  readonly #holder: Pick<LeaseHolder, 'view' | 'otherOwner'>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #waiting = new Map<string, (page: LogPage | null) => void>();

  /** @param deps.self the id of this process among the leases' nodes */
  constructor(deps: {
    desk: Desk;
    own: OwnLogs;
    self: string;
    holder: Pick<LeaseHolder, 'view' | 'otherOwner'>;
    clock: Clock;
    log: Logger;
  }) {
    this.#desk = deps.desk;
    this.#own = deps.own;
    this.#self = deps.self;
    this.#holder = deps.holder;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#desk.onNotice((notice) => {
      if (notice.kind === 'logTold') this.#waiting.get(notice.id)?.(notice.page);
      else if (notice.kind === 'logAsked' && notice.process === this.#self) void this.#tell(notice.id, notice.question);
    });
  }

  /** Lines of a channel's log: its owner's; this process's own where the owner does not answer. */
  async read(question: MarkedQuestion): Promise<MarkedPage> {
    const owner = this.runBy(question.channelId);
    const runBy = placeOf(owner);
    const asked = this.#whoeverHas(question) ?? owner;
    if (asked !== null) {
      const home = homeOf(asked.id);
      const page = await this.#ask(asked.id, questionFor(home, question));
      if (page !== null) return this.#marked(page, home, question, placeOf(asked), runBy);
    }
    const home = homeOf(this.#self);
    return this.#marked(await this.#own.read(questionFor(home, question)), home, question, null, runBy);
  }

  /** The other process that runs a channel; null: this one does, or none. */
  runBy(channelId: number): SeenNode | null {
    return this.#holder.otherOwner(leaseOfChannel(channelId)) ?? this.#holder.otherOwner(SENDING_LEASE);
  }

  /** The process whose log a page goes on in, where that is another one and still there. */
  #whoeverHas({ before }: MarkedQuestion): SeenNode | null {
    if (before === null || before.home === homeOf(this.#self)) return null;
    return this.#holder.view?.beat.nodes.find(({ id }) => homeOf(id) === before.home) ?? null;
  }

  #marked(
    page: LogPage,
    home: number,
    question: MarkedQuestion,
    linesOf: ProcessPlace | null,
    runBy: ProcessPlace | null,
  ): MarkedPage {
    const next = nextMark(page, home, question, this.#clock.now());
    return { exchanges: page.exchanges, home, next, linesOf, runBy };
  }

  async #ask(process: string, question: LogQuestion): Promise<LogPage | null> {
    const id = randomOctets(8).toString('hex');
    const limit = Math.min(question.limit, LINES_AT_ONCE);
    const told = new Promise<LogPage | null>((resolve) => {
      const timer = this.#clock.setTimer(() => resolve(null), ANSWER_MS);
      this.#waiting.set(id, (page) => {
        timer.cancel();
        resolve(page);
      });
    });
    try {
      await this.#desk.do('askLog', { id, process, question: { ...question, limit } });
      return await told;
    } finally {
      this.#waiting.delete(id);
    }
  }

  async #tell(id: string, question: LogQuestion): Promise<void> {
    let page: LogPage | null = null;
    try {
      if (this.#own.on) page = await this.#own.read(question);
    } catch (error) {
      this.#log.warn(
        { err: error, channel: question.channelId },
        'a channel log could not be read for another process',
      );
    }
    try {
      await this.#desk.do('tellLog', { id, page });
    } catch (error) {
      logFailure(this.#log, error, 'lines of a channel log could not be told to another process');
    }
  }
}

const placeOf = (node: SeenNode | null): ProcessPlace | null => node && { host: node.host, pid: node.pid };
