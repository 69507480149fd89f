import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { InboundText, SimulatorOptions } from '@signet/smpp/simulator';
import { between, oneOf, wholeNumber } from '../arguments.ts';
import type { Register } from '../context.ts';
import { CommandFailed, usageError } from '../failure.ts';
import { counted, type Output, table } from '../output.ts';
import {
  collectAccount,
  collectRule,
  delay,
  mix,
  OUTCOMES,
  occasion,
  percent,
  type SmscOptions,
} from '../smsc/options.ts';

/** `signet smsc`: the simulated carrier, in the foreground. */
export const registerSmsc: Register = (parent, act) => {
  parent
    .command('smsc')
    .description('run a simulated SMSC until Ctrl-C: it takes messages, reports on them and misbehaves as told')
    .option('--host <host>', 'address it listens on', '127.0.0.1')
    .option('--port <port>', 'port it listens on; 0 takes any free one', wholeNumber, 2775)
    .option('--tls-cert <file>', 'speak TLS with this certificate (PEM)')
    .option('--tls-key <file>', 'and its key (PEM)')
    .option('--smpp-version <version>', '3.3, 3.4 or 5.0', oneOf('3.3', '3.4', '5.0'), '3.4')
    .addOption(
      parent
        .createOption('--account <id:password>', 'who may bind (repeatable)')
        .default({}, 'anybody')
        .argParser(collectAccount),
    )
    .option('--max-binds <count>', 'binds of one system_id at once; more are refused', between(1, 1000))
    .option('--refuse-binds <status>', 'refuse every bind with this status, such as ESME_RBINDFAIL')
    .option('--answer-ms <ms>', 'time to answer: 20, or 10-50', delay, 0)
    .option('--throttle <count>', 'messages taken in one second; more are throttled', wholeNumber)
    .option('--max-unanswered <count>', 'messages unanswered on one session; more meet a full queue', wholeNumber)
    .addOption(
      parent
        .createOption(
          '--rule <rule>',
          'an exception by number (repeatable, the first that fits counts): suffix=13,status=ESME_RINVDSTADR or ' +
            'prefix=86139,receipt=expired or suffix=7,silent or share=5%,status=ESME_RMSGQFUL',
        )
        .default([], 'none')
        .argParser(collectRule),
    )
    .option('--ids <form>', 'message ids: hex, upper-hex, padded-hex, decimal or padded-decimal', 'hex')
    .addOption(
      parent
        .createOption('--receipts <mix>', `outcomes by weight: delivered:95,undeliverable:5 (${OUTCOMES.join(', ')})`)
        .default({ delivered: 1 }, 'all delivered')
        .argParser(mix),
    )
    .option('--receipt-delay-ms <ms>', 'time to the delivery report: 50, or 100-2000', delay, 50)
    .option('--early-receipts <percent>', 'reports that come before the answer to their message', percent)
    .option('--late-receipts <percent>', 'reports that come --late-ms after their message', percent)
    .option('--late-ms <ms>', 'how late those are: 60000, or 60000-300000', delay, 60_000)
    .option('--duplicate-receipts <percent>', 'reports that come twice', percent)
    .option('--shuffle-receipts', 'reports that leave together leave in any order')
    .option('--part-receipts <which>', 'reports of a long text: each part, first, last, shared or shared-each', 'each')
    .option('--receipt-ids <form>', 'ids in reports: same, other-base, other-case, unpadded or padded', 'same')
    .option('--no-receipt-tlvs', 'tell ids and states in the text of reports only')
    .option('--no-receipt-text', 'tell them in the parameters of reports only')
    .option('--drop-every <count>', 'cut the link at every so many messages', wholeNumber)
    .option('--drop-chance <percent>', 'cut the link at a message, by chance', percent)
    .option('--drop-after-ms <ms>', 'cut each link so long after its bind', wholeNumber)
    .option(
      '--half-open-every <count>',
      'stop answering at every so many messages, and keep the link open',
      wholeNumber,
    )
    .option('--half-open-chance <percent>', 'the same at a message, by chance', percent)
    .option('--half-open-after-ms <ms>', 'the same so long after each bind', wholeNumber)
    .option('--garbage <percent>', 'chance, per read, of a PDU without sense', percent)
    .option('--broken-streams <percent>', 'chance, per read, of octets that break the stream', percent)
    .option('--read-pause-ms <ms>', 'read nothing for so long after each read: 20, or 10-500', delay, 0)
    .option('--inbound', 'deliver each line of standard input, "FROM TO TEXT", as a text from a handset')
    .option('--inbound-long <way>', 'how long ones travel: payload, udh, udh16 or sar', 'udh')
    .option('--log <file>', 'append one line per message to this file')
    .option('--log-text', 'with its octets, and with the text once all its parts are there')
    .action(
      act(async ({ world, out }, options: SmscOptions) => {
        const { startSimulator } = await import('@signet/smpp/simulator');
        const interrupted = world.interruption();
        const simulator = await startSimulator(simulatorOptions(options)).catch((error: Error) => {
          if (error instanceof RangeError) throw usageError(error.message, 'See "signet smsc --help".');
          throw new CommandFailed(`the SMSC cannot start: ${error.message}`, 'Try another --port, or --port 0.', {
            code: 'smsc',
          });
        });
        const { port } = simulator;
        out.note(`SMSC on ${options.host}:${port}; Ctrl-C ends it`);
        if (options.inbound) {
          deliverLines(world.stdin, options.inboundLong, (message) => simulator.deliver(message), out);
        }
        if (!interrupted.aborted) await new Promise((resolve) => interrupted.addEventListener('abort', resolve));
        if (options.inbound) world.stdin.destroy();
        await simulator.close();
        const times = simulator.answerTimes;
        const counts = { ...simulator.stats, answerMedianMs: tenths(times.medianMs), answerP95Ms: tenths(times.p95Ms) };
        const stats = Object.fromEntries(Object.entries(counts).map(([name, value]) => [snake(name), value]));
        out.result({ port, ...stats }, () => {
          const rows = Object.entries(stats).map(([name, value]) => [name.replaceAll('_', ' '), value]);
          return `${counted(simulator.stats.submits, 'message')}\n${table(['what', 'count'], rows)}`;
        });
      }),
    );
};

/** Delivers what is typed or piped in, line by line; says of each what became of it. */
function deliverLines(
  input: Readable,
  long: SmscOptions['inboundLong'],
  deliver: (message: InboundText) => Promise<number>,
  out: Output,
): void {
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    const [, from, to, text] = /^\s*\+?(\S+)\s+\+?(\S+)\s(.*)$/.exec(line) ?? [];
    if (from === undefined || to === undefined || text === undefined) {
      if (line.trim() !== '') out.note(`not delivered: ${JSON.stringify(line)} is not "FROM TO TEXT"`);
      return;
    }
    deliver({ from, to, text, long }).then(
      (status) => out.note(`from ${from}: ${status === 0 ? 'taken' : `refused with status ${status}`}`),
      (error: Error) => out.note(`from ${from}: not delivered, ${error.message}`),
    );
  });
  // The end of the input ends nothing: the SMSC runs until it is interrupted.
  input.on('error', () => lines.close());
}

function simulatorOptions(options: SmscOptions): SimulatorOptions {
  if ((options.tlsCert === undefined) !== (options.tlsKey === undefined)) {
    throw usageError('--tls-cert and --tls-key go together');
  }
  const { garbage, brokenStreams, lateReceipts } = options;
  return {
    host: options.host,
    port: options.port,
    ...(options.tlsCert === undefined || options.tlsKey === undefined
      ? {}
      : { tls: { cert: readPem(options.tlsCert), key: readPem(options.tlsKey) } }),
    interfaceVersion: { '3.3': 0x33, '3.4': 0x34, '5.0': 0x50 }[options.smppVersion],
    accounts: Object.keys(options.account).length === 0 ? null : options.account,
    maxBinds: options.maxBinds ?? 0,
    refuseBinds: options.refuseBinds ?? null,
    answerMs: options.answerMs,
    throttle: options.throttle === undefined ? null : { perSecond: options.throttle },
    maxUnanswered: options.maxUnanswered ?? 0,
    rules: options.rule,
    ids: options.ids,
    receipts: options.receipts,
    receiptDelayMs: options.receiptDelayMs,
    earlyReceipts: options.earlyReceipts ?? 0,
    lateReceipts: lateReceipts === undefined ? null : { share: lateReceipts, delayMs: options.lateMs },
    duplicateReceipts: options.duplicateReceipts ?? 0,
    shuffleReceipts: options.shuffleReceipts === true,
    partReceipts: options.partReceipts,
    receiptIds: options.receiptIds,
    receiptTlvs: options.receiptTlvs,
    receiptText: options.receiptText,
    dropLink: occasion('drop', options.dropEvery, options.dropChance, options.dropAfterMs),
    halfOpen: occasion('half-open', options.halfOpenEvery, options.halfOpenChance, options.halfOpenAfterMs),
    garbage:
      garbage === undefined && brokenStreams === undefined ? null : { pdus: garbage ?? 0, streams: brokenStreams ?? 0 },
    readPauseMs: options.readPauseMs,
    ...(options.log === undefined ? {} : { logPath: options.log }),
    logText: options.logText === true,
  };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

const tenths = (ms: number): number => Math.round(ms * 10) / 10;

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
