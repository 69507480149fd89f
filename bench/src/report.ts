import type { Comparison } from './compare.ts';
import type { HalfRate } from './half-rate.ts';
import { median } from './lib/stats.ts';
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
  /** Why there is nothing to compare with; null when there is. */
  alone: string | null;
}

/** Most that accepting may take for 99 of 100 requests at half the highest rate. */
const HALF_RATE_P99_MS = 50;
const START_MS = 2_000;
const FILE_MEGABYTES = 400;

const HOW = `Both peers get the same requests from the same load generator (64 kept-alive connections, each sends when it has its
answer), the same random numbers, and send the same octets (UCS-2, one segment) over one SMPP link of window 100 to the
same simulated SMSC: random hexadecimal ids, answers at once, reports 50 ms later. Rate: from the first request to the
last submit_sm at the SMSC, and with receipts to the last report at the sink. Every run starts on empty directories,
is warmed up first, and counts only if nothing was lost or doubled at the SMSC and the sink, and Signet's ledger
reconciles to the credit.

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

const rates = (runs: readonly RunResult[]): number[] => runs.map(({ rate }) => rate);
const whole = (value: number): string => Math.round(value).toLocaleString('en');
const fixed = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
const verdict = (holds: boolean): string => (holds ? 'passed' : '**missed**');

function middle(runs: readonly RunResult[], of: (run: RunResult) => number, digits: number): string {
  return median(runs.map(of)).toFixed(digits);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
