import { parseArgs } from 'node:util';
import { HISTORY_STORES, type HistoryStore } from './history/look.ts';

/** Parts of the bench that are not comparisons with the other peer. */
export const SOLO_PARTS = [
  'half-rate',
  'start',
  'send-file',
  'million',
  'overtaking',
  'fairness',
  'window',
  'pacing',
  'adversity',
  'cluster',
  'history',
  'cluster-deaths',
] as const;

/** What the command line asks for. */
export interface Options {
  /** Names of scenarios and parts. */
  parts: ReadonlySet<string>;
  pairs: number;
  /** Share of the messages each run sends. */
  scale: number;
  signetOnly: boolean;
  /** Those that `history` is about. */
  stores: readonly HistoryStore[];
  /** Where histories are kept, to be looked at again; null: they are not. */
  keptIn: string | null;
  save: boolean;
  /** Options of node for the measured server, to profile it. */
  serverArgs: readonly string[];
}

const DEFAULT_PAIRS = 5;
const QUICK_SCALE = 0.05;

const HELP = (names: readonly string[]) => `npm run bench -- [options]
  --scenario NAME   only this part; may be given again (${names.join(', ')})
  --pairs N         alternating pairs of each comparison (${DEFAULT_PAIRS})
  --scale N         share of the messages each run sends, up to 1
  --quick           small runs, one pair: whether it works, not how fast
  --signet-only     without Kannel
  --store NAME      of the part history: sqlite or mysql; may be given again (both)
  --kept-in DIR     keep histories there; those that are there are looked at again
  --save            keep the table in bench/results
  --server-args=S   options of node for the Signet server, such as '--cpu-prof --cpu-prof-dir=profiles'
`;

/** Reads the command line. @throws Error whose message is for the person who wrote it */
export function readOptions(args: string[], scenarios: readonly string[]): Options {
  const names = [...scenarios, ...SOLO_PARTS];
  const { values } = parseArgs({
    args,
    options: {
      scenario: { type: 'string', multiple: true },
      pairs: { type: 'string' },
      scale: { type: 'string' },
      quick: { type: 'boolean', default: false },
      'signet-only': { type: 'boolean', default: false },
      store: { type: 'string', multiple: true },
      'kept-in': { type: 'string' },
      save: { type: 'boolean', default: false },
      'server-args': { type: 'string', default: '' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP(names));
    process.exit(0);
  }
  const parts = new Set(values.scenario ?? names);
  for (const part of parts) if (!names.includes(part)) throw new Error(`no part is called ${part}\n${HELP(names)}`);
  const pairs = Number(values.pairs ?? (values.quick ? 1 : DEFAULT_PAIRS));
  if (!(Number.isInteger(pairs) && pairs >= 1)) throw new Error('--pairs takes a number from 1');
  const scale = Number(values.scale ?? (values.quick ? QUICK_SCALE : 1));
  if (!(scale > 0 && scale <= 1)) throw new Error('--scale takes a number above 0, up to 1');
  const stores = HISTORY_STORES.filter((name) => values.store?.includes(name) ?? true);
  if (stores.length < (values.store?.length ?? 1)) throw new Error(`--store takes ${HISTORY_STORES.join(' or ')}`);
  return {
    parts,
    pairs,
    scale,
    stores,
    keptIn: values['kept-in'] ?? null,
    signetOnly: values['signet-only'],
    save: values.save,
    serverArgs: values['server-args'].split(' ').filter((arg) => arg !== ''),
  };
}
