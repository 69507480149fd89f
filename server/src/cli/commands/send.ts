import { existsSync } from 'node:fs';
import { identifier, oneOf, timeWithOffset } from '../arguments.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';

interface SendOptions {
  temp: number;
  sign?: number;
  file: string;
  map?: string[];
  params?: string[];
  numberColumn?: string;
  header?: 'yes' | 'no';
  country?: string;
  encoding?: string;
  separator?: 'comma' | 'semicolon' | 'tab' | 'bar';
  sheet?: string;
  name?: string;
  at?: string;
  yes?: boolean;
  preview?: boolean;
  wait?: boolean;
  restart?: boolean;
}

/** `signet send`: one template to every number of a file. */
export const registerSend: Register = (parent, act) => {
  parent
    .command('send')
    .description(
      'send a template to every number of a CSV or XLSX file; stopped, the same command goes on where it was',
    )
    .requiredOption('--temp <id>', 'the template', identifier)
    .requiredOption('--file <file>', "the numbers; its other columns are values of the template's variables")
    .option('--sign <id>', "the signature, which must be the template's", identifier)
    .option('--map <variable=column...>', 'columns that are not named as their variables (or one JSON object)')
    .option('--params <name=value...>', 'values for all rows, used where the file has none (or one JSON object)')
    .option('--number-column <column>', 'the column of the numbers, by its name or its position from 1')
    .option(
      '--header <choice>',
      'whether the first row is a header: yes or no (default: found out)',
      oneOf('yes', 'no'),
    )
    .option('--country <code>', "country of numbers without + (default: the business's)")
    .option('--encoding <label>', 'how a CSV file is encoded, such as windows-1252 (default: found out)')
    .option(
      '--separator <name>',
      'between the cells of a CSV file: comma, semicolon, tab or bar (default: found out)',
      oneOf('comma', 'semicolon', 'tab', 'bar'),
    )
    .option('--sheet <name>', 'the sheet of a workbook (default: the first)')
    .option('--name <text>', 'a name of your own for the plan')
    .option(
      '--at <time>',
      'when to start, RFC 3339 with an offset, such as 2026-11-22T08:30:00+08:00 (default: now)',
      timeWithOffset,
    )
    .option('--preview', 'show the first texts, the rows and the price, and send nothing')
    .option('--yes', 'send without asking; without a terminal to ask on nothing is asked')
    .option('--wait', 'wait until every message is final, and count how they ended')
    .option('--restart', 'forget what was sent of this file before, and send all of it')
    .action(
      act(async (context, options: SendOptions) => {
        if (!existsSync(options.file)) throw usageError(`there is no file ${options.file}`);
        const { sendCommand } = await import('../send/send-command.ts');
        const { file, restart = false, yes = false, preview = false, wait = false } = options;
        const wishes = { file, query: queryOf(options), startAt: options.at ?? null, restart };
        await sendCommand(context, wishes, { yes, preview, wait });
      }),
    );
};

function queryOf(options: SendOptions): Record<string, string> {
  const query: Record<string, string | undefined> = {
    template_id: String(options.temp),
    signature_id: options.sign === undefined ? undefined : String(options.sign),
    map: jsonOf('--map', options.map),
    params: jsonOf('--params', options.params),
    number_column: options.numberColumn,
    header: options.header,
    country: options.country?.toUpperCase(),
    encoding: options.encoding,
    separator: options.separator,
    sheet: options.sheet,
    name: options.name,
  };
  return Object.fromEntries(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** name=value pairs, or one JSON object of texts, numbers and booleans; as JSON. */
function jsonOf(option: string, given: string[] | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (given[0]!.startsWith('{')) return JSON.stringify(fromJson(option, given.join(' ')));
  const pairs = given.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw usageError(`${option} takes name=value, not ${JSON.stringify(pair)}`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return JSON.stringify(Object.fromEntries(pairs));
}

function fromJson(option: string, text: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const simple = (v: unknown) => ['string', 'number', 'boolean'].includes(typeof v);
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.values(value).every(simple)) {
    throw usageError(`${option} takes name=value pairs or one JSON object of texts, numbers and booleans`);
  }
  return Object.fromEntries(Object.entries(value).map(([name, v]) => [name, String(v)]));
}
