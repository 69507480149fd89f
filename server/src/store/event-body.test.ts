import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventBody, MessageRun } from '../domain/event.ts';
import { readEventBody, writeEventBody } from './event-body.ts';

const submitted = (runs: MessageRun[]): EventBody => ({ kind: 'message.state', state: 'submitted', runs });
const running = (plans: number[]): EventBody => ({ kind: 'plan.state', state: 'running', plans, accepted: true });
const throughText = (body: EventBody): EventBody => readEventBody(writeEventBody(body));

/** Ids that often follow each other, backwards and repeated too. */
const ids = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 6 })), { maxLength: 12 })
  .map((series) => series.flatMap(([first, count]) => Array.from({ length: count }, (_, i) => 2 ** 47 + first + i)));

describe('stored bodies of events', () => {
  it('say in a few words what happened to a thousand plans with one message each', () => {
    const plans = Array.from({ length: 1_000 }, (_, i) => 246_307_238_395_904 + i);
    expect(writeEventBody(submitted(plans.map((id) => [id, 0, 0]))).length).toBeLessThan(100);
    expect(writeEventBody(running(plans)).length).toBeLessThan(100);
  });

  it('come back as they were, whatever follows what', () => {
    fc.assert(
      fc.property(ids, fc.array(fc.integer({ min: 0, max: 1 })), (plans, indexes) => {
        const runs = plans.map((id, i): MessageRun => [id, indexes[i] ?? 0, (indexes[i] ?? 0) + (indexes[i + 1] ?? 0)]);
        expect(throughText(submitted(runs))).toEqual(submitted(runs));
        expect(throughText(running(plans))).toEqual(running(plans));
      }),
    );
  });

  it('leave the event that was handed in as it is', () => {
    const body = submitted([1, 2, 3, 4].map((id) => [id, 0, 0]));
    writeEventBody(body);
    expect(body).toEqual(submitted([1, 2, 3, 4].map((id) => [id, 0, 0])));
  });

  it('are read as versions before wrote them, one by one', () => {
    const body = submitted([1, 2, 3, 4].map((id) => [id, 0, 0]));
    expect(readEventBody(JSON.stringify(body))).toEqual(body);
    expect(readEventBody(JSON.stringify(running([7, 8, 9])))).toEqual(running([7, 8, 9]));
  });

  it('of everything else are plain JSON', () => {
    const body: EventBody = { kind: 'channel.changed', channelId: 3, change: 'edited' };
    expect(writeEventBody(body)).toBe(JSON.stringify(body));
    expect(throughText(body)).toEqual(body);
  });
});
