import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadServerConfig } from '../../config/config.ts';
import { idOfUuid } from '../../lib/ids.ts';
import { randomSecret } from '../../lib/random.ts';
import type { RunningServer } from '../../main.ts';
import { ApiClient } from '../client.ts';
import type { Context, Register } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { counted, grouped, table } from '../output.ts';
import { follow } from '../send/follow.ts';
import { sendFile } from '../send/send-file.ts';
import type { World } from '../world.ts';

/** The range of test numbers: 13800138000 and the 9,999 after it belong to nobody. */
const FIRST_NUMBER = 13_800_138_000;
const MOST_NUMBERS = 2_000;
const TOP_UP = 10_000;
const TEMPLATE = 'Hello {name}, this is the Signet demonstration. Your code is {code}.';
const NAMES = ['Ann', 'Björn', 'Chen Wei', 'Dolores', '李雷', 'Oluwaseun', '韩梅梅', 'Maximilian-Alexander'];
/** After so long something is wrong. */
const DEADLINE_MS = 120_000;

interface DemoMessage {
  state: string;
  segments: number;
  settled: number;
  simulated: boolean;
}

/** `signet demo`: the platform's whole job, on data of its own, without a carrier. */
export const registerDemo: Register = (parent, act) => {
  parent
    .command('demo')
    .description('show the whole job against a simulated carrier, on data of its own, and end')
    .option('--numbers <count>', 'how many recipients', count, 1_000)
    .option('--keep', 'keep the data directory and the file of numbers')
    .action(
      act(async (context, options: { numbers: number; keep?: boolean }) => {
        const directory = mkdtempSync(join(tmpdir(), 'signet-demo-'));
        let server: RunningServer | null = null;
        try {
          const rootPassword = randomSecret(144);
          server = await startServer(directory, rootPassword, context.world);
          context.out.note(`A server with the built-in simulator as its carrier is up at ${server.url}`);
          await demonstrate(context, server, rootPassword, join(directory, 'numbers.csv'), options.numbers);
        } finally {
          await server?.stop();
          if (options.keep) context.out.note(`Data and numbers are in ${directory}`);
          else rmSync(directory, { recursive: true, force: true });
        }
      }),
    );
};

async function startServer(directory: string, rootPassword: string, world: World): Promise<RunningServer> {
  const { serve } = await import('../../main.ts');
  const data = join(directory, 'data');
  mkdirSync(data);
  const config = loadServerConfig({
    SIGNET_DATA: data,
    SIGNET_PORT: '0',
    SIGNET_ROOT_PASSWORD: rootPassword,
    SIGNET_LOG_LEVEL: 'error',
  });
  return serve(config, { stdout: { write: () => true }, stderr: world.stderr });
}

async function demonstrate(
  context: Context,
  server: RunningServer,
  rootPassword: string,
  file: string,
  numbers: number,
) {
  const { world, out } = context;
  const step = (text: string) => out.note(`· ${text}`);
  const startedAt = world.clock.monotonic();
  const root = new ApiClient({ url: server.url, user: 'root', password: rootPassword });
  const password = randomSecret(144);
  const acme = new ApiClient({ url: server.url, user: 'acme', password });
  const tsms = async <T>(client: ApiClient, path: string, body: unknown): Promise<T> => {
    const answer = await client.exchange('POST', path, body);
    if (answer.status !== 200) throw client.refused(answer);
    return answer.body as T;
  };
  try {
    await root.native('POST', '/businesses', { name: acme.user, password });
    step('business acme');
    const { sign_id } = await tsms<{ sign_id: number }>(acme, '/v1/signature', {
      signature: 'Acme',
      source: 'company name',
    });
    await tsms(root, '/v2/signreview', { sign_id, audit_status: 'passed' });
    step(`signature 【Acme】 (${sign_id}), reviewed and approved`);
    const template = { name: 'demo', template: TEMPLATE, type: 2, description: 'demonstration', sign_id };
    const { temp_id } = await tsms<{ temp_id: number }>(acme, '/v1/template', template);
    await tsms(root, '/v2/tempreview', { temp_id, audit_status: 'passed' });
    step(`template "${TEMPLATE}" (${temp_id}), reviewed and approved`);
    await tsms(root, '/v2/charge', { user: acme.user, charge: TOP_UP });
    step(`${grouped(TOP_UP)} credits`);
    writeFileSync(file, csv(numbers));
    step(`${counted(numbers, 'test number')} with name and code in ${file}`);

    const deadline = new AbortController();
    const timer = world.clock.setTimer(() => deadline.abort(), DEADLINE_MS);
    const limited = { ...world, interruption: () => AbortSignal.any([world.interruption(), deadline.signal]) };
    const order = { signId: sign_id, tempId: temp_id, params: {}, batch: 100, encoding: 'utf-8' };
    const sent = await sendFile({ ...order, file, uncertain: 'ask', restart: false }, acme, limited);
    step(`${counted(sent.accepted, 'message')} accepted in ${sent.seconds.toFixed(2)} s`);
    await follow(sent.uuids, sent.accepted, acme, limited, limited.interruption());
    timer.cancel();
    const seconds = (world.clock.monotonic() - startedAt) / 1000;
    step(`every message final after ${seconds.toFixed(2)} s`);

    const messages: DemoMessage[] = [];
    for (const uuid of sent.uuids) {
      for await (const message of acme.items<DemoMessage>(`/plans/${idOfUuid(uuid)}/messages`)) messages.push(message);
    }
    const balance = await acme.native<{ available: number; reserved: number }>('GET', '/balance');
    const ledger = await root.native<{ ok: boolean; faults: unknown[] }>('GET', '/ledger/check');
    const faults = [...faultsOf(messages, numbers, balance), ...(ledger.ok ? [] : ['the ledger does not reconcile'])];
    const states = byState(messages);
    const result = {
      ok: faults.length === 0,
      messages: messages.length,
      states,
      balance,
      ledger_ok: ledger.ok,
      seconds,
    };
    if (faults.length > 0)
      throw new CommandFailed(`not as it must be: ${faults.join('; ')}`, '', { code: 'demo', ...result });
    out.result(result, () => {
      const rows = Object.entries(states).map(([state, sums]) => [state, sums.messages, sums.segments, sums.credits]);
      return [
        table(['state', 'messages', 'segments', 'credits'], rows),
        `${grouped(TOP_UP)} credits topped up, ${grouped(balance.available)} left, ${grouped(balance.reserved)} reserved: the ledger reconciles.`,
        `Done in ${seconds.toFixed(1)} s. Nothing reached a phone: every message is marked simulated.`,
      ].join('\n');
    });
  } finally {
    await Promise.all([root.close(), acme.close()]);
  }
}

/** Test numbers, each with a name and a code of its own. */
function csv(numbers: number): string {
  const rows = Array.from({ length: numbers }, (_, index) => {
    const code = String((index * 7919) % 1_000_000).padStart(6, '0');
    return `+86${FIRST_NUMBER + index},${NAMES[index % NAMES.length]},${code}`;
  });
  return `mobile,name,code\n${rows.join('\n')}\n`;
}

/** What is not as it must be. */
function faultsOf(
  messages: DemoMessage[],
  numbers: number,
  balance: { available: number; reserved: number },
): string[] {
  const faults: string[] = [];
  const segments = messages.reduce((sum, message) => sum + message.segments, 0);
  const settled = messages.reduce((sum, message) => sum + message.settled, 0);
  if (messages.length !== numbers) faults.push(`${messages.length} messages for ${numbers} numbers`);
  if (!messages.every(({ state }) => state === 'delivered')) faults.push('not every message was delivered');
  if (!messages.every(({ simulated }) => simulated)) faults.push('a message is not marked simulated');
  if (settled !== segments) faults.push(`${settled} credits settled for ${segments} segments`);
  if (balance.available !== TOP_UP - settled || balance.reserved !== 0) faults.push('the balance is wrong');
  return faults;
}

function byState(messages: DemoMessage[]): Record<string, { messages: number; segments: number; credits: number }> {
  const states: Record<string, { messages: number; segments: number; credits: number }> = {};
  for (const { state, segments, settled } of messages) {
    states[state] ??= { messages: 0, segments: 0, credits: 0 };
    const sums = states[state];
    sums.messages++;
    sums.segments += segments;
    sums.credits += settled;
  }
  return states;
}

function count(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > MOST_NUMBERS) throw usageError(`--numbers must be a whole number from 1 to ${MOST_NUMBERS}`);
  return value;
}
