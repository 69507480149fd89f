import type { Target } from './route.ts';

/**
 * Of several channels, the one that takes all messages of a business to a recipient: by weighted rendezvous hashing.
 * Each channel draws a number from (business, recipient, channel) alone, scaled by its weight, and the highest wins. So
 * the weights hold over many recipients, nothing has to be remembered, and when a channel goes only those move that
 * were its own, each back to it when it returns. The draws must never change: people would see another sender.
 */
export function stickyTarget(targets: readonly Target[], businessId: number, recipient: number): Target {
  let best = targets[0]!;
  if (targets.length === 1) return best;
  let highest = Number.NEGATIVE_INFINITY;
  for (const target of targets) {
    // The maximum of draws whose logarithms are divided by weights falls to each by its weight.
    const score = Math.log(draw(businessId, recipient, target.channelId)) / target.weight;
    if (score > highest || (score === highest && target.channelId < best.channelId)) {
      highest = score;
      best = target;
    }
  }
  return best;
}

const TWO_32 = 2 ** 32;

/** A number above 0 and below 1 that looks like chance: the mixing steps of MurmurHash3 over the three ids. */
function draw(businessId: number, recipient: number, channelId: number): number {
  let hash = 0;
  hash = mix(hash, businessId);
  hash = mix(hash, recipient);
  hash = mix(hash, recipient / TWO_32);
  hash = mix(hash, channelId);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  hash ^= hash >>> 16;
  return ((hash >>> 0) + 0.5) / TWO_32;
}

/** Takes in the low 32 bits of a word. */
function mix(hash: number, word: number): number {
  const scrambled = Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  return (Math.imul(rotate(hash ^ scrambled, 13), 5) + 0xe6546b64) | 0;
}

const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));
