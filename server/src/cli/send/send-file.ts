import { rm } from 'node:fs/promises';
import { isoTime } from '../../lib/clock.ts';
import { randomSecret } from '../../lib/random.ts';
import type { ApiClient } from '../client.ts';
import { CommandFailed } from '../failure.ts';
import { grouped } from '../output.ts';
import type { World } from '../world.ts';
import { Courier, type UncertainChoice } from './courier.ts';
import { fetchFacts } from './facts.ts';
import { type Fingerprint, FingerprintTaker } from './fingerprint.ts';
import { Journal, type SendOrder } from './journal.ts';
import { detectLayout } from './layout.ts';
import { Progress } from './progress.ts';
import { inspect, readRecords } from './records.ts';
import { RejectedFile } from './rejected-file.ts';
import { cut, RowJudge, valueSources } from './rows.ts';

/** What the command line asks for. */
export interface SendWishes {
  file: string;
  signId: number;
  tempId: number;
  params: Record<string, string>;
  batch: number;
  encoding: string;
  numberColumn?: string;
  country?: string;
  uncertain: UncertainChoice;
  /** Forget what was sent of this file before. */
  restart: boolean;
}

/** How a send ended, or stands. */
export interface SendSummary {
  file: string;
  /** The send was complete before this run. */
  alreadySent: boolean;
  /** An earlier run had begun it. */
  resumed: boolean;
  finished: boolean;
  /** Rows of the file, its header not counted. */
  rows: number;
  /** Messages the server accepted. */
  accepted: number;
  /** Rows that are not sent, by reason. */
  rejected: Record<string, number>;
  /** Names of the accepted requests. */
  uuids: string[];
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
 * Sends a file from its beginning, or goes on where an earlier run stopped. The caller holds the file's lock.
 * @throws SendStopped with what was done; CommandFailed when nothing was
 */
export async function sendFile(wishes: SendWishes, client: ApiClient, world: World): Promise<SendSummary> {
  const startedAt = world.clock.monotonic();
  const interrupted = world.interruption();
  const { file } = wishes;
  const paths = besides(file);
  const { journal, resumed } = await openJournal(wishes, client, world, interrupted);
  const { order, file: known } = journal.header;
  const judge = new RowJudge(order.layout, order.sources, order.country);
  const rejectedFile = new RejectedFile(paths.rejected, order.layout);
  const rejected = new Map<string, number>();
  const rows = known.records - (order.layout.header === null ? 0 : 1);
  const summarize = (alreadySent = false): SendSummary => ({
    file,
    alreadySent,
    resumed,
    finished: journal.finishedAt !== null,
    rows,
    accepted: journal.messages,
    rejected: Object.fromEntries(sum(rejected, journal.rejected)),
    uuids: journal.uuids,
    rejectedFile: rejectedFile.bytes > 0 ? paths.rejected : null,
    stateFile: paths.state,
    seconds: (world.clock.monotonic() - startedAt) / 1000,
  });
  const progress = new Progress(world, rows, 'rows');
  const note = (text: string) => progress.note(text);
  const courier = new Courier(client, journal, world, { uncertain: wishes.uncertain, note, interrupted });
  const taker = new FingerprintTaker();
  try {
    await rejectedFile.rewind(journal.rejectedBytes);
    const alreadySent = journal.finishedAt !== null;
    let done = 0;
    const records = readRecords(file, order.layout, taker);
    for await (const chunk of cut(records, judge, order.batch, order.layout.header === null ? 0 : 1)) {
      for (const { code } of chunk.rejections) rejected.set(code, (rejected.get(code) ?? 0) + 1);
      if (chunk.index >= journal.chunksDone) {
        const refused = await courier.carry(chunk);
        await rejectedFile.add([...chunk.rejections, ...refused].sort((a, b) => a.record.line - b.record.line));
        await journal.finishChunk(chunk.index, rejectedFile.bytes);
      }
      done += chunk.rows.length + chunk.rejections.length;
      progress.update(done, `${grouped(journal.messages)} accepted`);
    }
    mustBeSame(known, taker.take(), file);
    if (!alreadySent) await journal.finish(isoTime(world.clock.now()));
    return summarize(alreadySent);
  } catch (error) {
    throw error instanceof CommandFailed ? new SendStopped(error, summarize()) : error;
  } finally {
    progress.stop();
    await rejectedFile.close();
    await journal.close();
  }
}

/** The file's journal: a new one, or that of the send to go on with. */
async function openJournal(wishes: SendWishes, client: ApiClient, world: World, interrupted: AbortSignal) {
  const { file, signId, tempId, params, batch, encoding } = wishes;
  const { state } = besides(file);
  const earlier = wishes.restart ? null : await Journal.resume(state);
  if (earlier !== null) {
    try {
      mustBeSame(earlier.header.file, await inspect(file, earlier.header.order.layout), file);
      mustOrderTheSame(earlier.header.order, wishes, client);
    } catch (error) {
      await earlier.close();
      throw error;
    }
    return { journal: earlier, resumed: true };
  }
  const note = (text: string) => void world.stderr.write(`${text}\n`);
  const facts = await fetchFacts(client, world, { signId, tempId, country: wishes.country, note, interrupted });
  const { country } = facts;
  const layout = await detectLayout(file, {
    encoding,
    country,
    ...(wishes.numberColumn && { numberColumn: wishes.numberColumn }),
  });
  const sources = valueSources(layout, facts.variables, params);
  const order: SendOrder = {
    url: client.url,
    user: client.user,
    signId,
    tempId,
    params,
    batch,
    country,
    layout,
    sources,
  };
  const begun = {
    run: randomSecret(128),
    begun_at: isoTime(world.clock.now()),
    file: await inspect(file, layout),
    order,
  };
  if (wishes.restart) await rm(state, { force: true });
  return { journal: await Journal.create(state, begun), resumed: false };
}

function mustBeSame(known: Fingerprint, now: Fingerprint, file: string): void {
  if (known.sha256 === now.sha256 && known.bytes === now.bytes) return;
  throw new CommandFailed(
    `${file} has changed since its send was begun`,
    'Put the file back as it was to finish that send, or use --restart to send all of it as it is now.',
    { code: 'fileChanged' },
  );
}

/** Going on makes the requests of the earlier run, so the command must ask for the same. */
function mustOrderTheSame(order: SendOrder, wishes: SendWishes, client: ApiClient): void {
  const asked: [string, unknown, unknown][] = [
    ['--url', order.url, client.url],
    ['--user', order.user, client.user],
    ['--sign', order.signId, wishes.signId],
    ['--temp', order.tempId, wishes.tempId],
    ['--params', JSON.stringify(order.params), JSON.stringify(wishes.params)],
  ];
  for (const [option, before, now] of asked) {
    if (before === now) continue;
    throw new CommandFailed(
      `the send of this file was begun with ${option} ${before}, not ${now}`,
      'Ask for the same to go on with it, or use --restart to send the whole file anew.',
      { code: 'otherSend' },
    );
  }
}

function sum(...counts: Map<string, number>[]): Map<string, number> {
  const total = new Map<string, number>();
  for (const map of counts) for (const [key, count] of map) total.set(key, (total.get(key) ?? 0) + count);
  return total;
}
