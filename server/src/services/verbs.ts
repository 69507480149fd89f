import * as audit from './audit.ts';
import { audits } from './audits.ts';
import * as business from './business.ts';
import * as cdr from './cdr.ts';
import * as channel from './channel.ts';
import * as channelTest from './channel-test.ts';
import * as choreRun from './chore-run.ts';
import * as chores from './chores.ts';
import * as credential from './credential.ts';
import * as dispatch from './dispatch.ts';
import * as draft from './draft.ts';
import * as event from './event.ts';
import * as figureFeed from './figure-feed.ts';
import * as figures from './figures.ts';
import * as frequency from './frequency.ts';
import * as inbound from './inbound.ts';
import * as inboundNumber from './inbound-number.ts';
import * as installation from './installation.ts';
import * as invite from './invite.ts';
import * as keyword from './keyword.ts';
import { lastWriters } from './last-writer.ts';
import * as ledger from './ledger.ts';
import * as ledgerBooks from './ledger-books.ts';
import * as list from './list.ts';
import * as logQuestion from './log-question.ts';
import { looks } from './looks.ts';
import * as member from './member.ts';
import * as message from './message.ts';
import * as numberRun from './number-run.ts';
import * as outcome from './outcome.ts';
import * as overview from './overview.ts';
import * as picture from './picture.ts';
import * as plan from './plan.ts';
import * as planLife from './plan-life.ts';
import * as price from './price.ts';
import * as receipt from './receipt.ts';
import * as recovery from './recovery.ts';
import * as reportLog from './report-log.ts';
import * as retention from './retention.ts';
import * as reveal from './reveal.ts';
import * as review from './review.ts';
import * as route from './route.ts';
import * as session from './session.ts';
import * as signature from './signature.ts';
import * as stagedPlan from './staged-plan.ts';
import * as statement from './statement.ts';
import * as sweep from './sweep.ts';
import * as task from './task.ts';
import * as taskAction from './task-action.ts';
import * as template from './template.ts';
import * as validity from './validity.ts';
import * as webhook from './webhook.ts';
import * as webhookDelivery from './webhook-delivery.ts';
import * as webhookFeed from './webhook-feed.ts';

/** Every change the desk takes, by name; what each says in the audit log stands in audits.ts. */
const plain = {
  installationId: installation.installationId,
  cursorKey: installation.cursorKey,
  createBusiness: business.createBusiness,
  setAdminPassword: business.setAdminPassword,
  setBusinessState: business.setBusinessState,
  setPassword: business.setPassword,
  setWeight: business.setWeight,
  setTimeZone: business.setTimeZone,
  setLowBalance: business.setLowBalance,
  setPayOnDelivery: business.setPayOnDelivery,
  createCredential: credential.createCredential,
  setCredentialState: credential.setCredentialState,
  editCredential: credential.editCredential,
  deleteCredential: credential.deleteCredential,
  noteKeyUses: credential.noteKeyUses,
  createSignature: signature.createSignature,
  editSignature: signature.editSignature,
  deleteSignature: signature.deleteSignature,
  reviewSignature: signature.reviewSignature,
  keepPicture: picture.keepPicture,
  createTemplate: template.createTemplate,
  editTemplate: template.editTemplate,
  deleteTemplate: template.deleteTemplate,
  reviewTemplate: template.reviewTemplate,
  acceptPlan: plan.acceptPlan,
  stagePlan: stagedPlan.stagePlan,
  stageMessages: stagedPlan.stageMessages,
  stageInvalid: stagedPlan.stageInvalid,
  stageStopped: stagedPlan.stageStopped,
  countStaged: stagedPlan.countStaged,
  uncount: frequency.uncount,
  acceptStaged: stagedPlan.acceptStaged,
  dropStaged: stagedPlan.dropStaged,
  pausePlan: planLife.pausePlan,
  resumePlan: planLife.resumePlan,
  cancelPlan: planLife.cancelPlan,
  startPlans: planLife.startPlans,
  sweepPlan: sweep.sweepPlan,
  imaginePlan: draft.imaginePlan,
  quoteMessages: draft.quoteMessages,
  openDraft: draft.openDraft,
  addDraftMessages: draft.addDraftMessages,
  addRejectedRows: draft.addRejectedRows,
  finishDraft: draft.finishDraft,
  confirmDraft: draft.confirmDraft,
  discardDraft: draft.discardDraft,
  unstageMessages: draft.unstageMessages,
  topUp: ledger.topUp,
  correctBalance: ledger.correctBalance,
  createChannel: channel.createChannel,
  testChannel: channelTest.testChannel,
  editChannel: channel.editChannel,
  renewCallback: channel.renewCallback,
  deleteChannel: channel.deleteChannel,
  putPrices: price.putPrices,
  removePrice: price.removePrice,
  putCosts: price.putCosts,
  removeCost: price.removeCost,
  createRoute: route.createRoute,
  editRoute: route.editRoute,
  deleteRoute: route.deleteRoute,
  countRoutes: route.countRoutes,
  askLog: logQuestion.askLog,
  tellLog: logQuestion.tellLog,
  addFigures: figureFeed.addFigures,
  rebuildFigures: figureFeed.rebuildFigures,
  spanFigures: figureFeed.spanFigures,
  createWebhook: webhook.createWebhook,
  editWebhook: webhook.editWebhook,
  setWebhookState: webhook.setWebhookState,
  deleteWebhook: webhook.deleteWebhook,
  feedWebhook: webhookFeed.feedWebhook,
  recordRound: webhookDelivery.recordRound,
  forgetDeliveries: webhookDelivery.forgetDeliveries,
  leaseRetries: dispatch.leaseRetries,
  releaseRetries: dispatch.releaseRetries,
  openAttempts: dispatch.openAttempts,
  recordOutcomes: outcome.recordOutcomes,
  decideUncertain: outcome.decideUncertain,
  recoverDispatching: recovery.recoverDispatching,
  expireUnsent: validity.expireUnsent,
  recordReceipts: receipt.recordReceipts,
  settleParked: receipt.settleParked,
  orphanReports: receipt.orphanReports,
  forgetReports: reportLog.forgetReports,
  ageReceipts: receipt.ageReceipts,
  addNumbers: numberRun.addNumbers,
  sealNumbers: numberRun.sealNumbers,
  recordInbound: inbound.recordInbound,
  assignInbound: inbound.assignInbound,
  finishInbound: inbound.finishInbound,
  forgetInbound: inbound.forgetInbound,
  addInboundNumber: inboundNumber.addInboundNumber,
  deleteInboundNumber: inboundNumber.deleteInboundNumber,
  addKeyword: keyword.addKeyword,
  deleteKeyword: keyword.deleteKeyword,
  editList: list.editList,
  setOptWords: list.setOptWords,
  createMember: member.createMember,
  editMember: member.editMember,
  resetMemberPassword: member.resetMemberPassword,
  deleteMember: member.deleteMember,
  createInvite: invite.createInvite,
  acceptInvite: invite.acceptInvite,
  deleteInvite: invite.deleteInvite,
  openSession: session.openSession,
  noteSession: session.noteSession,
  noteFailedSignIn: session.noteFailedSignIn,
  endSession: session.endSession,
  changeOwnPassword: session.changeOwnPassword,
  beginSecondFactor: session.beginSecondFactor,
  confirmSecondFactor: session.confirmSecondFactor,
  removeSecondFactor: session.removeSecondFactor,
  noteReveal: reveal.noteReveal,
  forgetIdempotency: chores.forgetIdempotency,
  openMonth: ledgerBooks.openMonth,
  makeRoom: retention.makeRoom,
  forgetMessages: retention.forgetMessages,
  forgetEvents: retention.forgetEvents,
  forgetFrequency: frequency.forgetFrequency,
  retryTask: taskAction.retryTask,
  requeueTask: taskAction.requeueTask,
  revokeTask: taskAction.revokeTask,
  pauseQueue: choreRun.pauseQueue,
  resumeQueue: choreRun.resumeQueue,
  noteRuns: choreRun.noteRuns,
  takeRun: choreRun.takeRun,
  abandonRuns: choreRun.abandonRuns,
  noteQueues: choreRun.noteQueues,
  forgetTasks: choreRun.forgetTasks,
};
export type PlainVerbs = typeof plain;
export const verbs = withAudits(plain);
export type Verbs = PlainVerbs;

/** Every question the desk answers, by name. */
export const queries = {
  findBusiness: business.findBusiness,
  listBusinesses: business.listBusinesses,
  loginByName: business.loginByName,
  loginByKey: credential.loginByKey,
  listCredentials: credential.listCredentials,
  listAudit: audit.listAudit,
  listMembers: member.listMembers,
  findMember: member.findMember,
  listInvites: invite.listInvites,
  isInvite: invite.isInvite,
  personByName: session.personByName,
  personByToken: session.personByToken,
  listSessions: session.listSessions,
  listSignatures: signature.listSignatures,
  findSignature: signature.findSignature,
  findPicture: picture.findPicture,
  countedSignatures: signature.countedSignatures,
  listTemplates: template.listTemplates,
  findTemplate: template.findTemplate,
  signedTemplates: template.signedTemplates,
  reviewQueue: review.reviewQueue,
  stagedPlans: stagedPlan.stagedPlans,
  findDraft: draft.findDraft,
  expiredDrafts: draft.expiredDrafts,
  rejectedRows: draft.rejectedRows,
  listPlans: message.listPlans,
  plansById: message.plansById,
  findPlan: message.findPlan,
  planAlone: message.planAlone,
  findPlanByUuid: message.findPlanByUuid,
  messagesOfPlan: message.messagesOfPlan,
  listMessages: message.listMessages,
  nextNumberRun: numberRun.nextNumberRun,
  sortNumbers: numberRun.sortNumbers,
  findMessage: message.findMessage,
  reportsOfMessage: reportLog.reportsOfMessage,
  findReports: reportLog.findReports,
  listOrphans: reportLog.listOrphans,
  countOrphans: reportLog.countOrphans,
  balanceOf: ledger.balanceOf,
  statement: ledger.statement,
  lastOpening: ledgerBooks.lastOpening,
  firstUnadded: ledgerBooks.firstUnadded,
  addUp: ledgerBooks.addUp,
  checkBalance: ledgerBooks.checkBalance,
  standingAt: ledgerBooks.standingAt,
  listOpenings: ledgerBooks.listOpenings,
  plansToCheck: ledgerBooks.plansToCheck,
  messageMoney: ledgerBooks.messageMoney,
  entryMoney: ledgerBooks.entryMoney,
  checkPlan: ledgerBooks.checkPlan,
  listChannels: channel.listChannels,
  findChannel: channel.findChannel,
  listPrices: price.listPrices,
  effectivePrices: price.effectivePrices,
  quotePrice: price.quotePrice,
  listCosts: price.listCosts,
  listRoutes: route.listRoutes,
  findRoute: route.findRoute,
  explainRoute: route.explain,
  routeFigures: route.routeFigures,
  statementOpening: statement.statementOpening,
  statementDay: statement.statementDay,
  submittedMessages: cdr.submittedMessages,
  countFigures: figureFeed.countFigures,
  openRebuild: figureFeed.openRebuild,
  figuresSpanned: figureFeed.figuresSpanned,
  figureSums: figures.figureSums,
  attention: overview.attention,
  countedUntil: figures.countedUntil,
  listWebhooks: webhook.listWebhooks,
  findWebhook: webhook.findWebhook,
  webhookSecrets: webhook.webhookSecrets,
  webhookWork: webhookDelivery.webhookWork,
  nextRound: webhookDelivery.nextRound,
  listDeliveries: webhookDelivery.listDeliveries,
  findDelivery: webhookDelivery.findDelivery,
  listEvents: event.listEvents,
  searchEvents: event.searchEvents,
  lastEvent: event.lastEvent,
  listInbound: inbound.listInbound,
  lastWriters,
  findInbound: inbound.findInbound,
  listInboundNumbers: inboundNumber.listInboundNumbers,
  listKeywords: keyword.listKeywords,
  listRecipients: list.listRecipients,
  findListed: list.findListed,
  optWords: list.optWords,
  runningPlans: dispatch.runningPlans,
  runningPlansOf: dispatch.runningPlansOf,
  runningPlan: dispatch.runningPlan,
  waitingMessages: dispatch.waitingMessages,
  nextRetry: dispatch.nextRetry,
  findContent: dispatch.findContent,
  planFacts: dispatch.planFacts,
  expiredPlans: validity.expiredPlans,
  nextStart: planLife.nextStart,
  openSweeps: sweep.openSweeps,
  listTasks: task.listTasks,
  findTask: task.findTask,
  askedRuns: choreRun.askedRuns,
  runningRuns: choreRun.runningRuns,
  pausedQueues: choreRun.pausedQueues,
  queueDepths: choreRun.queueDepths,
  queueHistory: choreRun.queueHistory,
};
export type Queries = typeof queries;

function withAudits(changes: PlainVerbs): PlainVerbs {
  const told = Object.entries(changes).map(([name, verb]) => {
    const how = audits[name as keyof PlainVerbs];
    return [name, typeof how === 'string' ? verb : audit.audited(verb as never, how as never, looks)];
  });
  return Object.fromEntries(told) as PlainVerbs;
}
