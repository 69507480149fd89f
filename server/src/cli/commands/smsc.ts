import type { DelayMs, DestinationRule, OutcomeMix, SimulatorOptions } from '@signet/smpp/simulator';
import { oneOf, wholeNumber } from '../arguments.ts';
import type { Register } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { counted, table } from '../output.ts';

interface SmscOptions {
  host: string;
  port: number;
  answerMs: DelayMs;
  receiptDelayMs: DelayMs;
  receipts: OutcomeMix;
  rule: DestinationRule[];
  throttle?: number;
  maxUnanswered?: number;
  dropEvery?: number;
  dropAfterMs?: number;
  ids: 'hex' | 'decimal';
  receiptIds: 'same' | 'other-base';
  receiptTlvs: boolean;
  account: Record<string, string>;
  log?: string;
  logText?: boolean;
}

const OUTCOMES = [
  'enroute',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'accepted',
  'unknown',
  'rejected',
  'none',
];

/** `signet smsc`: the simulated carrier, in the foreground. */
export const registerSmsc: Register = (parent, act) => {
  parent
    .command('smsc')
    .description('run a simulated SMSC until Ctrl-C: it takes messages, reports on them and misbehaves as told')
    .option('--host <host>', 'address it listens on', '127.0.0.1')
    .option('--port <port>', 'port it listens on; 0 takes any free one', wholeNumber, 2775)
    .option('--answer-ms <ms>', 'time to answer: 20, or 10-50', delay, 0)
    .option('--receipt-delay-ms <ms>', 'time to the delivery report: 50, or 100-2000', delay, 50)
    .addOption(
      parent
        .createOption('--receipts <mix>', `outcomes by weight: delivered:95,undeliverable:5 (${OUTCOMES.join(', ')})`)
        .default({ delivered: 1 }, 'all delivered')
        .argParser(mix),
    )
    .addOption(
      parent
        .createOption(
          '--rule <rule>',
          'an exception by number (repeatable, the first that fits counts): suffix=13,status=ESME_RINVDSTADR or ' +
            'prefix=86139,receipt=expired or suffix=7,silent',
        )
        .default([], 'none')
        .argParser(collectRule),
    )
    .option('--throttle <count>', 'messages taken in one second; more are throttled', wholeNumber)
    .option('--max-unanswered <count>', 'messages unanswered on one session; more meet a full queue', wholeNumber)
    .option('--drop-every <count>', 'cut the link at every so many messages', wholeNumber)
    .option('--drop-after-ms <ms>', 'cut each link so long after its bind', wholeNumber)
    .option('--ids <form>', 'message ids: hex or decimal', oneOf('hex', 'decimal'), 'hex')
    .option('--receipt-ids <form>', 'ids in receipts: same or other-base', oneOf('same', 'other-base'), 'same')
    .option('--no-receipt-tlvs', 'tell ids and states in the text of receipts only')
    .addOption(
      parent
        .createOption('--account <id:password>', 'who may bind (repeatable)')
        .default({}, 'anybody')
        .argParser(collectAccount),
    )
    .option('--log <file>', 'append one line per message to this file')
    .option('--log-text', 'with the octets of its text')
    .action(
      act(async ({ world, out }, options: SmscOptions) => {
        const { startSimulator } = await import('@signet/smpp/simulator');
        const interrupted = world.interruption();
        const simulator = await startSimulator(simulatorOptions(options)).catch((error: Error) => {
          throw new CommandFailed(`the SMSC cannot start: ${error.message}`, 'Try another --port, or --port 0.', {
            code: 'smsc',
          });
        });
        const { port } = simulator;
        out.note(`SMSC on ${options.host}:${port}; Ctrl-C ends it`);
        if (!interrupted.aborted) await new Promise((resolve) => interrupted.addEventListener('abort', resolve));
        await simulator.close();
        const stats = Object.fromEntries(Object.entries(simulator.stats).map(([name, value]) => [snake(name), value]));
        out.result({ port, ...stats }, () => {
          const rows = Object.entries(stats).map(([name, value]) => [name.replaceAll('_', ' '), value]);
          return `${counted(simulator.stats.submits, 'message')}\n${table(['what', 'count'], rows)}`;
        });
      }),
    );
};

function simulatorOptions(options: SmscOptions): SimulatorOptions {
  if (options.dropEvery !== undefined && options.dropAfterMs !== undefined) {
    throw usageError('--drop-every and --drop-after-ms exclude each other');
  }
  const dropLink =
    options.dropEvery !== undefined
      ? { everyPdus: options.dropEvery }
      : options.dropAfterMs !== undefined
        ? { afterMs: options.dropAfterMs }
        : null;
  return {
    host: options.host,
    port: options.port,
    answerMs: options.answerMs,
    receiptDelayMs: options.receiptDelayMs,
    receipts: options.receipts,
    rules: options.rule,
    throttle: options.throttle === undefined ? null : { perSecond: options.throttle },
    maxUnanswered: options.maxUnanswered ?? 0,
    dropLink,
    ids: options.ids,
    receiptIds: options.receiptIds,
    receiptTlvs: options.receiptTlvs,
    accounts: Object.keys(options.account).length === 0 ? null : options.account,
    ...(options.log === undefined ? {} : { logPath: options.log }),
    logText: options.logText === true,
  };
}

function delay(text: string): DelayMs {
  const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  if (!match) throw usageError(`${JSON.stringify(text)} is not a time in ms: 20, or 10-50`);
  return match[2] === undefined ? Number(match[1]) : { min: Number(match[1]), max: Number(match[2]) };
}

function mix(text: string): OutcomeMix {
  const weights: Record<string, number> = {};
  for (const part of text.split(',')) {
    const match = /^([a-z]+)(?::(\d{1,9}))?$/.exec(part.trim());
    if (!match || !OUTCOMES.includes(match[1]!)) {
      throw usageError(
        `${JSON.stringify(part)} is no outcome`,
        `Write outcome:weight, with one of ${OUTCOMES.join(', ')}.`,
      );
    }
    weights[match[1]!] = Number(match[2] ?? 1);
  }
  return weights;
}

function collectRule(text: string, rules: DestinationRule[]): DestinationRule[] {
  const rule: Record<string, unknown> = {};
  for (const part of text.split(',')) {
    const [name, value] = part.trim().split('=') as [string, string | undefined];
    if (name === 'silent' && value === undefined) rule.silent = true;
    else if ((name === 'prefix' || name === 'suffix') && value) rule[name] = value.replace(/^\+/, '');
    else if (name === 'status' && value) rule.status = /^(0x[0-9a-f]+|\d+)$/i.test(value) ? Number(value) : value;
    else if (name === 'receipt' && value && OUTCOMES.includes(value)) rule.receipt = value;
    else throw usageError(`${JSON.stringify(part)} is no part of a rule`, 'See "signet smsc --help".');
  }
  return [...rules, rule as DestinationRule];
}

function collectAccount(text: string, accounts: Record<string, string>): Record<string, string> {
  const at = text.indexOf(':');
  if (at < 1) throw usageError('--account takes system_id:password');
  return { ...accounts, [text.slice(0, at)]: text.slice(at + 1) };
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
