import type { Range } from '../store/store.ts';

/** Runs of neighbouring indexes, so that messages named in order are changed by one statement. */
export function toRanges(messages: readonly { planId: number; index: number }[]): Range[] {
  const ranges: Range[] = [];
  for (const { planId, index } of messages) {
    const last = ranges.at(-1);
    if (last !== undefined && last.planId === planId && last.to === index - 1) last.to = index;
    else ranges.push({ planId, from: index, to: index });
  }
  return ranges;
}
