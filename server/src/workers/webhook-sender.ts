import type { Clock, Timer } from '../lib/clock.ts';
import { timeOfId } from '../lib/ids.ts';
import type { Logger } from '../lib/log.ts';
import type { Metrics } from '../lib/metrics.ts';
import type { Service } from '../lib/start-stop.ts';
import { type Desk, logFailure } from '../services/desk.ts';
import type { Round, Tried } from '../services/webhook-delivery.ts';
import { callbackHeaders, type Post } from '../services/webhook-request.ts';
import type { WebhookWork } from '../store/store.ts';

const LOOK_EVERY_MS = 100;
/** Requests of one webhook at a time. */
const ROUND_SIZE = 8;
/** Webhooks whose rounds are under way at a time; others wait for their turn. */
const MAX_ROUNDS = 64;
/** How long a webhook rests whose turn broke on something unforeseen. */
const REST_MS = 5_000;
const ANSWER_TIMEOUT_MS = 5_000;
/** A stop waits so long for requests under way; then they are broken off, and sent again after the next start. */
const DRAIN_MS = 2_000;

/**
 * Tells webhooks what happened. Each has its own turn of feeding, sending and recording, so that one that is slow or down
 * delays no other. What is owed stands in the store: the process may die at any moment.
 */
export class WebhookSender implements Service {
  readonly #desk: Desk;
  readonly #post: Post;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #count: (result: 'succeeded' | 'failed' | 'dead', count: number) => void;
  readonly #turns = new Map<number, Promise<void>>();
  /** Until when webhooks rest, by id. */
  readonly #resting = new Map<number, number>();
  readonly #queue: (() => void)[] = [];
  #breakOff = new AbortController();
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
  readonly #paused: () => boolean;
  readonly #counts = { done: 0, failed: 0 };
  #rounds = 0;
  #stopped = false;
  #waiting = 0;
  #oldest: number | null = null;

  /** @param deps `paused`: whether deliveries stand still */
  constructor(deps: { desk: Desk; post: Post; clock: Clock; log: Logger; metrics: Metrics; paused?: () => boolean }) {
    this.#paused = deps.paused ?? (() => false);
    this.#desk = deps.desk;
    this.#post = deps.post;
    this.#clock = deps.clock;
    this.#log = deps.log;
    const counterOf = (result: string) =>
      deps.metrics.counter('signet_webhook_deliveries_total', 'Requests to webhooks, by how they ended.', { result });
    const counters = { succeeded: counterOf('succeeded'), failed: counterOf('failed'), dead: counterOf('dead') };
    this.#count = (result, count) => {
      counters[result].add(count);
      if (result === 'succeeded') this.#counts.done += count;
      else if (result === 'failed') this.#counts.failed += count;
    };
    deps.metrics.gauge('signet_webhook_waiting', 'Deliveries that wait for active webhooks.', () => this.#waiting);
    deps.metrics.gauge('signet_webhook_oldest_seconds', 'Age of the oldest delivery that waits.', () =>
      this.#oldest === null ? 0 : Math.max(0, (deps.clock.now() - timeOfId(this.#oldest)) / 1000),
    );
  }

  /** Requests that succeeded and failed so far. */
  get counts(): { done: number; failed: number } {
    return { done: this.#counts.done, failed: this.#counts.failed };
  }

  async start(): Promise<void> {
    this.#stopped = false;
    this.#breakOff = new AbortController();
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
    const drain = this.#clock.setTimer(() => this.#breakOff.abort(), DRAIN_MS);
    await Promise.all(this.#turns.values());
    drain.cancel();
  }

  #lookLater(): void {
    if (this.#stopped) return;
    this.#timer = this.#clock.setTimer(() => {
      this.#looking = this.#look().finally(() => {
        this.#looking = null;
        this.#lookLater();
      });
    }, LOOK_EVERY_MS);
  }

  /** Gives a turn to every webhook that has something to do and is not having one. */
  async #look(): Promise<void> {
    try {
      const all = await this.#desk.ask('webhookWork', { at: this.#clock.now() });
      this.#waiting = all.reduce((sum, { waiting }) => sum + waiting, 0);
      this.#oldest = all.reduce<number | null>((min, { oldest }) => earlier(min, oldest), null);
      if (this.#paused()) return;
      for (const work of all) if ((work.news || work.due) && this.#mayHaveTurn(work.id)) this.#giveTurn(work);
    } catch (error) {
      logFailure(this.#log, error, 'the work of webhooks could not be read');
    }
  }

  #mayHaveTurn(id: number): boolean {
    if (this.#turns.has(id) || (this.#resting.get(id) ?? 0) > this.#clock.now()) return false;
    this.#resting.delete(id);
    return true;
  }

  #giveTurn(work: WebhookWork): void {
    const turn = this.#turn(work)
      .catch((error: unknown) => {
        this.#resting.set(work.id, this.#clock.now() + REST_MS);
        logFailure(this.#log, error, 'a turn of a webhook failed', { webhookId: work.id });
      })
      .finally(() => this.#turns.delete(work.id));
    this.#turns.set(work.id, turn);
  }

  async #turn({ id, news }: WebhookWork): Promise<void> {
    if (news) await this.#desk.do('feedWebhook', { id });
    while (await this.#inTurn(() => this.#round(id)));
  }

  /** Sends and records what may be sent now; false when that is nothing. */
  async #round(id: number): Promise<boolean> {
    if (this.#stopped || this.#paused()) return false;
    const round = await this.#desk.ask('nextRound', { id, at: this.#clock.now(), limit: ROUND_SIZE });
    if (round === null) return false;
    await this.#send(id, round);
    return true;
  }

  async #send(webhookId: number, round: Round): Promise<void> {
    const ended = await Promise.all(round.requests.map((request) => this.#try(round, request)));
    const tried = ended.filter((each) => each !== null);
    // Those broken off by a stop count as not tried: they are sent again, with the same id.
    if (tried.length === 0) return;
    const { dead } = await this.#desk.do('recordRound', { id: webhookId, tried });
    const failed = tried.filter(({ succeeded }) => !succeeded);
    this.#count('succeeded', tried.length - failed.length);
    this.#count('failed', failed.length);
    this.#count('dead', dead);
    const first = failed[0];
    if (first === undefined) return;
    const { status, error: reason } = first;
    this.#log.warn({ webhookId, failed: failed.length, of: tried.length, dead, status, reason }, 'a webhook failed');
  }

  async #try(round: Round, { id, body }: Round['requests'][number]): Promise<Tried | null> {
    const at = this.#clock.now();
    const headers = callbackHeaders(round, String(id), at, body);
    const { signal } = this.#breakOff;
    const posted = await this.#post(round.url, { headers, body, timeoutMs: ANSWER_TIMEOUT_MS, signal });
    const { durationMs } = posted;
    if ('failure' in posted) {
      if (signal.aborted) return null;
      return { deliveryId: id, succeeded: false, at, durationMs, status: null, error: posted.failure };
    }
    const { status } = posted;
    const succeeded = status >= 200 && status < 300;
    return { deliveryId: id, succeeded, at, durationMs, status, error: succeeded ? '' : `it answered ${status}` };
  }

  /** Runs a round when there is room for it; first come, first served. */
  async #inTurn(round: () => Promise<boolean>): Promise<boolean> {
    while (this.#rounds >= MAX_ROUNDS) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#rounds++;
    try {
      return await round();
    } finally {
      this.#rounds--;
      this.#queue.shift()?.();
    }
  }
}

const earlier = (a: number | null, b: number | null): number | null =>
  a === null ? b : b === null ? a : Math.min(a, b);
