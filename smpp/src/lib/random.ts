/** Uniform numbers in [0, 1). */
export type Random = () => number;

/** The runtime's own randomness: good enough to spread simulated ids and delays, never for secrets. */
// biome-ignore lint/plugin: this is the one place of this package that randomness comes from.
export const systemRandom: Random = () => Math.random();

/** The same sequence for the same seed (mulberry32), for runs that must repeat. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
