import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answered, ChannelReading, ChannelStatus, OutChannel, Outgoing } from '../src/channels/channel.ts';
import { FlightLog } from '../src/channels/flight-log.ts';
import type { Category } from '../src/domain/category.ts';
import type { Outcome } from '../src/domain/outcome.ts';
import type { Desk } from '../src/services/desk.ts';
import type { Notice } from '../src/services/verb.ts';

/** A channel that keeps what it is sent, and answers only when told to. */
export class HandChannel implements OutChannel {
  readonly id: number;
  /** Everything it was sent, in order. */
  readonly sent: Outgoing[] = [];
  readonly open: Outgoing[] = [];
  capacity: number;
  asksForPlans = false;
  started = false;
  stopped = false;
  link: ChannelStatus['link'] = 'bound';
  onStop: () => void = () => {};

  constructor(id: number, capacity = 1_000) {
    this.id = id;
    this.capacity = capacity;
  }

  start(): void {
    this.started = true;
  }
  send(batch: readonly Outgoing[]): void {
    this.sent.push(...batch);
    this.open.push(...batch);
  }
  room(lane: Category): number {
    const held = this.open.filter((message) => message.lane === lane).length;
    return this.stopped ? 0 : Math.max(0, this.capacity - held);
  }
  /** Plans it was told to give back; what it has it keeps. */
  readonly recalled = new Set<number>();
  recall(planIds: ReadonlySet<number>): void {
    for (const planId of planIds) this.recalled.add(planId);
  }
  status(): ChannelStatus {
    const { link } = this;
    return { link, reason: '', inFlight: this.open.length, window: this.capacity, submitted: 0, throttled: 0 };
  }
  reading(): ChannelReading {
    return { binds: [], waiting: { verification: 0, notification: 0, marketing: 0 }, rate: null, statusName: String };
  }
  async stop(): Promise<void> {
    this.stopped = true;
    this.onStop();
  }

  /** Takes those handed in first and not answered, as answers of this outcome. */
  answers(count = this.open.length, outcome?: Outcome | { kind: 'notSent' }): Answered[] {
    return this.open.splice(0, count).map((message) => ({
      message,
      outcome: outcome ?? { kind: 'accepted', carrierIds: [`c-${message.planId}-${message.index}`] },
      place: -1,
    }));
  }
}

/** A flight log in a folder of its own. */
export function openFlightLog(): { log: FlightLog; dir: string; close(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'signet-flight-'));
  const log = new FlightLog(dir, 'boot');
  log.recover();
  log.forget();
  return {
    log,
    dir,
    close() {
      log.close();
      rmSync(dir, { recursive: true });
    },
  };
}

/** A desk that is only the functions a test gives it, by the names of verbs and questions. */
export class FakeDesk {
  // biome-ignore lint/suspicious/noExplicitAny: inputs and outputs of any verb
  readonly answers: Record<string, (input: any) => unknown>;
  readonly asked: [name: string, input: unknown][] = [];
  readonly #listeners: ((notice: Notice) => void)[] = [];

  // biome-ignore lint/suspicious/noExplicitAny: inputs and outputs of any verb
  constructor(answers: Record<string, (input: any) => unknown>) {
    this.answers = answers;
  }

  /** As the desk it stands for. */
  get desk(): Desk {
    const ask = async (name: string, input: unknown) => {
      this.asked.push([name, input]);
      const answer = this.answers[name];
      if (answer === undefined) throw new Error(`nobody expected ${name}`);
      return answer(input);
    };
    return {
      do: ask,
      ask,
      onNotice: (listener: (notice: Notice) => void) => void this.#listeners.push(listener),
      backlogRows: 0,
    } as unknown as Desk;
  }

  tell(notice: Notice): void {
    for (const listener of this.#listeners) listener(notice);
  }

  /** How often each was asked. */
  count(name: string): number {
    return this.asked.filter(([asked]) => asked === name).length;
  }
}

/** Lets everything that waits for nothing but its turn go on. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
}
