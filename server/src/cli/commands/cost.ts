import { CATEGORIES, type Category } from '../../domain/category.ts';
import { microsText, parseMicros } from '../../domain/cost.ts';
import { identifier, oneOf, withoutAbsent } from '../arguments.ts';
import { channelNamed } from '../channels/channels.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';
import { counted, table } from '../output.ts';
import { mustBeThere, prefixOf } from './price.ts';

interface CostFacts {
  id: number;
  prefix: string;
  category: Category | null;
  micros: number;
  currency: string;
  valid_from: string;
  in_force: boolean;
}

/** `signet cost …`: what carriers charge. */
export const registerCost: Register = (parent, act) => {
  const cost = parent.command('cost').description('costs: what the carrier of a channel charges for a segment');

  cost
    .command('list <channel>')
    .description('the costs of a channel')
    .action(
      act(async (context, name: string) => {
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const items: CostFacts[] = [];
        for await (const item of client.items<CostFacts>(`/channels/${id}/costs`)) items.push(item);
        context.out.result({ items }, () =>
          table(
            ['id', 'prefix', 'category', 'cost', 'currency', 'valid from', 'in force'],
            items.map((c) => [
              c.id,
              c.prefix,
              c.category ?? 'any',
              microsText(c.micros),
              c.currency,
              c.valid_from,
              c.in_force ? 'yes' : 'no',
            ]),
          ),
        );
      }),
    );

  cost
    .command('set <channel> <prefix> <amount> <currency>')
    .description('put one row into the costs of a channel, such as: set orange 33 0.045 EUR; "any" is every number')
    .option('--category <category>', `only for ${CATEGORIES.join(', ')}`, oneOf(...CATEGORIES))
    .option('--from <time>', 'when it begins: a time with an offset, or a day; without it now')
    .action(
      act(async (context, name: string, prefix: string, amount: string, currency: string, options: SetOptions) => {
        const micros = parseMicros(amount);
        if (micros === null) throw usageError(`${JSON.stringify(amount)} is not an amount with at most six places`);
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const row = withoutAbsent({
          prefix: prefixOf(prefix),
          micros,
          currency,
          category: options.category,
          valid_from: options.from,
        });
        const done = await client.native<{ rows: number }>('POST', `/channels/${id}/costs`, { rows: [row] });
        context.out.result(done, () => `a segment to ${prefix} over ${name} costs ${microsText(micros)} ${currency}`);
      }),
    );

  cost
    .command('put <channel> <file>')
    .description(
      'put all rows of a CSV or XLSX file into the costs of a channel, or none: prefix, category, cost or micros, currency, valid_from',
    )
    .action(
      act(async (context, name: string, file: string) => {
        await mustBeThere(file);
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const path = `/channels/${id}/costs`;
        const done = await client.nativeUpload<{ rows: number }>(path, file, context.world.interruption());
        context.out.result(done, () => `${counted(done.rows, 'row')} put into the costs of ${name}`);
      }),
    );

  cost
    .command('remove <id>')
    .description('take a row out of the costs of its channel')
    .action(
      act(async (context, id: string) => {
        await (await context.client()).native('DELETE', `/channel-costs/${identifier(id)}`);
        context.out.result({ id: identifier(id), removed: true }, () => `cost ${id} is removed`);
      }),
    );
};

interface SetOptions {
  category?: Category;
  from?: string;
}
