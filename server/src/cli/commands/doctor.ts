import { existsSync } from 'node:fs';
import { access, constants, statfs } from 'node:fs/promises';
import { loadClientConfig } from '../../config/client-config.ts';
import { loadServerConfig, type ServerConfig } from '../../config/config.ts';
import { allChannels } from '../channels/channels.ts';
import type { ApiClient } from '../client.ts';
import type { Context, Register } from '../context.ts';
import { CommandFailed } from '../failure.ts';
import { grouped } from '../output.ts';

/** One thing that was looked at. */
interface Finding {
  check: string;
  state: 'ok' | 'warn' | 'fail';
  detail: string;
  /** What to do; empty when there is nothing. */
  advice: string;
}

type Report = (state: Finding['state'], check: string, detail: string, advice?: string) => void;

/** `signet doctor`: looks at everything the platform stands on. */
export const registerDoctor: Register = (parent, act) => {
  parent
    .command('doctor')
    .description(
      'check settings, data directory, disk, store, server and channels; exit code 1 when something is wrong',
    )
    .action(
      act(async (context) => {
        const findings: Finding[] = [];
        const report: Report = (state, check, detail, advice = '') => findings.push({ check, state, detail, advice });
        const config = checkConfig(context, report);
        if (config !== null) await checkData(config, report);
        await checkServer(context, report);
        const failed = findings.filter(({ state }) => state === 'fail');
        const text = () => findings.map(line).join('\n');
        if (failed.length === 0) return context.out.result({ ok: true, findings }, text);
        if (!context.out.json) context.out.note(text());
        throw new CommandFailed(failed.length === 1 ? '1 check failed' : `${failed.length} checks failed`, '', {
          code: 'unwell',
          findings,
        });
      }),
    );
};

function line({ check, state, detail, advice }: Finding): string {
  return `${state.padEnd(4)}  ${check}: ${detail}${advice === '' ? '' : `\n      ${advice}`}`;
}

function checkConfig({ world }: Context, report: Report): ServerConfig | null {
  try {
    const config = loadServerConfig(world.env);
    loadClientConfig(world.env);
    report('ok', 'settings', 'every SIGNET_* setting is known and can be used');
    return config;
  } catch (error) {
    report('fail', 'settings', (error as Error).message, 'See docs/configuration.md.');
    return null;
  }
}

async function checkData(config: ServerConfig, report: Report): Promise<void> {
  const { dataDir, minFreeDiskBytes } = config;
  if (!existsSync(dataDir)) {
    report('warn', 'data directory', `${dataDir} does not exist yet`, 'The first "signet serve" makes it.');
    return;
  }
  const writable = await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
  if (writable) report('ok', 'data directory', dataDir);
  else report('fail', 'data directory', `${dataDir} cannot be written`, 'Give it to the user the server runs as.');
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const megabytes = `${grouped(Math.floor(free / 1e6))} MB free`;
  if (free < minFreeDiskBytes) {
    report('fail', 'disk', megabytes, 'New requests to send are refused: free some space.');
  } else if (free < minFreeDiskBytes * 5) {
    report('warn', 'disk', megabytes, `Requests to send are refused below ${grouped(minFreeDiskBytes / 1e6)} MB.`);
  } else {
    report('ok', 'disk', megabytes);
  }
  await checkStore(config, report);
}

async function checkStore(config: ServerConfig, report: Report): Promise<void> {
  const { storeFaults } = await import('../../main.ts');
  try {
    const faults = await storeFaults(config);
    if (faults === null) report('warn', 'store', 'there is none yet', 'The first "signet serve" makes it.');
    else if (faults.length === 0) report('ok', 'store', 'whole, and the ledger reconciles');
    else report('fail', 'store', faults.join('; '), 'Stop the server, keep the file, and restore a backup.');
  } catch (error) {
    report('fail', 'store', (error as Error).message, 'Keep the file, and restore a backup.');
  }
}

async function checkServer(context: Context, report: Report): Promise<void> {
  let account: ReturnType<Context['account']>;
  try {
    account = context.account();
  } catch {
    return; // the settings say why
  }
  const { ApiClient } = await import('../client.ts');
  const client = new ApiClient({ ...account, password: account.password ?? '' });
  try {
    const ready = await client.exchange('GET', '/readyz').catch((error: Error) => error);
    if (ready instanceof Error) {
      report('fail', 'server', ready.message, 'Start it with "signet serve", or say where it is with SIGNET_URL.');
      return;
    }
    if (ready.status === 200) report('ok', 'server', `${account.url} is ready`);
    else report('fail', 'server', `${account.url} is not ready: ${reasonOf(ready.body)}`, "See the server's log.");
    checkParts(ready.body, report);
    if (account.password === null) {
      report('warn', 'channels', 'not looked at', 'Set SIGNET_PASSWORD (and SIGNET_USER, if not root) to sign in.');
      return;
    }
    await checkChannels(client, report);
  } finally {
    await client.close();
  }
}

async function checkChannels(client: ApiClient, report: Report): Promise<void> {
  let channels: Awaited<ReturnType<typeof allChannels>>;
  try {
    channels = await allChannels(client);
  } catch (error) {
    const { message, advice = '' } = error as CommandFailed;
    report('fail', 'channels', message, advice);
    return;
  }
  if (channels.simulator) {
    report(
      'warn',
      'channels',
      'the built-in simulator stands in: nothing reaches a phone',
      'Add a carrier: signet channel add smpp …',
    );
  } else if (channels.items.length === 0) {
    report('fail', 'channels', 'there is none', 'Add a carrier: signet channel add smpp …');
  } else if (channels.items.every(({ enabled }) => !enabled)) {
    report('fail', 'channels', 'all are disabled', 'signet channel enable NAME');
  }
  for (const { name, enabled, state } of channels.items) {
    if (!enabled) report('warn', `channel ${name}`, 'disabled');
    else if (state.link === 'bound')
      report('ok', `channel ${name}`, `bound, ${state.in_flight} of ${state.window} in flight`);
    else
      report(
        'fail',
        `channel ${name}`,
        state.reason || state.link,
        'Check host, port, system id and password with the carrier.',
      );
  }
}

/** What the server reaches beside its store, of which it says itself whether it can do without. */
function checkParts(body: unknown, report: Report): void {
  const { parts = {} } = (body ?? {}) as { parts?: Record<string, { kind: string; state: string; reason?: string }> };
  for (const [name, loss, advice] of [
    ['queue', 'fail', 'Start RabbitMQ, or look at SIGNET_QUEUE.'],
    ['redis', 'warn', 'Start Redis, or look at SIGNET_REDIS.'],
  ] as const) {
    const part = parts[name];
    if (part?.state === 'reachable' && part.kind !== 'memory') report('ok', name, `the server reaches ${NAMES[name]}`);
    else if (part?.state === 'away') report(loss, name, `${NAMES[name]}: ${part.reason}`, advice);
  }
}

const NAMES = { queue: 'RabbitMQ', redis: 'Redis' } as const;

function reasonOf(body: unknown): string {
  const reason = (body as { reason?: unknown } | null)?.reason;
  return typeof reason === 'string' ? reason : 'it does not say why';
}
