import type { RecipientList } from '../domain/listed.ts';
import type { Desk } from './desk.ts';
import type { Counted } from './frequency.ts';
import type { AcceptedPlan, AcceptPlan, RequestParameters } from './plan-request.ts';

/** Recipients one transaction may hold; larger requests are written in chunks, other commits passing between. */
const CHUNK = 1_000;
/** Recipients that one transaction counts towards frequency limits. */
const COUNT_CHUNK = 10_000;

/**
 * Hands in a request to send of any size. Resolves when every message of it is on disk and paid for.
 * @throws Refused when a rule says no; then nothing of it remains
 */
export function send(desk: Desk, input: AcceptPlan): Promise<AcceptedPlan> {
  const isSmall = input.recipients.length + input.invalid.length <= CHUNK;
  return isSmall ? desk.do('acceptPlan', input) : sendInChunks(desk, input);
}

async function sendInChunks(desk: Desk, input: AcceptPlan): Promise<AcceptedPlan> {
  const { request, total, recipients, invalid, parameters, idempotency } = input;
  const staging = await desk.do('stagePlan', { request, idempotency });
  if ('replayed' in staging) return staging.replayed;
  const { planId } = staging;
  const counted: { counted: Counted; at: number }[] = [];
  const takeBack = async () => {
    for (let chunk = counted.pop(); chunk !== undefined; chunk = counted.pop()) await desk.do('uncount', chunk);
  };
  try {
    let credits = 0;
    let next = 0;
    const stopped = new Set<number>();
    const byList = new Map<RecipientList, number[]>();
    for (let done = 0; done < recipients.length; done += CHUNK) {
      const chunk = recipients.slice(done, done + CHUNK);
      const staged = await desk.do('stageMessages', {
        request,
        planId,
        from: next,
        recipients: chunk,
        parameters: chunkOf(parameters, done),
      });
      credits += staged.credits;
      next += chunk.length;
      for (const [list, listed] of Object.entries(staged.stopped ?? {}) as [RecipientList, number[]][]) {
        for (const recipient of listed) stopped.add(recipient);
        byList.set(list, [...(byList.get(list) ?? []), ...listed]);
        next -= listed.length;
      }
    }
    for (let done = 0; done < invalid.length; done += CHUNK) {
      const chunk = invalid.slice(done, done + CHUNK);
      await desk.do('stageInvalid', { planId, from: next, invalid: chunk });
      next += chunk.length;
    }
    const runs: { from: number; to: number; list: RecipientList }[] = [];
    for (const [list, listed] of byList) {
      runs.push({ from: next, to: next + listed.length - 1, list });
      for (let done = 0; done < listed.length; done += CHUNK) {
        const chunk = listed.slice(done, done + CHUNK);
        await desk.do('stageStopped', { planId, from: next, stopped: { [list]: chunk } });
        next += chunk.length;
      }
    }
    const kept = stopped.size === 0 ? recipients : recipients.filter((recipient) => !stopped.has(recipient));
    let done = 0;
    for (; request.startAt === null && kept.length - done > COUNT_CHUNK; done += COUNT_CHUNK) {
      const chunk = kept.slice(done, done + COUNT_CHUNK);
      counted.push(await desk.do('countStaged', { planId, recipients: chunk }));
    }
    const uncounted = kept.slice(done);
    const size = { total, accepted: kept.length, invalid: invalid.length, stopped: runs };
    const accepted = await desk.do('acceptStaged', { request, planId, ...size, uncounted, credits, idempotency });
    if (accepted.planId !== planId) await takeBack();
    return accepted;
  } catch (error) {
    await takeBack();
    await desk.do('dropStaged', { planId });
    throw error;
  }
}

function chunkOf(parameters: RequestParameters, from: number): RequestParameters {
  return 'shared' in parameters ? parameters : { each: parameters.each.slice(from, from + CHUNK) };
}
