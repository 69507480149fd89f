import { rm } from 'node:fs/promises';
import { isoTime } from '../../lib/clock.ts';
import { randomSecret } from '../../lib/random.ts';
import type { Answer, ApiClient } from '../client.ts';
import { CommandFailed } from '../failure.ts';
import type { World } from '../world.ts';
import type { Draft } from './draft.ts';
import { type Fingerprint, fingerprintOf } from './fingerprint.ts';
import { Journal, type SendOrder } from './journal.ts';
import { askPatiently, codeOf } from './patience.ts';

/** What the command line asks for. */
export interface SendWishes {
  file: string;
  /** The query of the upload: POST /api/v1/plans. */
  query: Record<string, string>;
  /** RFC 3339; null: at once. */
  startAt: string | null;
  /** Forget what was sent of this file before. */
  restart: boolean;
  /** What is to be done with the draft. Never asked when it is sent already. */
  decide(draft: Draft): Promise<Decision>;
  note(text: string): void;
}

/** `leave`: the draft waits for a day, and the next run goes on with it. */
export type Decision = 'send' | 'discard' | 'leave';

/** How a send stands. */
export interface SendSummary {
  file: string;
  /** The send was complete before this run. */
  alreadySent: boolean;
  /** An earlier run had begun it. */
  resumed: boolean;
  finished: boolean;
  /** Null: the upload was not answered. */
  draft: Draft | null;
  rejectedFile: string | null;
  stateFile: string;
  seconds: number;
}

/** A send that stopped before its end: why, and how far it came. */
export class SendStopped extends CommandFailed {
  readonly summary: SendSummary;

  constructor(cause: CommandFailed, summary: SendSummary) {
    super(cause.message, cause.advice, cause.facts, cause.exitCode);
    this.summary = summary;
  }
}

/** The names of the files kept beside a file of numbers. */
export const besides = (file: string) => ({
  state: `${file}.signet-send.jsonl`,
  lock: `${file}.signet-send.lock`,
  rejected: `${file}.rejected.csv`,
});

/**
 * Uploads a file and sends the draft the server makes of it, or goes on where an earlier run stopped. The caller holds
 * the file's lock.
 * @throws SendStopped with what was done; CommandFailed when nothing was
 */
export async function sendFile(wishes: SendWishes, client: ApiClient, world: World): Promise<SendSummary> {
  const startedAt = world.clock.monotonic();
  const interrupted = world.interruption();
  const paths = besides(wishes.file);
  const { journal, resumed } = await openJournal(wishes, client, world);
  const alreadySent = journal.confirmedAt !== null;
  const summarize = (): SendSummary => ({
    file: wishes.file,
    alreadySent,
    resumed,
    finished: journal.confirmedAt !== null,
    draft: journal.draft,
    rejectedFile: (journal.draft?.rejected ?? 0) > 0 ? paths.rejected : null,
    stateFile: paths.state,
    seconds: (world.clock.monotonic() - startedAt) / 1000,
  });
  try {
    if (!alreadySent) await new Sending(wishes, client, world, journal, interrupted).run();
    return summarize();
  } catch (error) {
    throw error instanceof CommandFailed && journal.draft !== null ? new SendStopped(error, summarize()) : error;
  } finally {
    await journal.close();
  }
}

/** One run of a send that is not complete. */
class Sending {
  readonly #wishes: SendWishes;
  readonly #client: ApiClient;
  readonly #world: World;
  readonly #journal: Journal;
  readonly #interrupted: AbortSignal;

  constructor(wishes: SendWishes, client: ApiClient, world: World, journal: Journal, interrupted: AbortSignal) {
    this.#wishes = wishes;
    this.#client = client;
    this.#world = world;
    this.#journal = journal;
    this.#interrupted = interrupted;
  }

  async run(): Promise<void> {
    const { file, decide } = this.#wishes;
    const draft = await this.#draft();
    await this.#journal.drafted(draft);
    const { rejected } = besides(file);
    if (draft.rejected > 0) await this.#client.download(`/api/v1/plans/${draft.plan_id}/rejected`, rejected);
    else await rm(rejected, { force: true });
    // A confirmation whose answer was lost has been carried out.
    if (draft.state === 'draft') {
      const decision = await decide(draft);
      if (decision === 'leave') return;
      if (decision === 'discard') return this.#discard(draft);
      await this.#confirm(draft);
    }
    await this.#journal.confirmed(isoTime(this.#world.clock.now()));
  }

  /** The draft of the file: the one an earlier run knew of, or a new one. */
  async #draft(): Promise<Draft> {
    const known = this.#journal.draft;
    if (known !== null) {
      // Not by uploading it again: the server may have forgotten the key, and the draft may have been sent since.
      const path = `/api/v1/plans/${known.plan_id}/draft`;
      const found = await this.#patiently(() => this.#client.exchange('GET', path));
      if (found.status === 200) return found.body as Draft;
      if (codeOf(found) !== 'planNotFound') throw this.#client.refused(found);
    }
    // What has expired or was discarded was never sent.
    if (known !== null || this.#journal.key === null) await this.#journal.begin(randomSecret(128));
    let answer = await this.#upload();
    if (codeOf(answer) === 'planNotFound') {
      await this.#journal.begin(randomSecret(128));
      answer = await this.#upload();
    }
    if (answer.status === 201) return answer.body as Draft;
    // Nothing is at the server, so that the next command may ask for something else.
    await this.#journal.remove();
    throw this.#client.refused(answer);
  }

  #upload(): Promise<Answer> {
    const { file, query } = this.#wishes;
    const path = `/api/v1/plans?${new URLSearchParams(query)}`;
    const headers = { 'idempotency-key': this.#journal.key! };
    return this.#patiently(() => this.#client.upload(path, file, headers, this.#interrupted));
  }

  async #confirm({ plan_id }: Draft): Promise<void> {
    const { startAt } = this.#wishes;
    const body = startAt === null ? {} : { start_at: startAt };
    const path = `/api/v1/plans/${plan_id}/confirm`;
    const answer = await this.#patiently(() => this.#client.exchange('POST', path, body));
    if (answer.status === 200) return;
    const { message, advice, facts } = this.#client.refused(answer);
    const goOn = 'The same command goes on with the draft, within a day.';
    throw new CommandFailed(message, `${advice} ${goOn}`.trim(), facts);
  }

  async #discard({ plan_id }: Draft): Promise<void> {
    await this.#client.native('DELETE', `/plans/${plan_id}`);
    await this.#journal.remove();
    throw new CommandFailed('not sent, as you wished', 'The draft is discarded.', { code: 'declined' });
  }

  #patiently(ask: () => Promise<Answer>): Promise<Answer> {
    return askPatiently(ask, this.#world, { note: this.#wishes.note, interrupted: this.#interrupted });
  }
}

/** The file's journal: a new one, or that of the send to go on with. */
async function openJournal(wishes: SendWishes, client: ApiClient, world: World) {
  const { state } = besides(wishes.file);
  const file = await fingerprintOf(wishes.file);
  const order: SendOrder = { url: client.url, user: client.user, query: wishes.query };
  const earlier = wishes.restart ? null : await Journal.resume(state);
  if (earlier !== null) {
    try {
      mustBeSame(earlier.header.file, file, wishes.file);
      mustOrderTheSame(earlier.header.order, order);
    } catch (error) {
      await earlier.close();
      throw error;
    }
    return { journal: earlier, resumed: true };
  }
  if (wishes.restart) await rm(state, { force: true });
  const begun_at = isoTime(world.clock.now());
  return { journal: await Journal.create(state, { begun_at, file, order }), resumed: false };
}

function mustBeSame(known: Fingerprint, now: Fingerprint, file: string): void {
  if (known.sha256 === now.sha256 && known.bytes === now.bytes) return;
  throw new CommandFailed(
    `${file} has changed since its send was begun`,
    'Put the file back as it was to finish that send, or use --restart to send all of it as it is now.',
    { code: 'fileChanged' },
  );
}

/** The option of the command that a word of the query comes from. */
function optionOf(name: string): string {
  if (name === 'template_id') return '--temp';
  return name === 'signature_id' ? '--sign' : `--${name.replaceAll('_', '-')}`;
}

function mustOrderTheSame(before: SendOrder, now: SendOrder): void {
  const names = [...new Set([...Object.keys(before.query), ...Object.keys(now.query)])];
  const asked: [string, unknown, unknown][] = [
    ['--url', before.url, now.url],
    ['--user', before.user, now.user],
    ...names.map((name): [string, unknown, unknown] => [optionOf(name), before.query[name], now.query[name]]),
  ];
  for (const [option, then, wanted] of asked) {
    if (then === wanted) continue;
    throw new CommandFailed(
      `the send of this file was begun with ${option} ${then ?? '(not given)'}, not ${wanted ?? '(not given)'}`,
      'Ask for the same to go on with it, or use --restart to send the whole file anew.',
      { code: 'otherSend' },
    );
  }
}
