import type { Category } from './category.ts';

/** Credits for one segment to this destination in this category. One rate for all until a price table says otherwise. */
export function ratePerSegment(_recipient: number, _category: Category): number {
  return 1;
}

/** Credits one message costs. Preview and bill both come from here. */
export function priceOf(segments: number, recipient: number, category: Category): number {
  return segments * ratePerSegment(recipient, category);
}
