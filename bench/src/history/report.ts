import { table, verdict, whole } from '../lib/markdown.ts';
import type { HistoryRun, Look } from './look.ts';

const PAGE_P95_MS = 200;
const PAGE_MS = 1_000;

const STORE_NAMES = { sqlite: 'SQLite', mysql: 'MariaDB' } as const;

/** A history and its pages as Markdown. */
export function historyReport({ store, history, fillSeconds, looks, beside }: HistoryRun): string {
  const messages = `${whole(history.messages)} messages in ${whole(history.plans)} plans`;
  const missed = looks.filter((look) => !holds(look)).length;
  return [
    `## Lists, searches and screens on ${STORE_NAMES[store]}: ${messages} (${whole(history.megabytes)} MB)`,
    `Written in ${whole(fillSeconds)} s. Each page is asked for forty times, one after the other, with other values where it has
some. CPU is that of the server and its database, a page. ${looks.length - missed} of ${looks.length} pages hold both bars
(p95 < ${PAGE_P95_MS} ms, none over ${PAGE_MS} ms).`,
    table(HEAD, looks.map(rowOf)),
    'Eight of these pages in turn, while something long is done:',
    table(HEAD, beside.map(rowOf)),
  ].join('\n\n');
}

const HEAD = ['page', 'rows', 'min ms', 'p50', 'p95', 'max', 'CPU ms', ''];

const rowOf = (look: Look): string[] => [
  look.what,
  whole(look.rows),
  look.min.toFixed(1),
  look.p50.toFixed(0),
  look.p95.toFixed(0),
  look.max.toFixed(0),
  look.cpu.toFixed(1),
  verdict(holds(look)),
];

const holds = ({ p95, max }: Look): boolean => p95 < PAGE_P95_MS && max < PAGE_MS;
