import { monotonicMs, sleep } from '../lib/time.ts';
import type { Prepared } from '../peers/signet.ts';
import type { Answer, Installation, Node, Question } from './installation.ts';
import type { Load } from './load.ts';

/** From the death of a store to the first refusal: what was under way is waited for. */
const FIRST_REFUSAL_LIMIT_MS = 60_000;
const AGAIN_MS = 50;

/** What programs were told while an engine was away. */
export interface ToldAway {
  /** Answers that were looked at. */
  answers: number;
  /** The longest that one of them took, in milliseconds. */
  longestMs: number;
  /** Those that were not as they have to be. */
  wrong: string[];
}

type Shape = (answer: Answer) => boolean;

/** One of each dialect that changes something, and one that looks; with how each says that the store is away. */
function questions({ signId, tempId }: Prepared): { question: Question; shape: Shape }[] {
  const message = { sign_id: signId, temp_id: tempId, mobiles: ['13700000000'] };
  const business = (method: 'GET' | 'POST', path: string, body?: unknown): Question => ({
    ...{ method, path, as: 'business' as const },
    ...(body !== undefined && { body }),
  });
  const tsms: Shape = ({ text }) => isBody(text, { error: 'ER:0503', message: 'service unavailable' });
  const engagelab: Shape = ({ text }) => isBody(text, { code: 503, message: 'service unavailable, try again later' });
  const native: Shape = ({ text, headers }) =>
    String(headers['content-type']).startsWith('application/problem+json') &&
    /"status":503/.test(text) &&
    /"code":"storeAway"/.test(text);
  return [
    { question: business('POST', '/v1/message', message), shape: tsms },
    { question: business('GET', '/v1/message?uuid=00000000-0000-4000-8000-000000000000'), shape: tsms },
    {
      question: {
        method: 'POST',
        path: '/v2/signreview',
        as: 'root',
        body: { sign_id: signId, audit_status: 'passed' },
      },
      shape: tsms,
    },
    {
      question: business('POST', '/v1/messages', { to: ['+8613700000000'], template: { id: String(tempId) } }),
      shape: engagelab,
    },
    { question: business('GET', '/v1/sign-configs'), shape: engagelab },
    { question: business('GET', '/v1/balance'), shape: engagelab },
    { question: business('POST', '/api/v1/plans/1/pause'), shape: native },
    { question: business('GET', '/api/v1/balance'), shape: native },
    { question: { method: 'GET', path: '/api/v1/businesses', as: 'root' }, shape: native },
  ];
}

/** Asks everything of every API while the store is away. */
export async function askWithoutStore(installation: Installation, names: Prepared): Promise<ToldAway> {
  const told: ToldAway = { answers: 0, longestMs: 0, wrong: [] };
  await Promise.all(
    installation.apis.map(async (node) => {
      await firstRefusal(node, told);
      for (const { question, shape } of questions(names)) {
        await look(node, question, told, (answer) => {
          const seconds = Number(answer.headers['retry-after']);
          return answer.status === 503 && Number.isInteger(seconds) && seconds > 0 && shape(answer);
        });
      }
      await look(node, { method: 'GET', path: '/readyz' }, told, ({ status }) => status === 503);
      await look(node, { method: 'GET', path: '/healthz' }, told, ({ status }) => status === 200);
    }),
  );
  return told;
}

/** Sends by every API while something is away that accepting does not need. */
export async function sendWithout(installation: Installation, load: Load): Promise<ToldAway> {
  const told: ToldAway = { answers: 0, longestMs: 0, wrong: [] };
  for (const node of installation.apis) {
    const began = monotonicMs();
    const { answer } = await load.probe(node);
    note(told, `POST /v1/message at ${node.name}`, answer, began, ({ status }) => status === 200);
    await look(node, { method: 'GET', path: '/readyz' }, told, ({ status }) => status === 200);
  }
  return told;
}

/** Waits until the death of the store is noticed. */
async function firstRefusal(node: Node, told: ToldAway): Promise<void> {
  const began = monotonicMs();
  for (;;) {
    const askedAt = monotonicMs();
    const answer = await node.ask({ method: 'GET', path: '/api/v1/balance', as: 'business' }).catch(() => null);
    told.longestMs = Math.max(told.longestMs, monotonicMs() - askedAt);
    if (answer?.status === 503) return;
    if (monotonicMs() - began > FIRST_REFUSAL_LIMIT_MS) {
      told.wrong.push(`${node.name} does not say that its store is away: ${answer?.status ?? 'no answer'}`);
      return;
    }
    await sleep(AGAIN_MS);
  }
}

async function look(node: Node, question: Question, told: ToldAway, isRight: Shape): Promise<void> {
  const began = monotonicMs();
  const answer = await node.ask(question).catch(() => null);
  note(told, `${question.method} ${question.path} at ${node.name}`, answer, began, isRight);
}

function note(told: ToldAway, what: string, answer: Answer | null, began: number, isRight: Shape): void {
  told.answers++;
  const ms = monotonicMs() - began;
  told.longestMs = Math.max(told.longestMs, ms);
  if (answer !== null && isRight(answer)) return;
  const said = answer === null ? 'no answer' : `${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`;
  told.wrong.push(`${what} after ${Math.round(ms)} ms: ${said}`);
}

function isBody(text: string, expected: Record<string, unknown>): boolean {
  return text === JSON.stringify(expected);
}
