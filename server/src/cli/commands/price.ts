import { access } from 'node:fs/promises';
import { CATEGORIES, type Category } from '../../domain/category.ts';
import { identifier, oneOf, wholeNumber, withoutAbsent } from '../arguments.ts';
import type { ApiClient } from '../client.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';
import { counted, table } from '../output.ts';

interface PriceFacts {
  id: number;
  prefix: string;
  category: Category | null;
  credits: number;
  valid_from: string;
  in_force: boolean;
}

/** `signet price …`: what a segment costs. */
export const registerPrice: Register = (parent, act) => {
  const price = parent.command('price').description('prices: credits for a segment, by destination and category');

  price
    .command('list')
    .description("the installation's price table, or a business's own")
    .option('--business <name>', 'whose table')
    .action(
      act(async (context, { business }: { business?: string }) => {
        const items = await all<PriceFacts>(await context.client(), '/price-rows', business);
        context.out.result({ items }, () => shown(items));
      }),
    );

  price
    .command('effective')
    .description('what a business pays: its own rows, then those of the installation')
    .option('--business <name>', 'which; without it whoever signs in')
    .action(
      act(async (context, { business }: { business?: string }) => {
        const items = await all<PriceFacts & { scope: string }>(await context.client(), '/prices', business);
        context.out.result({ items }, () =>
          table(
            ['table', 'prefix', 'category', 'credits', 'valid from'],
            items.map((p) => [p.scope, p.prefix, p.category ?? 'any', p.credits, p.valid_from]),
          ),
        );
      }),
    );

  price
    .command('set <prefix> <credits>')
    .description('put one row into a price table; the prefix "any" stands for every number')
    .option('--business <name>', "a business's own table; without it the installation's")
    .option('--category <category>', `only for ${CATEGORIES.join(', ')}`, oneOf(...CATEGORIES))
    .option('--from <time>', 'when it begins: a time with an offset, or a day; without it now')
    .action(
      act(async (context, prefix: string, credits: string, options: SetOptions) => {
        const client = await context.client();
        const row = withoutAbsent({
          prefix: prefixOf(prefix),
          credits: wholeNumber(credits),
          category: options.category,
          valid_from: options.from,
        });
        const path = `/price-rows${await queryOf(client, options.business)}`;
        const done = await client.native<{ rows: number }>('POST', path, { rows: [row] });
        context.out.result(done, () => `a segment to ${prefix} costs ${counted(wholeNumber(credits), 'credit')}`);
      }),
    );

  price
    .command('put <file>')
    .description(
      'put all rows of a CSV or XLSX file into a price table, or none: prefix, category, credits, valid_from',
    )
    .option('--business <name>', "a business's own table; without it the installation's")
    .action(
      act(async (context, file: string, { business }: { business?: string }) => {
        await mustBeThere(file);
        const client = await context.client();
        const path = `/price-rows${await queryOf(client, business)}`;
        const done = await client.nativeUpload<{ rows: number }>(path, file, context.world.interruption());
        context.out.result(done, () => `${counted(done.rows, 'row')} put into the table`);
      }),
    );

  price
    .command('remove <id>')
    .description('take a row out of a price table')
    .action(
      act(async (context, id: string) => {
        await (await context.client()).native('DELETE', `/price-rows/${identifier(id)}`);
        context.out.result({ id: identifier(id), removed: true }, () => `price ${id} is removed`);
      }),
    );

  price
    .command('quote <number>')
    .description('what a segment to a number costs, and which row says so')
    .requiredOption('--category <category>', CATEGORIES.join(', '), oneOf(...CATEGORIES))
    .option('--business <name>', 'for which business; without it whoever signs in')
    .option('--at <time>', 'at a time with an offset, or a day; without it now')
    .action(
      act(async (context, number: string, options: { category: Category; business?: string; at?: string }) => {
        const client = await context.client();
        const query = new URLSearchParams({ to: number, category: options.category });
        if (options.at !== undefined) query.set('at', options.at);
        const owner = await idOf(client, options.business);
        if (owner !== null) query.set('business_id', owner);
        const quote = await client.native<{ credits: number; why: string }>('GET', `/prices/quote?${query}`);
        context.out.result(quote, () => `${counted(quote.credits, 'credit')} a segment: ${quote.why}`);
      }),
    );
};

interface SetOptions {
  business?: string;
  category?: Category;
  from?: string;
}

/** The digits of a prefix argument; an empty one is hard to write in a shell. */
export function prefixOf(text: string): string {
  const digits = text.replace(/^\+/, '');
  if (digits === 'any') return '';
  if (!/^[1-9]\d{0,14}$/.test(digits)) throw usageError(`a prefix is digits or "any", not ${JSON.stringify(text)}`);
  return digits;
}

/** @throws CommandFailed (usage) when there is no such file */
export async function mustBeThere(file: string): Promise<void> {
  await access(file).catch(() => {
    throw usageError(`${file} cannot be read`);
  });
}

/** The id of a business; null when none is named. */
async function idOf(client: ApiClient, name: string | undefined): Promise<string | null> {
  if (name === undefined) return null;
  const found = await client.native<{ business_id: number }>('GET', `/businesses/${encodeURIComponent(name)}`);
  return String(found.business_id);
}

async function queryOf(client: ApiClient, name: string | undefined): Promise<string> {
  const id = await idOf(client, name);
  return id === null ? '' : `?business_id=${id}`;
}

async function all<T>(client: ApiClient, path: string, business: string | undefined): Promise<T[]> {
  const items: T[] = [];
  for await (const item of client.items<T>(`${path}${await queryOf(client, business)}`)) items.push(item);
  return items;
}

const shown = (items: readonly PriceFacts[]): string =>
  table(
    ['id', 'prefix', 'category', 'credits', 'valid from', 'in force'],
    items.map((p) => [p.id, p.prefix, p.category ?? 'any', p.credits, p.valid_from, p.in_force ? 'yes' : 'no']),
  );
