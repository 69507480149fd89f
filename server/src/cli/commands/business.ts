import { MAX_WEIGHT } from '../../domain/business.ts';
import { between, oneOf } from '../arguments.ts';
import type { Register } from '../context.ts';
import { usageError } from '../failure.ts';
import { facts, grouped, table } from '../output.ts';
import { askSecret } from '../password.ts';

interface BusinessFacts {
  business_id: number;
  user: string;
  state: string;
  available: number;
  reserved: number;
  weight: number;
  default_country: string;
  time_zone: string;
  created_at: string;
}

interface NewBusinessFacts extends BusinessFacts {
  password?: string;
  api_key: string;
  api_secret: string;
}

interface NewBusinessOptions {
  password?: string;
  credits?: number;
  country?: string;
  timeZone?: string;
}

/** `signet business …`: tenants, their passwords and their credits. */
export const registerBusiness: Register = (parent, act) => {
  const business = parent.command('business').description('businesses: who may send, and with how many credits');

  business
    .command('create <name>')
    .description('create a business with an API key; what it prints is shown only once')
    .option('--password <password>', 'its password; without it one is generated')
    .option('--credits <number>', 'credits to begin with', credits)
    .option('--country <code>', 'country of numbers written without + (two letters)')
    .option('--time-zone <name>', 'IANA time zone of its local times, such as Asia/Shanghai')
    .action(
      act(async (context, name: string, options: NewBusinessOptions) => {
        const client = await context.client();
        const created = await client.native<NewBusinessFacts>('POST', '/businesses', {
          name,
          api_key: true,
          ...(options.password === undefined ? {} : { password: options.password }),
          ...(options.credits === undefined ? {} : { credits: options.credits }),
          ...(options.country === undefined ? {} : { default_country: options.country }),
          ...(options.timeZone === undefined ? {} : { time_zone: options.timeZone }),
        });
        context.out.result(created, () =>
          facts({
            user: created.user,
            ...(created.password === undefined ? {} : { password: created.password }),
            business_id: created.business_id,
            api_key: created.api_key,
            api_secret: created.api_secret,
            credits: created.available,
          }),
        );
        context.out.note('Keep the secrets now: they are not shown again.');
      }),
    );

  business
    .command('list')
    .description('all businesses with their balances')
    .action(
      act(async (context) => {
        const items: BusinessFacts[] = [];
        for await (const item of (await context.client()).items<BusinessFacts>('/businesses')) items.push(item);
        context.out.result({ items }, () =>
          table(
            ['id', 'user', 'state', 'available', 'reserved', 'country', 'created'],
            items.map((b) => [
              b.business_id,
              b.user,
              b.state,
              b.available,
              b.reserved,
              b.default_country,
              b.created_at,
            ]),
          ),
        );
      }),
    );

  business
    .command('show <name>')
    .description('one business')
    .action(
      act(async (context, name: string) => {
        const found = await (await context.client()).native<BusinessFacts>('GET', path(name));
        context.out.result(found, () => facts({ ...found }));
      }),
    );

  business
    .command('top-up <name> <credits>')
    .description('add credits to its balance')
    .option('--reason <text>', 'kept with the ledger entry')
    .action(
      act(async (context, name: string, amount: string, options: { reason?: string }) => {
        const client = await context.client();
        await client.native('POST', path(name, 'top-up'), { credits: credits(amount), ...options });
        const found = await client.native<BusinessFacts>('GET', path(name));
        context.out.result(found, () => `${name} now has ${grouped(found.available)} credits available`);
      }),
    );

  business
    .command('correct <name> <credits>')
    .description('correct its balance by a positive or negative number of credits')
    .requiredOption('--reason <text>', 'kept with the ledger entry')
    .action(
      act(async (context, name: string, amount: string, options: { reason: string }) => {
        const client = await context.client();
        await client.native('POST', path(name, 'correction'), { credits: wholeNumber(amount), ...options });
        const found = await client.native<BusinessFacts>('GET', path(name));
        context.out.result(found, () => `${name} now has ${grouped(found.available)} credits available`);
      }),
    );

  business
    .command('statement <name> <month> <file>')
    .description('write its statement of a month, such as 2026-11, to a CSV file, in the days of its time zone')
    .action(
      act(async (context, name: string, month: string, file: string) => {
        const query = new URLSearchParams({ month });
        await (await context.client()).download(`/api/v1${path(name, 'statement.csv')}?${query}`, file);
        context.out.result({ user: name, month, file }, () => `written to ${file}`);
      }),
    );

  business
    .command('low-balance <name> <credits>')
    .description('tell its webhooks when its balance falls below so many credits; "off": never')
    .action(
      act(async (context, name: string, amount: string) => {
        const client = await context.client();
        const threshold = amount === 'off' ? null : credits(amount);
        const found = await client.native<BusinessFacts>('POST', path(name, 'low-balance'), { credits: threshold });
        context.out.result(found, () =>
          threshold === null
            ? `the webhooks of ${name} are told nothing of its balance`
            : `the webhooks of ${name} are told when its balance falls below ${grouped(threshold)}`,
        );
      }),
    );

  business
    .command('password <name>')
    .description('give it a new password: generated and printed once, unless --password or --ask says otherwise')
    .option('--password <password>', 'the new password')
    .option('--ask', 'type the new password, hidden')
    .action(
      act(async (context, name: string, options: { password?: string; ask?: boolean }) => {
        const client = await context.client();
        const password = options.ask ? await typedTwice(context.world) : options.password;
        const body = password === undefined ? {} : { password };
        const answer = await client.native<{ password?: string } | null>('POST', path(name, 'password'), body);
        const generated = answer?.password;
        context.out.result({ user: name, ...(generated === undefined ? {} : { password: generated }) }, () =>
          generated === undefined ? `${name} has its new password` : facts({ user: name, password: generated }),
        );
      }),
    );

  business
    .command('time-zone <name> <zone>')
    .description('set the IANA time zone of its local times, such as Asia/Shanghai')
    .action(
      act(async (context, name: string, zone: string) => {
        const client = await context.client();
        const found = await client.native<BusinessFacts>('POST', path(name, 'time-zone'), { time_zone: zone });
        context.out.result(found, () => `${name} is in ${found.time_zone}`);
      }),
    );

  business
    .command('pay-on-delivery <name> <on|off>')
    .description('whether it gets back the credits of messages that are reported not delivered')
    .action(
      act(async (context, name: string, text: string) => {
        const on = oneOf('on', 'off')(text) === 'on';
        const client = await context.client();
        const found = await client.native<BusinessFacts>('POST', path(name, 'pay-on-delivery'), { on });
        context.out.result(found, () => `${name} pays ${on ? 'for what is delivered' : 'for what carriers accept'}`);
      }),
    );

  business
    .command('weight <name> <weight>')
    .description(`set its share of a channel for which several businesses wait: 1 to ${MAX_WEIGHT}, 1 unless set`)
    .action(
      act(async (context, name: string, text: string) => {
        const weight = between(1, MAX_WEIGHT)(text);
        const client = await context.client();
        const found = await client.native<BusinessFacts>('POST', path(name, 'weight'), { weight });
        context.out.result(found, () => `${name} has the weight ${found.weight}`);
      }),
    );

  for (const [verb, meaning, done] of [
    ['suspend', 'refuse everything it asks for, until it is resumed', 'is suspended'],
    ['resume', 'let a suspended business work again', 'is active'],
  ] as const) {
    business
      .command(`${verb} <name>`)
      .description(meaning)
      .action(
        act(async (context, name: string) => {
          const client = await context.client();
          await client.native('POST', path(name, verb), {});
          const found = await client.native<BusinessFacts>('GET', path(name));
          context.out.result(found, () => `${name} ${done}`);
        }),
      );
  }
};

const path = (name: string, verb = ''): string => `/businesses/${encodeURIComponent(name)}${verb && `/${verb}`}`;

/** A positive whole number of credits. */
function credits(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw usageError(`credits must be a whole number from 1 on, not ${JSON.stringify(text)}`);
  return value;
}

function wholeNumber(text: string): number {
  if (!/^-?\d{1,16}$/.test(text)) throw usageError(`credits must be a whole number, not ${JSON.stringify(text)}`);
  return Number(text);
}

async function typedTwice(world: Parameters<typeof askSecret>[0]): Promise<string> {
  const otherwise = 'Leave --ask out to have one generated.';
  const first = await askSecret(world, 'New password', otherwise);
  if ((await askSecret(world, 'The same again', otherwise)) !== first) throw usageError('the two passwords differ');
  return first;
}
