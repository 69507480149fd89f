import type { CompareSetting } from './compare.ts';
import { median } from './lib/stats.ts';
import type { Peer } from './peers/peer.ts';
import { type RunResult, runOnce } from './run.ts';
import type { Scenario } from './scenario.ts';

/** How long the steady load lasts. */
const STEADY_S = 8;
const WARM_UP = 4_000;
const RUNS = 3;

/** Accept latency of a peer under half of what it can do. */
export interface HalfRate {
  peer: string;
  perSecond: number;
  runs: RunResult[];
}

/** Loads a peer evenly at half its highest rate; that is taken from earlier runs, or from one made for it. */
export async function measureHalfRate(
  peer: Peer,
  scenario: Scenario,
  earlier: readonly RunResult[],
  { scale, workDir, say }: CompareSetting,
): Promise<HalfRate> {
  const run = (messages: number, seed: number, perSecond: number | null): Promise<RunResult> =>
    runOnce(peer, {
      numbersPerRequest: scenario.numbersPerRequest,
      receipts: scenario.receipts,
      messages,
      warmUp: Math.ceil(WARM_UP * scale),
      seed,
      perSecond,
      workDir,
    });
  const highest =
    earlier.length > 0
      ? median(earlier.map(({ rate }) => rate))
      : (await run(Math.ceil(scenario.messages[peer.name]! * scale), 3, null)).rate;
  const perSecond = Math.round(highest / 2);
  const runs: RunResult[] = [];
  for (let i = 0; i < RUNS; i++) {
    const result = await run(Math.ceil(perSecond * STEADY_S * Math.max(scale, 0.2)), 101 + i * 7919, perSecond);
    runs.push(result);
    say(`half-rate ${i + 1}/${RUNS} ${peer.name}: ${perSecond}/s, accept p99 ${result.acceptP99Ms.toFixed(1)} ms`);
  }
  return { peer: peer.name, perSecond, runs };
}
