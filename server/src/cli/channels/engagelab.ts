import type { Command } from 'commander';
import { withoutAbsent } from '../arguments.ts';
import type { Act } from '../context.ts';
import { usageError } from '../failure.ts';
import { askSecret } from '../password.ts';
import { type ChannelFacts, channelNamed } from './channels.ts';
import { addTuning, type HttpTuning, pathOf, tuningOf } from './http.ts';

interface EngagelabOptions extends HttpTuning {
  address?: string;
  apiKey?: string;
  apiSecret?: string;
  template?: string;
  variable?: string;
  map?: Record<string, string>;
  idempotent?: boolean;
  receipts?: boolean;
  webhookSecret?: string;
}

/** Other platforms that speak the EngageLab dialect. */
export function registerEngagelab(add: Command, edit: Command, act: Act): void {
  tuning(
    add
      .command('engagelab <name>')
      .description('another Signet, or EngageLab')
      .requiredOption('--address <url>', 'where /v1/messages is, without it')
      .requiredOption('--api-key <key>', 'the API key there')
      .option('--api-secret <secret>', 'its secret; asked for when left out')
      .option('--disabled', 'add it without sending yet'),
  ).action(
    act(async (context, name: string, options: EngagelabOptions & { disabled?: boolean }) => {
      const apiSecret =
        options.apiSecret ?? (await askSecret(context.world, `Secret of ${options.apiKey}`, 'Give --api-secret.'));
      const client = await context.client();
      const created = await client.native<ChannelFacts & { engagelab: { callback_path: string } }>(
        'POST',
        '/channels',
        {
          name,
          enabled: options.disabled !== true,
          engagelab: fieldsOf({ ...options, apiSecret }),
        },
      );
      context.out.result(created, () => `channel ${created.name} (${created.id}) is added${pathOf(created.engagelab)}`);
    }),
  );

  tuning(
    edit
      .command('engagelab <name>')
      .description('another Signet, or EngageLab, by its name or id')
      .option('--address <url>', 'where /v1/messages is, without it')
      .option('--api-key <key>', 'the API key there')
      .option('--api-secret <secret>', 'its secret'),
  ).action(
    act(async (context, name: string, options: EngagelabOptions) => {
      const engagelab = fieldsOf(options);
      if (Object.keys(engagelab).length === 0)
        throw usageError('nothing to change', 'See "signet channel edit engagelab --help".');
      const client = await context.client();
      const { id } = await channelNamed(client, name);
      const edited = await client.native<ChannelFacts>('PATCH', `/channels/${id}`, { engagelab });
      context.out.result(edited, () => `channel ${edited.name} is changed`);
    }),
  );
}

const tuning = (command: Command): Command =>
  addTuning(
    command
      .option('--template <id>', "the other side's template that is one variable, for whole texts")
      .option('--variable <name>', 'the name of that variable (content)')
      .option('--map <ours=theirs>', "templates by our ids and the other side's, separated by commas", map)
      .option('--idempotent', 'the other side keeps Idempotency-Key, as a Signet does')
      .option('--no-idempotent', 'it does not')
      .option('--receipts', 'its webhook tells us what becomes of messages')
      .option('--no-receipts', 'it does not')
      .option('--webhook-secret <secret>', 'what its webhook signs with'),
  );

const fieldsOf = (options: EngagelabOptions): Record<string, unknown> =>
  withoutAbsent({
    url: options.address,
    api_key: options.apiKey,
    api_secret: options.apiSecret,
    template: options.template,
    variable: options.variable,
    templates: options.map,
    idempotent: options.idempotent,
    receipts: options.receipts,
    webhook_secret: options.webhookSecret,
    ...tuningOf(options),
  });

function map(text: string): Record<string, string> {
  const pairs = text === '' ? [] : text.split(',').map((pair) => /^(\d+)=(\d+)$/.exec(pair.trim()));
  if (pairs.includes(null)) throw usageError(`${JSON.stringify(text)} is not of the form 12=308,13=309`);
  return Object.fromEntries(pairs.map((match) => [match![1]!, match![2]!]));
}
