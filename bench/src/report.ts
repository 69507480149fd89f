import { type Adversity, firstOf } from './adversity.ts';
import type { Pacing, WindowUse } from './carrier.ts';
import { cpuOfThousand, cpuPerThousand, ONE_WORKER, TWO_OF_EACH, TWO_WORKERS } from './cluster.ts';
import type { Comparison } from './compare.ts';
import type { Deaths } from './deaths/deaths.ts';
import { reportDeaths } from './deaths/report.ts';
import type { HalfRate } from './half-rate.ts';
import type { HistoryRun } from './history/look.ts';
import { historyReport } from './history/report.ts';
import type { Fairness, Overtaking } from './lanes.ts';
import { fixed, table, verdict, whole } from './lib/markdown.ts';
import { median } from './lib/stats.ts';
import type { MillionRun } from './million.ts';
import type { RunResult } from './run.ts';
import type { FileRun } from './send-file.ts';
import type { StartTimes } from './start-time.ts';

/** Everything a bench has measured. */
export interface Results {
  date: string;
  machine: string[];
  comparisons: Comparison[];
  halfRates: HalfRate[];
  start: StartTimes | null;
  file: FileRun | null;
  million: MillionRun | null;
  overtaking: Overtaking | null;
  fairness: Fairness | null;
  windows: WindowUse[];
  pacing: Pacing | null;
  adversity: Adversity | null;
  histories: HistoryRun[];
  cluster: Comparison[];
  deaths: Deaths | null;
  /** Why there is nothing to compare with; null when there is. */
  alone: string | null;
}

/** Most that accepting may take for 99 of 100 requests at half the highest rate. */
const HALF_RATE_P99_MS = 50;
const START_MS = 2_000;
const FILE_MEGABYTES = 400;
const MILLION_SECONDS = 60;
const MILLION_MEGABYTES = 500;
/** What a code may take, and how far from even shares may be. */
const CODE_MS = 1_000;
const FAIR_PERCENT = 5;
/** How much of what a window allows has to be used, and how much of a contract; more than the contract never. */
const WINDOW_SHARE = 0.97;
const CONTRACT_SHARE = 0.98;
/** What more processes may cost a message, of what one of each does. */
const WORKERS_RATIO = 1.2;
const MATCHED_SHARE = 0.9999;

const HOW = `Both peers get the same requests from the same load generator (64 kept-alive connections, each sends when it has its
answer), the same random numbers, and send the same octets (UCS-2, one segment) over one SMPP link of window 100 to the
same simulated SMSC: random hexadecimal ids, answers at once, reports 50 ms later. Rate: from the first request to the
last submit_sm at the SMSC, and with receipts to the last report at the sink. Every run starts on empty directories,
is warmed up first with as many messages as are measured (V8 goes on compiling for some 100,000), and counts only if nothing
was lost or doubled at the SMSC and the sink, and Signet's ledger reconciles to the credit.

Not alike, and by the design of each: Signet commits every accepted message with fsync and charges it; Kannel's
\`store-type = file\` is written without fsync and nothing is charged. **Reports: Kannel makes one GET for each; Signet's
are read from its event feed by a process of its own and posted in batches of up to 500.** With receipts the ratio
therefore flatters Signet.`;

/** The whole report as Markdown. */
export function report(results: Results): string {
  const parts = [`# Bench, ${results.date}`, results.machine.map((line) => `- ${line}`).join('\n'), HOW];
  if (results.alone !== null) parts.push(`> ${results.alone}`);
  if (results.comparisons.length > 0) parts.push(throughput(results.comparisons), costs(results.comparisons));
  if (results.halfRates.length > 0) parts.push(halfRates(results.halfRates));
  if (results.start !== null) parts.push(startTimes(results.start));
  if (results.file !== null) parts.push(fileRun(results.file));
  if (results.million !== null) parts.push(millionRun(results.million));
  if (results.overtaking !== null) parts.push(overtaking(results.overtaking));
  if (results.fairness !== null) parts.push(fairness(results.fairness));
  if (results.windows.length > 0) parts.push(windows(results.windows));
  if (results.pacing !== null) parts.push(pacing(results.pacing));
  for (const comparison of results.cluster) parts.push(clusterCosts(comparison));
  if (results.adversity !== null) parts.push(adversity(results.adversity));
  parts.push(...results.histories.map(historyReport));
  if (results.deaths !== null) parts.push(reportDeaths(results.deaths));
  return `${parts.join('\n\n')}\n`;
}

function throughput(comparisons: readonly Comparison[]): string {
  const names = Object.keys(comparisons[0]!.runs);
  const [ours, theirs] = names;
  const rows = comparisons.map(({ scenario, runs, ratios }) => {
    const cells = [scenario.title, ...names.map((name) => whole(median(rates(runs[name]!))))];
    if (ratios.length === 0) return cells;
    const ratio = median(ratios);
    const range = `${fixed(Math.min(...ratios))}–${fixed(Math.max(...ratios))}`;
    return [...cells, `**${fixed(ratio)} ×** (${range})`, `≥ ${scenario.bar} ×`, verdict(ratio >= scenario.bar)];
  });
  const head = ['messages/s, median', ...names, ...(theirs === undefined ? [] : [`${ours} ÷ ${theirs}`, 'bar', ''])];
  const raw = comparisons.flatMap(({ scenario, runs, ratios }) => [
    ...names.map((name) => `- ${scenario.title}, ${name}: ${rates(runs[name]!).map(whole).join(' · ')}`),
    ...(ratios.length === 0 ? [] : [`- ${scenario.title}, ratio of each pair: ${ratios.map(fixed).join(' · ')}`]),
  ]);
  return ['## Throughput', table(head, rows), 'Runs in their order:', raw.join('\n')].join('\n\n');
}

function costs(comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ scenario, runs }) =>
    Object.entries(runs).map(([name, results]) => [
      scenario.title,
      name,
      middle(results, (run) => run.acceptP50Ms, 1),
      middle(results, (run) => run.acceptP99Ms, 1),
      processCosts(results),
      name === 'Signet' ? middle(results, (run) => run.peakMegabytes, 0) : '',
    ]),
  );
  const head = [
    '',
    '',
    'accept p50 ms',
    'p99 ms',
    'CPU µs a message, by process (its two busiest threads)',
    'peak RSS MB',
  ];
  return ['## What it costs (medians)', table(head, rows)].join('\n\n');
}

/** The first process is the peer's main one, of which the threads are known too. */
function processCosts(results: readonly RunResult[]): string {
  const perMessage = (of: (run: RunResult) => number): string =>
    middle(results, (run) => (of(run) / run.messages) * 1e6, 1);
  const threads = [0, 1].map((place) => perMessage((run) => run.threads[place] ?? 0)).join(' + ');
  return Object.keys(results[0]!.cpu)
    .filter((process) => results.some((run) => run.cpu[process]! > 0))
    .map((process, i) => `${process} ${perMessage((run) => run.cpu[process]!)}${i === 0 ? ` (${threads})` : ''}`)
    .join(', ');
}

function halfRates(measured: readonly HalfRate[]): string {
  const rows = measured.map(({ peer, perSecond, runs }) => {
    const p99 = median(runs.map((run) => run.acceptP99Ms));
    return [
      peer,
      whole(perSecond),
      middle(runs, (run) => run.acceptP50Ms, 1),
      `${fixed(p99)} (${runs.map((run) => fixed(run.acceptP99Ms)).join(' · ')})`,
      middle(runs, (run) => run.acceptMaxMs, 1),
      peer === 'Signet' ? `< ${HALF_RATE_P99_MS} ms ${verdict(p99 < HALF_RATE_P99_MS)}` : '',
    ];
  });
  const head = ['', 'requests/s', 'p50 ms', 'p99 ms, median (each run)', 'max ms', 'bar'];
  return [
    '## Accept latency at half of its own highest rate',
    'One number a request, receipts on, sent evenly; a request counts from when it was due.',
    table(head, rows),
  ].join('\n\n');
}

function startTimes({ stored, empty, filled }: StartTimes): string {
  const rows = [
    ['a new store', empty],
    [`${whole(stored)} messages of the last minutes`, filled],
  ].map(([what, times]) => {
    const ms = median(times as number[]);
    return [what as string, whole(ms), `< ${START_MS} ms ${verdict(ms < START_MS)}`];
  });
  return [
    '## From the start of the process to the first accepted message',
    table(['', 'ms, median', 'bar'], rows),
  ].join('\n\n');
}

function fileRun({ messages, seconds, peakMegabytes, logged, distinct, delivered }: FileRun): string {
  return [
    '## A file with `signet send`',
    table(
      [
        'messages',
        'seconds until all were final',
        'delivered',
        "in the SMSC's log",
        'different',
        'credits',
        'peak RSS MB',
        'bar',
      ],
      [
        [
          whole(messages),
          fixed(seconds),
          whole(delivered),
          whole(logged),
          whole(distinct),
          'reconciled',
          whole(peakMegabytes),
          `< ${FILE_MEGABYTES} MB ${verdict(peakMegabytes < FILE_MEGABYTES)}`,
        ],
      ],
    ),
  ].join('\n\n');
}

function millionRun(run: MillionRun): string {
  return [
    '## A large file, cancelled half way',
    table(
      ['', '', 'bar'],
      [
        ['rows, each with a value of its own', `${whole(run.rows)} (${fixed(run.megabytes)} MB)`, ''],
        [
          'seconds from the upload to the price of the whole',
          fixed(run.draftSeconds),
          `< ${MILLION_SECONDS} s ${verdict(run.draftSeconds < MILLION_SECONDS)}`,
        ],
        ['CPU seconds of the server for that', fixed(run.draftCpuSeconds), ''],
        ['ms from the confirmation to the first message at the SMSC', whole(run.firstMessageMs), ''],
        [
          'peak RSS MB, sending included',
          whole(run.peakMegabytes),
          `< ${MILLION_MEGABYTES} MB ${verdict(run.peakMegabytes < MILLION_MEGABYTES)}`,
        ],
        ['sent + released', `${whole(run.sent)} + ${whole(run.released)} = ${whole(run.sent + run.released)}`, 'exact'],
      ],
    ),
  ].join('\n\n');
}

function overtaking({ waiting, codes, p50Ms, p99Ms, maxMs }: Overtaking): string {
  return [
    `## Codes while ${whole(waiting)} advertisements wait for a channel of 500/s`,
    table(
      ['', '', 'bar'],
      [
        ['codes, ten a second', whole(codes), ''],
        ['ms from the request to the SMSC, p50', whole(p50Ms), ''],
        ['p99', whole(p99Ms), `< ${CODE_MS} ${verdict(p99Ms < CODE_MS)}`],
        ['most', whole(maxMs), ''],
      ],
    ),
  ].join('\n\n');
}

function fairness({ waiting, shares, worstPercent }: Fairness): string {
  return [
    '## Ten businesses of the same weight on a channel of 500/s, short and long texts',
    'Segments at the SMSC in stretches of 10 s.',
    table(
      ['messages waiting', ...waiting.map(whole)],
      shares.map((share, i) => [`${i * 10} to ${i * 10 + 10} s`, ...share.map(whole)]),
    ),
    `Furthest from an even share: ${fixed(worstPercent)} % (bar: 5 %, ${verdict(worstPercent <= FAIR_PERCENT)}).`,
  ].join('\n\n');
}

function windows(used: readonly WindowUse[]): string {
  const rows = used.map(({ window, answerMs, perSecond, share }) => [
    whole(window),
    fixed(answerMs),
    whole(perSecond),
    `${(share * 100).toFixed(1)} %`,
    `≥ ${WINDOW_SHARE * 100} % ${verdict(share >= WINDOW_SHARE)}`,
  ]);
  const head = ['window', 'answer ms, median at the carrier', 'submit_sm/s', 'of window / answer time', 'bar'];
  return ['## A full window against a carrier that answers after 50 ms', table(head, rows)].join('\n\n');
}

function pacing({ contract, most, perSecond, seconds }: Pacing): string {
  const rows = [
    ['most in any one second', whole(most), `≤ ${contract} ${verdict(most <= contract)}`],
    [
      `a second, over ${fixed(seconds)} s`,
      perSecond.toFixed(1),
      `≥ ${contract * CONTRACT_SHARE} ${verdict(perSecond >= contract * CONTRACT_SHARE)}`,
    ],
  ];
  return [
    `## A contract for ${contract} submit_sm a second, by packets on the wire`,
    table(['', '', 'bar'], rows),
  ].join('\n\n');
}

function adversity(run: Adversity): string {
  const share = run.reported === 0 ? 0 : run.matched / run.reported;
  const none = (list: readonly unknown[]): string =>
    list.length === 0 ? `0 ${verdict(true)}` : `0 ${verdict(false)}: ${firstOf(list)}`;
  const unmatched = Object.entries(run.unmatched).map(([state, count]) => `${state} ${count}`);
  const rows = [
    [
      'taken and reported, in the state that was reported',
      `${whole(run.matched)} of ${whole(run.reported)} (${(share * 100).toFixed(3)} %)`,
      `≥ ${MATCHED_SHARE * 100} % ${verdict(share >= MATCHED_SHARE)}${unmatched.length === 0 ? '' : `: ${unmatched.join(', ')}`}`,
    ],
    ['in a state that was not reported of them', whole(run.wrong.length), none(run.wrong)],
    ['said to be there, and taken in part at most', whole(run.incomplete.length), none(run.incomplete)],
    ['taken by nobody, and not said so', whole(run.lost.length), none(run.lost)],
    [
      'sent again (marked as repeats; taken twice)',
      `${whole(run.flagged)}; ${whole(run.repeated)}`,
      `each after a link that broke, and marked: ${none(run.unexplained)}`,
    ],
    ['faults in the ledger', whole(run.ledgerFaults.length), none(run.ledgerFaults)],
  ];
  const list = (counts: Record<string, number>): string =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([name, count]) => `${name} ${whole(count)}`)
      .join(', ');
  return [
    `## ${whole(run.messages)} messages through carriers that do everything wrong, in ${whole(run.seconds)} s`,
    table(['messages', '', 'bar'], rows),
    `How they ended: ${list(run.states)}.`,
    `What the carriers did: ${list(run.deeds)}.`,
  ].join('\n\n');
}

/** What each shape of an installation costs and carries, beside the other peer. */
function clusterCosts({ scenario, runs }: Comparison): string {
  const rows = Object.entries(runs).map(([name, results]) => {
    const split = cpuPerThousand(results[0]!).map(([process], i) => {
      const seconds = median(results.map((run) => cpuPerThousand(run)[i]![1]));
      return `${process} ${seconds.toFixed(3)}`;
    });
    return [
      name,
      whole(median(rates(results))),
      rates(results).map(whole).join(' · '),
      median(results.map(cpuOfThousand)).toFixed(3),
      split.join(', '),
    ];
  });
  const head = ['', 'messages/s, median', 'each run', 'CPU s for 1,000 messages, median', 'of which'];
  const overOne = (shape: string): string => {
    const ratios = runs[shape]!.map((run, i) => cpuOfThousand(run) / cpuOfThousand(runs[ONE_WORKER]![i]!));
    const ratio = median(ratios);
    return `- ${shape}: **${fixed(ratio)} ×** (${ratios.map(fixed).join(' · ')}; bar: ≤ ${WORKERS_RATIO} ×, ${verdict(ratio <= WORKERS_RATIO)})`;
  };
  return [
    `## Several processes: ${scenario.title}`,
    `Four channels of window 100 each, shared by a route. *embedded*: one process on SQLite. *${ONE_WORKER}*: an api, a worker and a
channel process on MariaDB, RabbitMQ and Redis of their own; *${TWO_WORKERS}*: another worker; *${TWO_OF_EACH}*: another worker
and another channel process.`,
    table(head, rows),
    `CPU a message, over that of ${ONE_WORKER}:`,
    [TWO_WORKERS, TWO_OF_EACH].map(overOne).join('\n'),
  ].join('\n\n');
}

const rates = (runs: readonly RunResult[]): number[] => runs.map(({ rate }) => rate);
function middle(runs: readonly RunResult[], of: (run: RunResult) => number, digits: number): string {
  return median(runs.map(of)).toFixed(digits);
}
