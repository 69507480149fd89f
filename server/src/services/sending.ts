import type { Desk } from './desk.ts';
import type { AcceptedPlan, AcceptPlan, RequestParameters } from './plan.ts';

/** Recipients one transaction may hold; larger requests are written in chunks, other commits passing between. */
const CHUNK = 1_000;

/**
 * Hands in a request to send of any size. Resolves when every message of it is on disk and paid for.
 * @throws Refused when a rule says no; then nothing of it remains
 */
export async function send(desk: Desk, input: AcceptPlan): Promise<AcceptedPlan> {
  const { request, recipients, parameters, idempotency } = input;
  if (recipients.length <= CHUNK) return desk.do('acceptPlan', input);
  const staging = await desk.do('stagePlan', { request, total: recipients.length, idempotency });
  if ('replayed' in staging) return staging.replayed;
  const { planId } = staging;
  try {
    let credits = 0;
    for (let from = 0; from < recipients.length; from += CHUNK) {
      const chunk = recipients.slice(from, from + CHUNK);
      const staged = await desk.do('stageMessages', {
        request,
        planId,
        from,
        recipients: chunk,
        parameters: chunkOf(parameters, from),
      });
      credits += staged.credits;
    }
    return await desk.do('acceptStaged', { request, planId, recipients, credits, idempotency });
  } catch (error) {
    await desk.do('dropStaged', { planId });
    throw error;
  }
}

function chunkOf(parameters: RequestParameters, from: number): RequestParameters {
  return 'shared' in parameters ? parameters : { each: parameters.each.slice(from, from + CHUNK) };
}
