import { table, verdict, whole } from '../lib/markdown.ts';
import type { Deaths } from './deaths.ts';
import type { Death, Part } from './dying.ts';

const RECOVERY_MS = 30_000;
const EXAMPLES = 3;

const PARTS: readonly (readonly [Part, string])[] = [
  ['api', 'a process that takes requests'],
  ['worker', 'a process that sends'],
  ['mariadb', 'MariaDB'],
  ['rabbitmq', 'RabbitMQ'],
  ['redis', 'Redis'],
];

/** How an installation of four processes did while its parts died. */
export function reportDeaths(run: Deaths): string {
  const none = (list: readonly string[]): string[] => [
    whole(list.length),
    `0 ${verdict(list.length === 0)}${list.length === 0 ? '' : `: ${list.slice(0, EXAMPLES).join('; ')}`}`,
  ];
  const worst = Math.max(...run.deaths.map(recoveryMs));
  const rows = [
    ['accepted messages lost', ...none(run.lost)],
    ['accepted or charged twice, or not once', ...none(run.wronglyCharged)],
    ['faults in the ledger', ...none(run.ledgerFaults)],
    [
      'sent again (marked so)',
      `${whole(run.repeats)} (${whole(run.flagged)})`,
      `≤ ${whole(run.inFlight)}, the windows in flight ${verdict(run.repeats <= run.inFlight)}`,
    ],
    ['sent again without a mark', ...none(run.unflagged)],
    ['answers that no program should see', ...none(run.wrong)],
    ['processes that ended by themselves', ...none(run.endedByThemselves)],
    ['longest recovery, s', seconds(worst), `< ${RECOVERY_MS / 1000} ${verdict(worst < RECOVERY_MS)}`],
    ['longest time to an answer of a request to send, s', seconds(run.longestMs), ''],
  ];
  const answers = Object.entries(run.answers).map(([status, count]) => `${status} ${whole(count)}`);
  return [
    `## ${whole(run.accepted)} messages while an installation loses its parts, in ${whole(run.seconds)} s`,
    `Two processes that take requests, two that send over two channels of window 20, on a MariaDB, a RabbitMQ and a Redis of their
own; ${whole(run.deaths.length)} deaths (seed ${run.seed}). A process is killed with SIGKILL and started again at once, on its data. Recovery
counts from the kill of a process, and from when an engine serves again: until every API has accepted a message, one accepted
since has left over every channel, and one was reported as delivered over each.`,
    table(['', '', 'bar'], rows),
    table(
      ['died', 'times', 'away, s', 'accepts after, s', 'sends after, s', 'delivered after, s (longest)'],
      byPart(run.deaths),
    ),
    `Requests to send were answered: ${answers.join(', ')}.`,
    'In their order:',
    run.deaths.map(line).join('\n'),
  ].join('\n\n');
}

function byPart(deaths: readonly Death[]): string[][] {
  return PARTS.flatMap(([part, name]) => {
    const own = deaths.filter((death) => death.part === part);
    if (own.length === 0) return [];
    const range = (of: (death: Death) => number): string => {
      const values = own.map(of);
      return `${seconds(Math.min(...values))}–${seconds(Math.max(...values))}`;
    };
    const away = part === 'api' || part === 'worker' ? '' : range(({ awayMs }) => awayMs);
    const columns = [
      range(({ acceptMs }) => acceptMs),
      range(({ leftMs }) => leftMs),
      range(({ deliveredMs }) => deliveredMs),
    ];
    return [[name, whole(own.length), away, ...columns]];
  });
}

function line({ what, at, awayMs, told, ...times }: Death): string {
  const { acceptMs, leftMs, deliveredMs } = times;
  return [
    `- ${what}, after ${whole(at)} messages`,
    ...(awayMs > 0 ? [`away ${seconds(awayMs)} s`] : []),
    ...(told === null
      ? []
      : [`${whole(told.answers)} answers looked at meanwhile, the longest took ${seconds(told.longestMs)} s`]),
    `accepts after ${seconds(acceptMs)}, sends after ${seconds(leftMs)}, delivered after ${seconds(deliveredMs)} s`,
  ].join('; ');
}

const recoveryMs = ({ acceptMs, deliveredMs }: Death): number => Math.max(acceptMs, deliveredMs);

const seconds = (ms: number): string => (ms / 1000).toFixed(1);
