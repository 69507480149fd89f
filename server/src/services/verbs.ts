import * as business from './business.ts';
import * as channel from './channel.ts';
import * as chores from './chores.ts';
import * as credential from './credential.ts';
import * as dispatch from './dispatch.ts';
import * as event from './event.ts';
import * as ledger from './ledger.ts';
import * as message from './message.ts';
import * as outcome from './outcome.ts';
import * as plan from './plan.ts';
import * as receipt from './receipt.ts';
import * as review from './review.ts';
import * as signature from './signature.ts';
import * as template from './template.ts';

/** Every change the desk takes, by name. */
export const verbs = {
  createBusiness: business.createBusiness,
  setAdminPassword: business.setAdminPassword,
  setBusinessState: business.setBusinessState,
  setPassword: business.setPassword,
  createCredential: credential.createCredential,
  setCredentialState: credential.setCredentialState,
  deleteCredential: credential.deleteCredential,
  createSignature: signature.createSignature,
  editSignature: signature.editSignature,
  deleteSignature: signature.deleteSignature,
  reviewSignature: signature.reviewSignature,
  createTemplate: template.createTemplate,
  editTemplate: template.editTemplate,
  deleteTemplate: template.deleteTemplate,
  reviewTemplate: template.reviewTemplate,
  acceptPlan: plan.acceptPlan,
  stagePlan: plan.stagePlan,
  stageMessages: plan.stageMessages,
  acceptStaged: plan.acceptStaged,
  dropStaged: plan.dropStaged,
  topUp: ledger.topUp,
  correctBalance: ledger.correctBalance,
  createChannel: channel.createChannel,
  editChannel: channel.editChannel,
  deleteChannel: channel.deleteChannel,
  leaseRetries: dispatch.leaseRetries,
  openAttempts: dispatch.openAttempts,
  recordOutcomes: outcome.recordOutcomes,
  decideUncertain: outcome.decideUncertain,
  recoverDispatching: outcome.recoverDispatching,
  recordReceipts: receipt.recordReceipts,
  ageReceipts: receipt.ageReceipts,
  forgetIdempotency: chores.forgetIdempotency,
};
export type Verbs = typeof verbs;

/** Every question the desk answers, by name. */
export const queries = {
  findBusiness: business.findBusiness,
  listBusinesses: business.listBusinesses,
  loginByName: business.loginByName,
  loginByKey: credential.loginByKey,
  listCredentials: credential.listCredentials,
  listSignatures: signature.listSignatures,
  findSignature: signature.findSignature,
  listTemplates: template.listTemplates,
  findTemplate: template.findTemplate,
  reviewQueue: review.reviewQueue,
  listPlans: message.listPlans,
  findPlan: message.findPlan,
  findPlanByUuid: message.findPlanByUuid,
  messagesOfPlan: message.messagesOfPlan,
  listMessages: message.listMessages,
  findMessage: message.findMessage,
  balanceOf: ledger.balanceOf,
  statement: ledger.statement,
  ledgerFaults: ledger.ledgerFaults,
  listChannels: channel.listChannels,
  findChannel: channel.findChannel,
  listEvents: event.listEvents,
  runningPlans: dispatch.runningPlans,
  waitingRanges: dispatch.waitingRanges,
  nextRetry: dispatch.nextRetry,
  findContent: dispatch.findContent,
};
export type Queries = typeof queries;
