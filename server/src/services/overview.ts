import type { Business } from '../domain/business.ts';
import { timeOfId } from '../lib/ids.ts';
import type { Reader } from '../store/store.ts';

/** Things of one kind that are looked at and shown. */
const MOST = 100;
/** A webhook whose oldest delivery waits longer than this is not keeping up. */
const LATE_MS = 10 * 60_000;
/** What failed longer ago is history. */
const FAILED_MS = 24 * 3_600_000;
/** The books are checked every hour; a check that found faults counts until the next had time to find none. */
const FAULTS_MS = 2 * 3_600_000;

/** What of a business, or of all, somebody should look at. Counts stop at {@link MOST}. */
export interface Attention {
  /** Signatures and templates that wait for a reviewer, and those that came back rejected. */
  reviews: { pending: number; rejected: number };
  /** Businesses whose balance is below their threshold, or empty. */
  lowBalances: Pick<Business, 'id' | 'name' | 'available' | 'lowBalance'>[];
  lateWebhooks: { id: number; businessId: number; url: string; waiting: number; since: number }[];
  /** Plans made from files that wait to be confirmed; of all businesses none are counted. */
  drafts: number;
  /** Plans that somebody has paused. */
  pausedPlans: number;
  /** Chores that failed and deliveries that were given up within a day; of a business none are counted. */
  failedTasks: { count: number; newest: { name: string; error: string; at: number } | null };
  /** What the last check of the ledger said; null: nothing wrong, or it is about a business. */
  ledgerFault: { what: string; at: number } | null;
}

/** What somebody who has just begun has done already; null: it is not of one business. */
export interface FirstSteps {
  signature: boolean;
  template: boolean;
  approved: boolean;
  credits: boolean;
  sent: boolean;
}

/** @param input.businessId null: of every business */
export async function attention(
  reader: Reader,
  input: { businessId: number | null; now: number },
): Promise<Attention & { steps: FirstSteps | null }> {
  const { businessId, now } = input;
  const catalog = businessId === null ? null : await catalogOf(reader, businessId);
  return {
    reviews: catalog?.reviews ?? { pending: await pendingReviews(reader), rejected: 0 },
    lowBalances: (await lowBalances(reader, businessId)).map(({ id, name, available, lowBalance }) => ({
      id,
      name,
      available,
      lowBalance,
    })),
    lateWebhooks: await lateWebhooks(reader, businessId, now),
    drafts: businessId === null ? 0 : await reader.drafts.countOpen(businessId),
    pausedPlans: (await reader.plans.list({ businessId, state: 'paused', before: null, limit: MOST })).length,
    ...(businessId === null ? await failures(reader, now) : { failedTasks: NONE_FAILED, ledgerFault: null }),
    steps: catalog === null ? null : await firstSteps(reader, businessId!, catalog),
  };
}

const NONE_FAILED: Attention['failedTasks'] = { count: 0, newest: null };

/** What of the house's own work went wrong lately. */
async function failures(reader: Reader, now: number): Promise<Pick<Attention, 'failedTasks' | 'ledgerFault'>> {
  const runs = (await reader.tasks.runs(Number.MAX_SAFE_INTEGER, ['failed'], MOST)).map((run) => ({
    name: run.name as string,
    error: run.error,
    at: run.endedAt ?? run.createdAt,
  }));
  const dead = (await reader.tasks.deliveries(['dead'], Number.MAX_SAFE_INTEGER, MOST)).map(
    ({ tries, doneAt, since }) => ({ name: 'delivery', error: tries.at(-1)?.error ?? '', at: doneAt ?? since }),
  );
  const fault = runs.find(({ name, at }) => name === 'ledger' && at > now - FAULTS_MS);
  const recent = [...runs.filter(({ name }) => name !== 'ledger'), ...dead]
    .filter(({ at }) => at > now - FAILED_MS)
    .sort((a, b) => b.at - a.at);
  return {
    failedTasks: { count: Math.min(recent.length, MOST), newest: recent[0] ?? null },
    ledgerFault: fault === undefined ? null : { what: fault.error, at: fault.at },
  };
}

async function pendingReviews(reader: Reader): Promise<number> {
  const signatures = await reader.signatures.pending(0, MOST);
  const templates = await reader.templates.pending(0, MOST);
  return Math.min(signatures.length + templates.length, MOST);
}

async function catalogOf(reader: Reader, businessId: number) {
  const page = { page: 1, pageSize: MOST };
  const signatures = (await reader.signatures.ofBusiness(businessId, page)).items;
  const templates = (await reader.templates.ofBusiness(businessId, page)).items;
  const all = [...signatures, ...templates];
  const count = (state: string) => Math.min(all.filter(({ review }) => review === state).length, MOST);
  return { signatures, templates, reviews: { pending: count('pending'), rejected: count('rejected') } };
}

async function lowBalances(reader: Reader, businessId: number | null): Promise<Business[]> {
  if (businessId === null) return reader.businesses.lowBalances(MOST);
  const business = await reader.businesses.byId(businessId);
  return business !== null && business.available < (business.lowBalance ?? 1) ? [business] : [];
}

async function lateWebhooks(
  reader: Reader,
  businessId: number | null,
  now: number,
): Promise<Attention['lateWebhooks']> {
  const late: Attention['lateWebhooks'] = [];
  for (const { id, waiting, oldest } of await reader.webhooks.work(now, Number.MAX_SAFE_INTEGER)) {
    if (oldest === null || timeOfId(oldest) > now - LATE_MS || late.length === MOST) continue;
    const webhook = (await reader.webhooks.byId(id))!;
    if (businessId !== null && webhook.businessId !== businessId) continue;
    late.push({ id, businessId: webhook.businessId, url: webhook.url, waiting, since: timeOfId(oldest) });
  }
  return late;
}

async function firstSteps(
  reader: Reader,
  businessId: number,
  { signatures, templates }: Awaited<ReturnType<typeof catalogOf>>,
): Promise<FirstSteps> {
  const approved = (all: readonly { review: string }[]) => all.some(({ review }) => review === 'approved');
  const business = (await reader.businesses.byId(businessId))!;
  const [plan] = await reader.plans.list({ businessId, state: null, before: null, limit: 1 });
  return {
    signature: signatures.length > 0,
    template: templates.length > 0,
    approved: approved(templates),
    credits: business.available + business.reserved > 0 || plan !== undefined,
    sent: plan !== undefined,
  };
}
