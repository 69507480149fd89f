import { monotonicMs } from './lib/time.ts';
import type { Peer } from './peers/peer.ts';
import { type RunResult, runOnce } from './run.ts';
import type { Scenario } from './scenario.ts';

/** A scenario with all runs of each peer, in the order they were made. */
export interface Comparison {
  scenario: Scenario;
  /** By name of the peer. */
  runs: Record<string, RunResult[]>;
  /** The first peer's rate over the second's, a pair each; empty when there is only one peer. */
  ratios: number[];
}

/** How comparisons are made. */
export interface CompareSetting {
  peers: readonly Peer[];
  pairs: number;
  scale: number;
  workDir: string;
  /** Hears of each run. */
  say: (line: string) => void;
}

/** Runs the peers in turn, so that whatever else the machine does meets them alike. */
export async function compare(scenario: Scenario, setting: CompareSetting): Promise<Comparison> {
  const { peers, pairs, scale, workDir, say } = setting;
  const runs: Comparison['runs'] = Object.fromEntries(peers.map(({ name }) => [name, []]));
  for (let pair = 0; pair < pairs; pair++) {
    for (const peer of peers) {
      const messages = Math.ceil(scenario.messages[peer.name]! * scale);
      const startedAt = monotonicMs();
      const result = await runOnce(peer, {
        numbersPerRequest: scenario.numbersPerRequest,
        receipts: scenario.receipts,
        messages,
        // As many again before it: V8 goes on compiling hot functions for some 100,000.
        warmUp: messages,
        seed: 1 + pair * 7919,
        perSecond: null,
        workDir,
      });
      runs[peer.name]!.push(result);
      const seconds = (monotonicMs() - startedAt) / 1000;
      const rate = Math.round(result.rate).toLocaleString('en');
      say(`${scenario.name} ${pair + 1}/${pairs} ${peer.name}: ${rate} messages/s (${seconds.toFixed(0)} s in all)`);
    }
  }
  checkSameText(scenario, runs);
  const [ours, theirs] = Object.values(runs);
  const ratios = theirs === undefined ? [] : ours!.map(({ rate }, i) => rate / theirs[i]!.rate);
  return { scenario, runs, ratios };
}

/** The comparison is only fair when both put the same octets on the air. */
function checkSameText(scenario: Scenario, runs: Comparison['runs']): void {
  const bodies = new Set(Object.values(runs).flatMap((results) => results.flatMap((result) => result.bodies)));
  if (bodies.size !== 1) throw new Error(`${scenario.name}: different texts were sent: ${[...bodies].join(' ')}`);
}
