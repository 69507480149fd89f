import { seededRandom } from '@signet/smpp/simulator';
import { monotonicMs, sleep } from '../lib/time.ts';
import type { Prepared } from '../peers/signet.ts';
import type { Carriers } from './carriers.ts';
import type { Answer, Installation, Node } from './installation.ts';

/** Programs that send at once, and the most numbers in one of their requests. */
const CLIENTS = 8;
const MOST_NUMBERS = 40;
/** Accepted ahead of what the carriers have: requests are under way whenever something dies. */
const AHEAD = 600;
/** A program that was not answered asks again after so long, at another process. */
const AGAIN_MS = 100;
const FIRST_NUMBER = 13_800_000_000;
const FIRST_PROBE = 13_900_000_000;

/** Programs that send by two processes, each request with a key and again until it is accepted. */
export class Load {
  readonly #installation: Installation;
  readonly #carriers: Carriers;
  readonly #names: Prepared;
  readonly #messages: number;
  readonly #random: () => number;
  #next = 0;
  #probes = 0;
  #allowed = 0;
  #stopped = false;
  /** Numbers whose request was answered well. */
  readonly accepted = new Set<number>();
  /** How requests were answered: statuses, and `none`. */
  readonly answers: Record<string, number> = {};
  /** The longest that a request took to be answered, whatever was away. */
  longestMs = 0;
  /** Answers that no program should see, whatever dies. */
  readonly wrong: string[] = [];

  constructor(
    installation: Installation,
    carriers: Carriers,
    names: Prepared,
    setting: { messages: number; seed: number },
  ) {
    this.#installation = installation;
    this.#carriers = carriers;
    this.#names = names;
    this.#messages = setting.messages;
    this.#random = seededRandom(setting.seed);
  }

  /** Messages that may have been asked for by now; more are held back. */
  allow(messages: number): void {
    this.#allowed = Math.min(this.#messages, messages);
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when everything has been accepted. */
  async run(): Promise<void> {
    const { apis } = this.#installation;
    await Promise.all(Array.from({ length: CLIENTS }, (_, i) => this.#client(apis, i)));
  }

  /** Sends one more message, once. @returns its number, and its plan where it was accepted */
  async probe(node: Node): Promise<{ number: number; uuid: string | null; answer: Answer | null }> {
    const number = FIRST_PROBE + this.#probes++;
    const answer = await this.#send(node, [number], `probe-${number}`);
    const accepted = answer?.status === 200;
    return { number, answer, uuid: accepted ? (JSON.parse(answer.text) as { uuid: string }).uuid : null };
  }

  async #client(apis: readonly Node[], first: number): Promise<void> {
    for (let turn = first; !this.#stopped; turn++) {
      const size = Math.min(1 + Math.floor(this.#random() * MOST_NUMBERS), this.#allowed - this.#next);
      if (this.#next >= this.#messages) return;
      if (size <= 0 || this.#next - this.#carriers.taken.size > AHEAD) {
        await sleep(20);
        continue;
      }
      const from = FIRST_NUMBER + this.#next;
      this.#next += size;
      const numbers = Array.from({ length: size }, (_, i) => from + i);
      for (let tries = 0; !this.#stopped; tries++) {
        const answer = await this.#send(apis[(turn + tries) % apis.length]!, numbers, `request-${from}`);
        if (answer?.status === 200) break;
        await sleep(AGAIN_MS);
      }
    }
  }

  async #send(node: Node, numbers: readonly number[], key: string): Promise<Answer | null> {
    const { signId, tempId } = this.#names;
    const began = monotonicMs();
    const answer = await node
      .ask({
        method: 'POST',
        path: '/v1/message',
        as: 'business',
        body: { sign_id: signId, temp_id: tempId, mobiles: numbers.map(String) },
        headers: { 'idempotency-key': key },
      })
      .catch(() => null);
    const tookMs = monotonicMs() - began;
    this.longestMs = Math.max(this.longestMs, tookMs);
    const status = answer === null ? 'none' : String(answer.status);
    this.answers[status] = (this.answers[status] ?? 0) + 1;
    if (answer?.status === 200) for (const number of numbers) this.accepted.add(number);
    else if (answer !== null && answer.status !== 503) {
      this.wrong.push(`${key} at ${node.name} after ${Math.round(tookMs)} ms: ${status} ${answer.text}`);
    }
    return answer;
  }
}
