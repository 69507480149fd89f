import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runAdversity } from './adversity-run.ts';
import { measurePacing, measureWindows } from './carrier.ts';
import { clusterMissing, measureCluster } from './cluster.ts';
import { type CompareSetting, compare } from './compare.ts';
import { runDeaths } from './deaths/run.ts';
import { measureHalfRate } from './half-rate.ts';
import { measureHistory } from './history/look.ts';
import { measureFairness, measureOvertaking } from './lanes.ts';
import { machineFacts } from './lib/machine.ts';
import { measureMillion } from './million.ts';
import { type Options, readOptions } from './options.ts';
import { kannel, kannelMissing } from './peers/kannel.ts';
import { signet } from './peers/signet.ts';
import { type Results, report } from './report.ts';
import { workDirectory } from './run.ts';
import { SCENARIOS } from './scenario.ts';
import { sendFile } from './send-file.ts';
import { measureStart } from './start-time.ts';

const RESULTS_DIR = fileURLToPath(new URL('../results/', import.meta.url));
/** The scenario whose highest rate the latency is measured at half of. */
const HALF_RATE_SCENARIO = 'single-receipts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(options: Options, workDir: string): Promise<Results> {
  const { parts, pairs, scale, signetOnly } = options;
  const alone = signetOnly ? 'Signet alone, as asked.' : kannelMissing();
  if (alone !== null) say(alone);
  const ours = signet(options.serverArgs);
  const setting: CompareSetting = { peers: alone === null ? [ours, kannel] : [ours], pairs, scale, workDir, say };
  const results: Results = {
    date: new Date().toISOString().slice(0, 10),
    machine: machineFacts(),
    comparisons: [],
    halfRates: [],
    start: null,
    file: null,
    million: null,
    overtaking: null,
    fairness: null,
    windows: [],
    pacing: null,
    adversity: null,
    histories: [],
    cluster: [],
    deaths: null,
    alone,
  };
  for (const scenario of SCENARIOS) {
    if (parts.has(scenario.name)) results.comparisons.push(await compare(scenario, setting));
  }
  if (parts.has('half-rate')) {
    const scenario = SCENARIOS.find(({ name }) => name === HALF_RATE_SCENARIO)!;
    const earlier = results.comparisons.find((each) => each.scenario === scenario)?.runs ?? {};
    for (const peer of setting.peers) {
      results.halfRates.push(await measureHalfRate(peer, scenario, earlier[peer.name] ?? [], setting));
    }
  }
  if (parts.has('start')) results.start = await measureStart(scale, workDir);
  if (parts.has('send-file')) results.file = await sendFile(scale, workDir);
  if (parts.has('million')) results.million = await measureMillion(scale, workDir);
  if (parts.has('overtaking')) results.overtaking = await measureOvertaking(scale, workDir);
  if (parts.has('fairness')) results.fairness = await measureFairness(scale, workDir);
  if (parts.has('window')) results.windows = await measureWindows(scale, workDir);
  if (parts.has('pacing')) {
    results.pacing = await measurePacing(scale, workDir);
    if (results.pacing === null) say('pacing: not measured, since there is no tshark to capture packets');
  }
  if (parts.has('adversity')) results.adversity = await runAdversity(scale, workDir, say);
  if (parts.has('cluster')) {
    const missing = clusterMissing();
    if (missing === null) results.cluster = await measureCluster(options.serverArgs, setting.peers.slice(1), setting);
    else say(missing);
  }
  if (parts.has('history')) {
    const { stores, keptIn } = options;
    for (const store of stores) results.histories.push(await measureHistory({ store, scale, workDir, keptIn, say }));
  }
  if (parts.has('cluster-deaths')) {
    results.deaths = await runDeaths(scale, workDir, say);
    if (results.deaths === null) {
      say('cluster-deaths: not measured: apt-get install rabbitmq-server mariadb-server redis-server');
    }
  }
  return results;
}

/** Exits 0 whether the bars are met or not: only what is broken, a lost message say, is a failure. */
async function main(): Promise<void> {
  const options = readOptions(
    process.argv.slice(2),
    SCENARIOS.map(({ name }) => name),
  );
  const workDir = workDirectory();
  const results = await run(options, workDir);
  rmSync(workDir, { recursive: true, force: true });
  const text = report(results);
  process.stdout.write(text);
  if (options.save) {
    mkdirSync(RESULTS_DIR, { recursive: true });
    const path = `${RESULTS_DIR}${results.date}.md`;
    writeFileSync(path, text);
    say(`kept in ${path}`);
  }
}

// Ended from outside, too, it leaves no server behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  if (error instanceof Error && error.cause !== undefined) process.stderr.write(`${String(error.cause)}\n`);
  process.exit(1);
});
