import { existsSync } from 'node:fs';
import { isCountry } from '../../domain/recipient.ts';
import type { Context, Register } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { table } from '../output.ts';
import type { UncertainChoice } from '../send/courier.ts';
import { follow } from '../send/follow.ts';
import { lock } from '../send/lock.ts';
import { besides, SendStopped, type SendSummary, sendFile } from '../send/send-file.ts';

interface SendOptions {
  sign: number;
  temp: number;
  file: string;
  params?: string[];
  numberColumn?: string;
  country?: string;
  encoding: string;
  batch: number;
  uncertain: UncertainChoice;
  wait?: boolean;
  restart?: boolean;
}

const MAX_BATCH = 1_000;

/** Why rows are not sent, in words. */
const REASONS: Record<string, string> = {
  no_number: 'no number',
  invalid_number: 'not a mobile number',
  duplicate: 'number given before',
  missing_value: 'a variable without a value',
  bad_value: 'a value that cannot be sent',
  too_often: 'over the limit to one number',
  refused: 'refused by the server',
  uncertain: 'may have been sent',
};

/** `signet send`: one template to every number of a file. */
export const registerSend: Register = (parent, act) => {
  parent
    .command('send')
    .description('send a template to every number of a CSV file; stopped, the same command goes on where it was')
    .requiredOption('--sign <id>', 'the signature', identifier)
    .requiredOption('--temp <id>', 'the template', identifier)
    .requiredOption('--file <csv>', 'the numbers; its other columns are values of the template’s variables')
    .option('--params <name=value...>', 'values for all rows, used where the file has none (or one JSON object)')
    .option('--number-column <column>', 'the column of the numbers, by its name or its position from 1')
    .option('--country <code>', "country of numbers without + (default: the business's)", country)
    .option('--encoding <label>', 'how the file is encoded, such as gb18030', encoding, 'utf-8')
    .option('--batch <rows>', 'rows of the file in one request', batch, MAX_BATCH)
    .option('--wait', 'wait until every message is final, and count how they ended')
    .option('--uncertain <choice>', 'after an answer lost more than a day ago: send or skip those rows', choice, 'ask')
    .option('--restart', 'forget what was sent of this file before, and send all of it')
    .action(
      act(async (context, options: SendOptions) => {
        if (!existsSync(options.file)) throw usageError(`there is no file ${options.file}`);
        const release = lock(besides(options.file).lock);
        try {
          await send(context, options);
        } finally {
          release();
        }
      }),
    );
};

async function send(context: Context, options: SendOptions): Promise<void> {
  const client = await context.client();
  const wishes = {
    file: options.file,
    signId: options.sign,
    tempId: options.temp,
    params: parameters(options.params ?? []),
    batch: options.batch,
    encoding: options.encoding,
    uncertain: options.uncertain,
    restart: options.restart === true,
    ...(options.numberColumn === undefined ? {} : { numberColumn: options.numberColumn }),
    ...(options.country === undefined ? {} : { country: options.country }),
  };
  let summary: SendSummary;
  try {
    summary = await sendFile(wishes, client, context.world);
  } catch (error) {
    if (!(error instanceof SendStopped)) throw error;
    context.out.note(humanSummary(error.summary));
    throw new CommandFailed(
      error.message,
      error.advice,
      { ...error.facts, send: jsonSummary(error.summary) },
      error.exitCode,
    );
  }
  const states = options.wait
    ? await follow(summary.uuids, summary.accepted, client, context.world, context.world.interruption())
    : null;
  context.out.result({ ...jsonSummary(summary), ...(states && { states }) }, () => {
    const text = humanSummary(summary);
    return states === null ? text : `${text}\n${table(['state', 'messages'], Object.entries(states))}`;
  });
}

function jsonSummary(summary: SendSummary): Record<string, unknown> {
  return {
    file: summary.file,
    finished: summary.finished,
    already_sent: summary.alreadySent,
    resumed: summary.resumed,
    rows: summary.rows,
    accepted: summary.accepted,
    rejected: summary.rejected,
    requests: summary.uuids.length,
    uuids: summary.uuids,
    rejected_file: summary.rejectedFile,
    state_file: summary.stateFile,
    seconds: Math.round(summary.seconds * 1000) / 1000,
  };
}

function humanSummary(summary: SendSummary): string {
  const rejected = Object.entries(summary.rejected).map(([code, count]) => [
    `rejected: ${REASONS[code] ?? code}`,
    count,
  ]);
  const drawn = table(
    ['rows', 'count'],
    [['in the file', summary.rows], ['accepted by the server', summary.accepted], ...rejected],
  );
  const remarks = [`${summary.uuids.length} requests, ${summary.seconds.toFixed(1)} s`];
  if (summary.alreadySent)
    remarks.unshift('This file was sent before; nothing was sent now (--restart sends it again).');
  if (summary.rejectedFile !== null) remarks.push(`The rejected rows, each with its reason: ${summary.rejectedFile}`);
  return [drawn, ...remarks].join('\n');
}

/** name=value pairs, or one JSON object of texts, numbers and booleans. */
function parameters(given: string[]): Record<string, string> {
  const first = given[0] ?? '';
  if (first.startsWith('{')) return fromJson(given.join(' '));
  const pairs = given.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usageError(`--params takes name=value, not ${JSON.stringify(pair)}`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(pairs);
}

function fromJson(text: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const simple = (v: unknown) => ['string', 'number', 'boolean'].includes(typeof v);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.values(value).every(simple)) {
    throw usageError('--params takes name=value pairs or one JSON object of texts, numbers and booleans');
  }
  return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, String(v)]));
}

function identifier(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw usageError(`an id is a whole number from 1 on, not ${JSON.stringify(text)}`);
  return Number(text);
}

function batch(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MAX_BATCH) throw usageError(`--batch must be a whole number from 1 to ${MAX_BATCH}`);
  return value;
}

function country(text: string): string {
  const code = text.toUpperCase();
  if (!/^[A-Z]{2}$/.test(code) || !isCountry(code)) throw usageError(`${text} is not the two-letter code of a country`);
  return code;
}

function encoding(text: string): string {
  try {
    return new TextDecoder(text).encoding;
  } catch {
    throw usageError(`${text} is not an encoding`, 'Such as utf-8, gb18030, utf-16le, windows-1252.');
  }
}

function choice(text: string): UncertainChoice {
  if (text !== 'send' && text !== 'skip') throw usageError('--uncertain takes send or skip');
  return text;
}
