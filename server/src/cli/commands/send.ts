import { existsSync } from 'node:fs';
import { between, identifier, oneOf } from '../arguments.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';
import type { UncertainChoice } from '../send/courier.ts';
import type { SendWishes } from '../send/send-file.ts';

interface SendOptions {
  sign: number;
  temp: number;
  file: string;
  params?: string[];
  numberColumn?: string;
  country?: string;
  encoding: string;
  batch: number;
  uncertain?: Exclude<UncertainChoice, 'ask'>;
  wait?: boolean;
  restart?: boolean;
}

const MAX_BATCH = 1_000;

/** `signet send`: one template to every number of a file. */
export const registerSend: Register = (parent, act) => {
  parent
    .command('send')
    .description('send a template to every number of a CSV file; stopped, the same command goes on where it was')
    .requiredOption('--sign <id>', 'the signature', identifier)
    .requiredOption('--temp <id>', 'the template', identifier)
    .requiredOption('--file <csv>', "the numbers; its other columns are values of the template's variables")
    .option('--params <name=value...>', 'values for all rows, used where the file has none (or one JSON object)')
    .option('--number-column <column>', 'the column of the numbers, by its name or its position from 1')
    .option('--country <code>', "country of numbers without + (default: the business's)")
    .option('--encoding <label>', 'how the file is encoded, such as gb18030', encoding, 'utf-8')
    .option('--batch <rows>', 'rows of the file in one request', between(1, MAX_BATCH), MAX_BATCH)
    .option('--wait', 'wait until every message is final, and count how they ended')
    .option(
      '--uncertain <choice>',
      'after an answer lost more than a day ago: send or skip those rows',
      oneOf('send', 'skip'),
    )
    .option('--restart', 'forget what was sent of this file before, and send all of it')
    .action(
      act(async (context, options: SendOptions) => {
        if (!existsSync(options.file)) throw usageError(`there is no file ${options.file}`);
        const { sendCommand } = await import('../send/send-command.ts');
        const wishes: SendWishes = {
          file: options.file,
          signId: options.sign,
          tempId: options.temp,
          params: parameters(options.params ?? []),
          batch: options.batch,
          encoding: options.encoding,
          uncertain: options.uncertain ?? 'ask',
          restart: options.restart === true,
          ...(options.numberColumn === undefined ? {} : { numberColumn: options.numberColumn }),
          ...(options.country === undefined ? {} : { country: options.country.toUpperCase() }),
        };
        await sendCommand(context, wishes, options.wait === true);
      }),
    );
};

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

function encoding(text: string): string {
  try {
    return new TextDecoder(text).encoding;
  } catch {
    throw usageError(`${text} is not an encoding`, 'Such as utf-8, gb18030, utf-16le, windows-1252.');
  }
}
