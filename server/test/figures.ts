import { LIVE_FEED } from '../src/domain/figure.ts';
import type { TestDesk } from './desk.ts';

/** Counts what a feed has to count, step by step, as the keeper of figures does. */
export async function countAll(desk: TestDesk, feedId = LIVE_FEED): Promise<void> {
  for (let more = true; more; ) {
    const step = await desk.ask('countFigures', { feedId });
    if (step === null) return;
    await desk.do('addFigures', step);
    more = step.more;
  }
}
