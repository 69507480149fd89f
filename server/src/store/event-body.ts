import type { EventBody, MessageRun } from '../domain/event.ts';

// Requests with one number make plans whose ids follow each other, so an event that names each of them would be as large as
// their messages. Stored, it names the first and says how many.

/** The same indexes of `plans` plans whose ids follow each other. */
type StoredRun = MessageRun | [firstPlanId: number, from: number, to: number, plans: number];

/** An id, or so many that follow each other. */
type StoredPlans = number | [firstPlanId: number, plans: number];

/** With fewer little is saved. */
const SERIES_FROM = 3;

/** The text an event is stored as; {@link readEventBody} reads it. */
export function writeEventBody(body: EventBody): string {
  if (body.kind === 'message.state') return JSON.stringify({ ...body, runs: joinRuns(body.runs) });
  if (body.kind === 'plan.state') return JSON.stringify({ ...body, plans: joinPlans(body.plans) });
  return JSON.stringify(body);
}

/** An event's body from its text, whether or not what follows each other was joined in it. */
export function readEventBody(text: string): EventBody {
  const body = JSON.parse(text) as EventBody;
  if (body.kind === 'message.state') body.runs = partRuns(body.runs as StoredRun[]);
  else if (body.kind === 'plan.state') body.plans = partPlans(body.plans as StoredPlans[]);
  return body;
}

function joinRuns(runs: readonly MessageRun[]): StoredRun[] {
  const joined: StoredRun[] = [];
  for (let at = 0; at < runs.length; ) {
    const [first, from, to] = runs[at]!;
    let count = 1;
    for (let next = runs[at + 1]; next !== undefined; next = runs[at + ++count]) {
      if (next[0] !== first + count || next[1] !== from || next[2] !== to) break;
    }
    if (count >= SERIES_FROM) joined.push([first, from, to, count]);
    else for (let i = at; i < at + count; i++) joined.push(runs[i]!);
    at += count;
  }
  return joined;
}

function joinPlans(plans: readonly number[]): StoredPlans[] {
  const joined: StoredPlans[] = [];
  for (let at = 0; at < plans.length; ) {
    const first = plans[at]!;
    let count = 1;
    while (plans[at + count] === first + count) count++;
    if (count >= SERIES_FROM) joined.push([first, count]);
    else for (let i = at; i < at + count; i++) joined.push(plans[i]!);
    at += count;
  }
  return joined;
}

function partRuns(stored: readonly StoredRun[]): MessageRun[] {
  const runs: MessageRun[] = [];
  for (const run of stored) {
    const [first, from, to, count = 1] = run;
    for (let i = 0; i < count; i++) runs.push([first + i, from, to]);
  }
  return runs;
}

function partPlans(stored: readonly StoredPlans[]): number[] {
  const plans: number[] = [];
  for (const entry of stored) {
    if (typeof entry === 'number') plans.push(entry);
    else for (let i = 0; i < entry[1]; i++) plans.push(entry[0] + i);
  }
  return plans;
}
