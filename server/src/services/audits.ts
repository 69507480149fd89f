import type { AuditView } from '../domain/audit.ts';
import { ADMIN_NAME } from '../domain/business.ts';
import type { Via } from '../domain/credential.ts';
import { EVERYBODY } from '../domain/listed.ts';
import type { Login } from '../domain/session.ts';
import { type Task, taskIdText } from '../domain/task.ts';
import { maskNumber } from '../lib/log.ts';
import type { Reader } from '../store/store.ts';
import type { Audit, Behind, Unaudited } from './audit.ts';
import type { BusinessRef } from './ledger.ts';
import type { TaskRef } from './task-action.ts';
import type { ActorRef, Verb } from './verb.ts';
import type { PlainVerbs } from './verbs.ts';

type InputOf<X> = X extends Verb<infer I, unknown> ? I : never;
type ValueOf<X> = X extends { run(...args: never[]): Promise<(infer A)[]> }
  ? A extends { value: infer V }
    ? V
    : never
  : never;
type AuditOf<X> = Audit<InputOf<X>, ValueOf<X>>;

/**
 * What the audit log says of each verb. A new verb does not compile before it stands here, and one that takes an actor
 * always says something: what somebody asks for is told.
 */
type Audits = {
  readonly [N in keyof PlainVerbs]: InputOf<PlainVerbs[N]> extends { actor: ActorRef }
    ? AuditOf<PlainVerbs[N]>
    : AuditOf<PlainVerbs[N]> | Unaudited;
};

/** Rows and recipients an entry shows of a change of many. */
const SHOWN = 50;

export const audits: Audits = {
  installationId: 'upkeep',
  cursorKey: 'upkeep',
  createBusiness: {
    action: 'business.create',
    object: 'business',
    id: (_input, value) => value?.id ?? null,
    said: ({ firstKey }) => (firstKey === undefined ? null : { firstKey: firstKey.key }),
  },
  setAdminPassword: { action: 'business.password', object: 'business', id: () => ADMIN_NAME },
  setBusinessState: { action: 'business.state', object: 'business', id: businessOf },
  setPassword: { action: 'business.password', object: 'business', id: businessOf },
  setWeight: { action: 'business.weight', object: 'business', id: businessOf },
  setTimeZone: { action: 'business.time-zone', object: 'business', id: businessOf },
  setLowBalance: { action: 'business.low-balance', object: 'business', id: businessOf },
  setPayOnDelivery: { action: 'business.pay-on-delivery', object: 'business', id: businessOf },
  topUp: {
    action: 'credits.top-up',
    object: 'business',
    id: businessOf,
    said: ({ credits, reason }, { repeated }) => (repeated ? null : { credits, reason }),
    onlyWhenSeen: true,
  },
  correctBalance: {
    action: 'credits.correct',
    object: 'business',
    id: businessOf,
    said: ({ credits, reason }, { repeated }) => (repeated ? null : { credits, reason }),
    onlyWhenSeen: true,
  },

  createCredential: { action: 'key.create', object: 'key', id: made },
  setCredentialState: { action: 'key.state', object: 'key', id: named },
  editCredential: { action: 'key.edit', object: 'key', id: named },
  deleteCredential: { action: 'key.delete', object: 'key', id: named },
  noteKeyUses: 'upkeep',

  createMember: { action: 'member.create', object: 'member', id: made },
  editMember: { action: 'member.edit', object: 'member', id: named },
  resetMemberPassword: { action: 'member.reset-password', object: 'member', id: named },
  deleteMember: { action: 'member.delete', object: 'member', id: named },
  createInvite: { action: 'invite.create', object: 'invite', id: made },
  acceptInvite: {
    action: 'member.join',
    object: 'member',
    id: made,
    behind: (reader, { address }, { id }) => behindLogin(reader, { memberId: id }, address),
  },
  deleteInvite: { action: 'invite.delete', object: 'invite', id: named },

  openSession: {
    action: 'session.open',
    object: 'session',
    id: made,
    said: ({ from }) => ({ address: from.address, agent: from.agent }),
    behind: (reader, { login, from }) => behindLogin(reader, login, from.address),
  },
  noteSession: 'upkeep',
  noteFailedSignIn: {
    action: 'session.fail',
    object: 'session',
    said: ({ why, failures, address, via }) => ({ wrong: why, failures, from: address, via }),
    behind: (reader, { login, address, via }) =>
      login === null
        ? Promise.resolve({ caller: null, staff: true, businessId: null })
        : behindLogin(reader, login, address, via),
  },
  endSession: { action: 'session.end', object: 'session', id: named },
  changeOwnPassword: { action: 'session.password', object: 'session', id: made },
  beginSecondFactor: { action: 'session.begin-second-factor', object: 'member', id: itself },
  confirmSecondFactor: { action: 'session.confirm-second-factor', object: 'member', id: itself },
  removeSecondFactor: { action: 'session.remove-second-factor', object: 'member', id: itself },

  noteReveal: { action: 'numbers.reveal', object: 'numbers', said: ({ request }) => ({ request }) },

  createSignature: { action: 'signature.create', object: 'signature', id: made },
  editSignature: { action: 'signature.edit', object: 'signature', id: named },
  deleteSignature: { action: 'signature.delete', object: 'signature', id: named },
  reviewSignature: { action: 'signature.review', object: 'signature', id: named },
  keepPicture: { action: 'picture.keep', object: 'picture', id: made },
  createTemplate: { action: 'template.create', object: 'template', id: made },
  editTemplate: { action: 'template.edit', object: 'template', id: named },
  deleteTemplate: { action: 'template.delete', object: 'template', id: named },
  reviewTemplate: { action: 'template.review', object: 'template', id: named },

  acceptPlan: 'traffic',
  stagePlan: 'traffic',
  stageMessages: 'traffic',
  stageInvalid: 'traffic',
  stageStopped: 'traffic',
  countStaged: 'traffic',
  uncount: 'traffic',
  acceptStaged: 'traffic',
  dropStaged: 'traffic',
  imaginePlan: 'traffic',
  quoteMessages: 'traffic',
  openDraft: 'traffic',
  addDraftMessages: 'traffic',
  addRejectedRows: 'traffic',
  finishDraft: 'traffic',
  unstageMessages: 'upkeep',
  confirmDraft: { action: 'plan.confirm', object: 'plan', id: planOf, onlyWhenSeen: true },
  discardDraft: { action: 'plan.discard', object: 'plan', id: planOf },
  pausePlan: { action: 'plan.pause', object: 'plan', id: planOf },
  resumePlan: { action: 'plan.resume', object: 'plan', id: planOf },
  cancelPlan: { action: 'plan.cancel', object: 'plan', id: planOf },
  startPlans: 'upkeep',
  sweepPlan: 'upkeep',

  createChannel: { action: 'channel.create', object: 'channel', id: made },
  editChannel: { action: 'channel.edit', object: 'channel', id: named },
  renewCallback: {
    action: 'channel.renew-callback',
    object: 'channel',
    id: named,
    said: ({ overlapHours }) => ({ overlapHours }),
  },
  testChannel: {
    action: 'channel.test',
    object: 'channel',
    id: named,
    said: ({ recipient, text }, { planId }) => ({ to: maskNumber(recipient), text, planId }),
  },
  deleteChannel: { action: 'channel.delete', object: 'channel', id: named },
  createRoute: { action: 'route.create', object: 'route', id: made },
  editRoute: {
    action: 'route.edit',
    object: 'route',
    id: named,
    said: ({ position }) => (position === null ? null : { position }),
  },
  deleteRoute: { action: 'route.delete', object: 'route', id: named },

  putPrices: {
    action: 'price.put',
    object: 'price',
    owner: ({ businessId }) => businessId,
    said: ({ rows }) => ({ count: rows.length, rows: rows.slice(0, SHOWN) }),
  },
  removePrice: { action: 'price.remove', object: 'price', id: named },
  putCosts: {
    action: 'cost.put',
    object: 'cost',
    said: ({ channelId, rows }) => ({ channelId, count: rows.length, rows: rows.slice(0, SHOWN) }),
  },
  removeCost: { action: 'cost.remove', object: 'cost', id: named },
  addFigures: 'upkeep',
  spanFigures: 'upkeep',
  rebuildFigures: { action: 'figures.rebuild', object: 'figures', said: ({ from, to }) => ({ from, to }) },

  createWebhook: { action: 'webhook.create', object: 'webhook', id: made },
  editWebhook: {
    action: 'webhook.edit',
    object: 'webhook',
    id: named,
    said: ({ secrets }) => (Object.keys(secrets).length === 0 ? null : { ...secrets }),
  },
  setWebhookState: { action: 'webhook.state', object: 'webhook', id: named, onlyWhenSeen: true },
  deleteWebhook: { action: 'webhook.delete', object: 'webhook', id: named },
  feedWebhook: 'upkeep',
  recordRound: 'upkeep',
  forgetDeliveries: 'upkeep',
  openMonth: 'upkeep',
  countRoutes: 'upkeep',
  askLog: 'upkeep',
  tellLog: 'upkeep',
  makeRoom: 'upkeep',
  forgetMessages: 'upkeep',
  forgetEvents: 'upkeep',

  leaseRetries: 'traffic',
  releaseRetries: 'traffic',
  openAttempts: 'traffic',
  recordOutcomes: 'traffic',
  decideUncertain: 'traffic',
  recoverDispatching: 'traffic',
  expireUnsent: 'traffic',
  recordReceipts: 'traffic',
  settleParked: 'traffic',
  orphanReports: 'upkeep',
  forgetReports: 'upkeep',
  ageReceipts: 'upkeep',
  addNumbers: 'upkeep',
  sealNumbers: 'upkeep',
  recordInbound: 'traffic',
  assignInbound: {
    action: 'inbound.assign',
    object: 'inbound',
    id: named,
    said: ({ businessId }) => ({ businessId }),
  },
  finishInbound: 'upkeep',
  forgetInbound: 'upkeep',

  addInboundNumber: { action: 'inbound-number.create', object: 'inbound-number', id: made },
  deleteInboundNumber: { action: 'inbound-number.delete', object: 'inbound-number', id: named },
  addKeyword: { action: 'keyword.create', object: 'keyword', id: made },
  deleteKeyword: { action: 'keyword.delete', object: 'keyword', id: named },
  editList: {
    action: 'list.edit',
    object: 'list',
    owner: ({ businessId }) => (businessId === EVERYBODY ? null : businessId),
    said: ({ list, change, recipients, note }, { changed }) =>
      changed === 0 ? null : { list, [change]: changed, note, recipients: recipients.slice(0, SHOWN) },
    onlyWhenSeen: true,
  },
  setOptWords: { action: 'opt-words.set', object: 'opt-words', id: ({ businessId }) => businessId },

  forgetIdempotency: 'upkeep',
  forgetFrequency: 'upkeep',
  retryTask: { action: 'task.retry', object: 'task', id: taskOf, said: howItStands },
  requeueTask: { action: 'task.requeue', object: 'task', id: taskOf, said: howItStands },
  revokeTask: { action: 'task.revoke', object: 'task', id: taskOf, said: howItStands },
  pauseQueue: { action: 'queue.pause', object: 'queue', id: ({ queue }) => queue, said: ({ reason }) => ({ reason }) },
  resumeQueue: { action: 'queue.resume', object: 'queue', id: ({ queue }) => queue },
  noteRuns: 'upkeep',
  takeRun: 'upkeep',
  abandonRuns: 'upkeep',
  noteQueues: 'upkeep',
  forgetTasks: 'upkeep',
};

function made(_input: unknown, value: { id: number } | null): number | null {
  return value?.id ?? null;
}

function named({ id }: { id: number }): number {
  return id;
}

function planOf({ planId }: { planId: number }): number {
  return planId;
}

function itself({ actor }: { actor: ActorRef }): number | null {
  return actor.session?.memberId ?? null;
}

function businessOf({ business }: { business: BusinessRef }): number | string {
  return 'businessId' in business ? business.businessId : business.businessName;
}

/** Who signs in, before there is an actor. */
async function behindLogin(reader: Reader, login: Login, address: string, via: Via = 'console'): Promise<Behind> {
  const from = { address, via };
  if ('businessId' in login) {
    const { id, name, admin } = (await reader.businesses.byId(login.businessId))!;
    return { caller: { kind: 'business', id, name, ...from }, staff: admin, businessId: admin ? null : id };
  }
  const { id, name, businessId } = (await reader.members.byId(login.memberId))!;
  return { caller: { kind: 'member', id, name, ...from }, staff: businessId === null, businessId };
}

function taskOf({ id }: TaskRef): string {
  return taskIdText(id);
}

function howItStands(_input: TaskRef, task: Task | null): AuditView {
  return { state: task?.state ?? 'gone' };
}
