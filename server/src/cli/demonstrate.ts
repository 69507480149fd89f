import { writeFileSync } from 'node:fs';
import { randomSecret } from '../lib/random.ts';
import { ApiClient } from './client.ts';
import type { Context } from './context.ts';
import { CommandFailed } from './failure.ts';
import { counted, grouped, table } from './output.ts';
import { follow } from './send/follow.ts';
import { sendFile } from './send/send-file.ts';

/** What a demonstration works with: a server of its own, with empty data. */
export interface Stage {
  url: string;
  rootPassword: string;
  /** Where the numbers are written. */
  file: string;
  numbers: number;
  interrupted: AbortSignal;
}

/** The first of the test numbers, which belong to nobody. */
const FIRST_NUMBER = 13_800_138_000;
const TOP_UP = 10_000;
const TEMPLATE = 'Hello {name}, this is the Signet demonstration. Your code is {code}.';
const NAMES = ['Ann', 'Björn', 'Chen Wei', 'Dolores', '李雷', 'Oluwaseun', '韩梅梅', 'Maximilian-Alexander'];
/** After so long something is wrong. */
const DEADLINE_MS = 120_000;

interface Message {
  state: string;
  segments: number;
  settled: number;
  simulated: boolean;
}

/**
 * The platform's whole job, from a new business to delivered texts and a ledger that reconciles.
 * @throws CommandFailed when anything is not as it must be
 */
export async function demonstrate({ world, out }: Context, stage: Stage): Promise<void> {
  const { url, file, numbers } = stage;
  const step = (text: string) => out.note(`· ${text}`);
  const startedAt = world.clock.monotonic();
  const elapsedS = () => (world.clock.monotonic() - startedAt) / 1000;
  const password = randomSecret(144);
  const root = new ApiClient({ url, user: 'root', password: stage.rootPassword });
  const acme = new ApiClient({ url, user: 'acme', password });
  try {
    await root.native('POST', '/businesses', { name: acme.user, password });
    step('business acme');
    const order = await approvedOrder(root, acme);
    step(`signature 【Acme】 and template "${TEMPLATE}", submitted and approved`);
    await tsms(root, '/v2/charge', { user: acme.user, charge: TOP_UP });
    step(`${grouped(TOP_UP)} credits`);
    writeFileSync(file, csv(numbers));
    step(`${counted(numbers, 'test number')}, each with a name and a code, in ${file}`);

    const deadline = new AbortController();
    const timer = world.clock.setTimer(() => deadline.abort(), DEADLINE_MS);
    const interrupted = AbortSignal.any([stage.interrupted, deadline.signal]);
    const limited = { ...world, interruption: () => interrupted };
    const query = { template_id: String(order.tempId), signature_id: String(order.signId) };
    const sent = await sendFile(
      { file, query, startAt: null, restart: false, decide: async () => 'send', note: step },
      acme,
      limited,
    );
    const { plan_id: planId, accepted } = sent.draft!;
    step(`${counted(accepted, 'message')} accepted in ${sent.seconds.toFixed(2)} s`);
    await follow(planId, accepted, acme, limited, interrupted);
    timer.cancel();
    const seconds = Math.round(elapsedS() * 1000) / 1000;
    step(`every message final after ${seconds.toFixed(2)} s`);

    const messages = await messagesOf(acme, planId);
    const balance = await acme.native<{ available: number; reserved: number }>('GET', '/balance');
    const ledger = await root.native<{ ok: boolean }>('GET', '/ledger/check');
    const states = byState(messages);
    const result = { messages: messages.length, states, balance, ledger_ok: ledger.ok, seconds };
    const faults = [...faultsOf(messages, numbers, balance), ...(ledger.ok ? [] : ['the ledger does not reconcile'])];
    if (faults.length > 0)
      throw new CommandFailed(`not as it must be: ${faults.join('; ')}`, '', { code: 'demo', ...result });
    out.result({ ok: true, ...result }, () => {
      const rows = Object.entries(states).map(([state, sums]) => [state, sums.messages, sums.segments, sums.credits]);
      return [
        table(['state', 'messages', 'segments', 'credits'], rows),
        `${grouped(TOP_UP)} credits topped up, ${grouped(balance.available)} left, none reserved: the ledger reconciles.`,
        `Done in ${seconds.toFixed(1)} s. Nothing reached a phone: every message is marked simulated.`,
      ].join('\n');
    });
  } finally {
    await Promise.all([root.close(), acme.close()]);
  }
}

/** A signature and a template of it, each submitted by the business and approved by the administrator. */
async function approvedOrder(root: ApiClient, acme: ApiClient): Promise<{ signId: number; tempId: number }> {
  const signature = { signature: 'Acme', source: 'company name' };
  const { sign_id } = await tsms<{ sign_id: number }>(acme, '/v1/signature', signature);
  await tsms(root, '/v2/signreview', { sign_id, audit_status: 'passed' });
  const template = { name: 'demo', template: TEMPLATE, type: 2, description: 'demonstration', sign_id };
  const { temp_id } = await tsms<{ temp_id: number }>(acme, '/v1/template', template);
  await tsms(root, '/v2/tempreview', { temp_id, audit_status: 'passed' });
  return { signId: sign_id, tempId: temp_id };
}

async function tsms<T>(client: ApiClient, path: string, body: unknown): Promise<T> {
  const answer = await client.exchange('POST', path, body);
  if (answer.status !== 200) throw client.refused(answer);
  return answer.body as T;
}

async function messagesOf(client: ApiClient, planId: number): Promise<Message[]> {
  const messages: Message[] = [];
  for await (const message of client.items<Message>(`/plans/${planId}/messages`)) messages.push(message);
  return messages;
}

/** Test numbers, each with a name and a code. */
function csv(numbers: number): string {
  const rows = Array.from({ length: numbers }, (_, index) => {
    const code = String((index * 7919) % 1_000_000).padStart(6, '0');
    return `+86${FIRST_NUMBER + index},${NAMES[index % NAMES.length]},${code}`;
  });
  return `mobile,name,code\n${rows.join('\n')}\n`;
}

/** What is not as it must be. */
function faultsOf(messages: Message[], numbers: number, balance: { available: number; reserved: number }): string[] {
  const faults: string[] = [];
  const segments = messages.reduce((sum, message) => sum + message.segments, 0);
  const settled = messages.reduce((sum, message) => sum + message.settled, 0);
  if (messages.length !== numbers) faults.push(`${messages.length} messages for ${numbers} numbers`);
  if (!messages.every(({ state }) => state === 'delivered')) faults.push('not every message was delivered');
  if (!messages.every(({ simulated }) => simulated)) faults.push('a message is not marked simulated');
  if (settled !== segments) faults.push(`${settled} credits settled for ${segments} segments`);
  if (balance.available !== TOP_UP - settled || balance.reserved !== 0) faults.push('the balance is wrong');
  return faults;
}

function byState(messages: Message[]): Record<string, { messages: number; segments: number; credits: number }> {
  const states: Record<string, { messages: number; segments: number; credits: number }> = {};
  for (const { state, segments, settled } of messages) {
    states[state] ??= { messages: 0, segments: 0, credits: 0 };
    const sums = states[state];
    sums.messages++;
    sums.segments += segments;
    sums.credits += settled;
  }
  return states;
}
