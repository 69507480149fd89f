import { readFile } from 'node:fs/promises';
import { between } from '../arguments.ts';
import { businessIdOf, queryOf } from '../business-id.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';
import { counted, facts, table } from '../output.ts';

interface EntryFacts {
  to: string;
  since: string;
  source: string;
  note: string;
}

interface WordsFacts {
  business_id: number;
  opt_out: string[];
  opt_in: string[];
  usual: { opt_out: boolean; opt_in: boolean };
}

type Command = Parameters<Register>[0];
type Act = Parameters<Register>[1];

/** Recipients one request may hold. */
const AT_ONCE = 10_000;
const DEFAULT_SHOWN = 50;
const MAX_SHOWN = 1_000;

/** `signet opt-out …`: who gets no marketing from a business. */
export const registerOptOut: Register = (parent, act) => {
  const command = parent
    .command('opt-out')
    .description('recipients who get no marketing from a business, and their words');
  listCommands(command, act, '/opt-outs', 'whose list (for root); without it your own');

  command
    .command('words')
    .description('words by which people opt out, and in again; with options, set them')
    .option('--business <name>', 'whose (for root); without it your own')
    .option('--out <words>', 'words that opt out, separated by commas; "usual": the usual ones')
    .option('--in <words>', 'words that opt in again; "usual": the usual ones')
    .action(
      act(async (context, options: { business?: string; out?: string; in?: string }) => {
        const client = await context.client();
        const owner = await businessIdOf(client, options.business);
        const sets = options.out !== undefined || options.in !== undefined;
        const words = sets
          ? await client.native<WordsFacts>('POST', '/opt-words', {
              ...owner,
              ...(options.out !== undefined && { opt_out: wordsOf(options.out) }),
              ...(options.in !== undefined && { opt_in: wordsOf(options.in) }),
            })
          : await client.native<WordsFacts>('GET', `/opt-words${queryOf(owner)}`);
        context.out.result(words, () => facts({ out: words.opt_out.join(', '), in: words.opt_in.join(', ') }));
      }),
    );
};

/** `signet blacklist …`: who gets nothing at all. */
export const registerBlacklist: Register = (parent, act) => {
  const command = parent.command('blacklist').description('recipients who get nothing at all');
  listCommands(command, act, '/blacklist', "a business's own list (for root); without it the installation's");
};

function listCommands(command: Command, act: Act, path: '/opt-outs' | '/blacklist', whose: string): void {
  command
    .command('list')
    .description('recipients on the list, in the order of their numbers')
    .option('--business <name>', whose)
    .option('--limit <n>', 'how many at most', between(1, MAX_SHOWN), DEFAULT_SHOWN)
    .action(
      act(async (context, { business, limit }: { business?: string; limit: number }) => {
        const client = await context.client();
        const query = queryOf({ ...(await businessIdOf(client, business)), limit });
        const { items } = await client.native<{ items: EntryFacts[] }>('GET', `${path}${query}`);
        context.out.result({ items }, () =>
          table(
            ['to', 'since', 'by', 'note'],
            items.map((entry) => [entry.to, entry.since, entry.source, entry.note]),
          ),
        );
      }),
    );

  for (const [verb, meaning, done] of [
    ['add', 'put numbers on the list', 'added'],
    ['remove', 'take numbers off the list', 'removed'],
  ] as const) {
    const change = command
      .command(`${verb} [numbers...]`)
      .description(meaning)
      .option('--business <name>', whose)
      .option('--file <file>', 'numbers from a file, the first column of each line; an export is such a file');
    if (verb === 'add') change.option('--note <text>', 'why, for people');
    change.action(
      act(async (context, given: string[], options: { business?: string; file?: string; note?: string }) => {
        const numbers = [...given, ...(options.file === undefined ? [] : await numbersIn(options.file))];
        if (numbers.length === 0) throw usageError('no number is given', 'Give numbers, or --file.');
        const client = await context.client();
        const owner = await businessIdOf(client, options.business);
        let changed = 0;
        for (let from = 0; from < numbers.length; from += AT_ONCE) {
          const body = {
            ...owner,
            recipients: numbers.slice(from, from + AT_ONCE),
            ...(options.note !== undefined && { note: options.note }),
          };
          const target = verb === 'add' ? path : `${path}/remove`;
          changed += (await client.native<{ changed: number }>('POST', target, body)).changed;
        }
        context.out.result({ changed }, () => `${counted(changed, 'number')} ${done}`);
      }),
    );
  }

  command
    .command('export <file>')
    .description('write the whole list to a CSV file')
    .option('--business <name>', whose)
    .action(
      act(async (context, file: string, { business }: { business?: string }) => {
        const client = await context.client();
        await client.download(`/api/v1${path}.csv${queryOf(await businessIdOf(client, business))}`, file);
        context.out.result({ file }, () => `written to ${file}`);
      }),
    );
}

/** The number at the beginning of each line, also where quotes or an apostrophe protect it; a header has none. */
async function numbersIn(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw usageError(`${file} cannot be read (${error.code})`);
  });
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  return lines.flatMap((line) => /^\s*["']*(\+?\d+)/.exec(line)?.[1] ?? []);
}

const wordsOf = (text: string): string[] | null =>
  text === 'usual'
    ? null
    : text
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
