import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { between, withoutAbsent } from '../arguments.ts';
import type { Act } from '../context.ts';
import { usageError } from '../failure.ts';
import { type ChannelFacts, channelNamed } from './channels.ts';

/** Settings all channels have that speak HTTP. */
export interface HttpTuning {
  window?: number;
  rate?: number | 'none';
  responseTimeoutMs?: number;
  networks?: string[];
}

interface HttpOptions extends HttpTuning {
  file?: string;
  secret?: Record<string, string>;
  sender?: string;
}

/** Adds the options of {@link HttpTuning}. */
export const addTuning = (command: Command): Command =>
  command
    .option('--window <count>', 'requests under way at a time', between(1, 1_000))
    .option('--rate <count>', 'requests a second at most, or none', rateOf)
    .option('--response-timeout-ms <ms>', 'wait for an answer', between(100, 300_000))
    .option('--networks <list>', 'addresses and networks callbacks may come from, separated by commas', list);

/** The settings of {@link HttpTuning} as the API names them; what was not given is absent. */
export const tuningOf = ({ window, rate, responseTimeoutMs, networks }: HttpTuning): Record<string, unknown> => ({
  window,
  // Commander takes null for a value that is missing, so the word for it comes this far.
  rate: rate === 'none' ? null : rate,
  response_timeout_ms: responseTimeoutMs,
  networks,
});

/** Carriers whose HTTP API is described by a file. */
export function registerHttp(add: Command, edit: Command, act: Act): void {
  addTuning(
    add
      .command('http <name>')
      .description('a carrier whose HTTP API is described by a file (docs/channels-http.md)')
      .requiredOption('--file <file>', 'JSON with the settings: url, body, …'),
  )
    .option('--secret <name=value>', 'a secret the settings name; may be given several times', pair)
    .option('--sender <address>', 'what {sender} stands for')
    .option('--disabled', 'add it without sending yet')
    .action(
      act(async (context, name: string, options: HttpOptions & { disabled?: boolean }) => {
        const client = await context.client();
        const created = await client.native<WithPath>('POST', '/channels', {
          name,
          enabled: options.disabled !== true,
          http: await settingsOf(options),
        });
        context.out.result(created, () => `channel ${created.name} (${created.id}) is added${pathOf(created.http)}`);
      }),
    );

  addTuning(
    edit
      .command('http <name>')
      .description('a carrier whose HTTP API is described, by its name or id')
      .option('--file <file>', 'JSON with the settings to change'),
  )
    .option('--secret <name=value>', 'a secret to change; without a value it is taken away', pair)
    .option('--sender <address>', 'what {sender} stands for')
    .action(
      act(async (context, name: string, options: HttpOptions) => {
        const http = await settingsOf(options);
        if (Object.keys(http).length === 0)
          throw usageError('nothing to change', 'See "signet channel edit http --help".');
        const client = await context.client();
        const { id } = await channelNamed(client, name);
        const edited = await client.native<ChannelFacts>('PATCH', `/channels/${id}`, { http });
        context.out.result(edited, () => `channel ${edited.name} is changed`);
      }),
    );
}

type WithPath = ChannelFacts & { http: { callback_path: string } };

/** Where the carrier's side has to be told to report, as the end of a sentence. */
export const pathOf = ({ callback_path }: { callback_path: string }): string =>
  `; its callbacks come to ${callback_path} of this server`;

async function settingsOf(options: HttpOptions): Promise<Record<string, unknown>> {
  const described = options.file === undefined ? {} : await readSettings(options.file);
  const secrets = { ...(described.secrets as object | undefined), ...options.secret };
  return withoutAbsent({
    ...described,
    ...withoutAbsent({ ...tuningOf(options), sender: options.sender }),
    secrets: Object.keys(secrets).length === 0 ? undefined : secrets,
  });
}

async function readSettings(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw usageError(`${file} cannot be read`);
  });
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw usageError(`${file} holds no JSON object`);
}

function pair(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw usageError(`${JSON.stringify(text.split('=')[0])} is not of the form name=value`);
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

const rateOf = (text: string): number | 'none' => (text === 'none' ? text : between(1, 10_000)(text));

const list = (text: string): string[] => (text === '' ? [] : text.split(',').map((each) => each.trim()));
