import { type CompareSetting, type Comparison, compare } from './compare.ts';
import { cluster } from './peers/cluster.ts';
import type { Peer } from './peers/peer.ts';
import { signet } from './peers/signet.ts';
import type { RunResult } from './run.ts';
import type { Scenario } from './scenario.ts';
import { RabbitMq } from './servers/rabbitmq.ts';

const CHANNELS = 4;
/** The shapes whose costs are compared: another worker, and another channel process beside it, over one of each. */
export const ONE_WORKER = 'one worker';
export const TWO_WORKERS = 'two workers';
export const TWO_OF_EACH = 'two of each';

const SCENARIOS: readonly Omit<Scenario, 'bar'>[] = [
  {
    name: 'cluster-single',
    title: '1 number a request, receipts',
    numbersPerRequest: 1,
    receipts: true,
    messages: { embedded: 30_000, [ONE_WORKER]: 15_000, [TWO_WORKERS]: 15_000, [TWO_OF_EACH]: 15_000, Kannel: 10_000 },
  },
  {
    name: 'cluster-bulk',
    title: '100 numbers a request, receipts',
    numbersPerRequest: 100,
    receipts: true,
    messages: { embedded: 100_000, [ONE_WORKER]: 60_000, [TWO_WORKERS]: 60_000, [TWO_OF_EACH]: 60_000, Kannel: 10_000 },
  },
];

/** Why several processes cannot be measured on this machine; null: they can. */
export const clusterMissing = (): string | null =>
  RabbitMq.missing ? 'RabbitMQ is not installed: apt-get install rabbitmq-server mariadb-server redis-server' : null;

/** Several processes beside one, and beside the other peer. @param others what else is measured */
export async function measureCluster(
  nodeArgs: readonly string[],
  others: readonly Peer[],
  setting: Omit<CompareSetting, 'peers'>,
): Promise<Comparison[]> {
  const peers = [
    signet(nodeArgs, { name: 'embedded', channels: CHANNELS }),
    cluster({ name: ONE_WORKER, workers: 1, carriers: 1, channels: CHANNELS }, nodeArgs),
    cluster({ name: TWO_WORKERS, workers: 2, carriers: 1, channels: CHANNELS }, nodeArgs),
    cluster({ name: TWO_OF_EACH, workers: 2, carriers: 2, channels: CHANNELS }, nodeArgs),
    ...others,
  ];
  const comparisons: Comparison[] = [];
  for (const scenario of SCENARIOS) comparisons.push(await compare({ ...scenario, bar: 0 }, { ...setting, peers }));
  return comparisons;
}

/** Processes of the bench itself. */
const OF_THE_BENCH = ['smsc', 'sink', 'load', 'reporter'];

/** CPU seconds for 1,000 messages, of each process of a peer. */
export const cpuPerThousand = ({ cpu, messages }: RunResult): [process: string, seconds: number][] =>
  Object.entries(cpu)
    .filter(([name]) => !OF_THE_BENCH.includes(name))
    .map(([name, seconds]) => [name, (seconds / messages) * 1_000]);

/** The same of all of them together. */
export const cpuOfThousand = (run: RunResult): number =>
  cpuPerThousand(run).reduce((sum, [, seconds]) => sum + seconds, 0);
