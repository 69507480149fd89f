import type { PlanState } from './plan.ts';

/**
 * Every way a rule can say no. Each dialect owns one exhaustive table code → answer, so a new refusal does not compile
 * until every dialect has said it.
 */
export type Refusal =
  // who is asking
  | { code: 'badCredentials' }
  | { code: 'tooManyLogins'; retryAfterS: number }
  | { code: 'businessSuspended' }
  | { code: 'credentialDisabled' }
  | { code: 'credentialExpired' }
  | { code: 'permissionMissing'; permission: string }
  | { code: 'addressNotAllowed' }
  | { code: 'adminOnly' }
  // people and their sessions
  | { code: 'codeRequired' }
  | { code: 'codeWrong' }
  | { code: 'memberDisabled' }
  | { code: 'sessionOver' }
  | { code: 'csrfWrong' }
  | { code: 'passwordChangeNeeded' }
  | { code: 'notAMember' }
  | { code: 'ownMember' }
  /** `on`: it is on already; otherwise there is none. */
  | { code: 'secondFactorState'; on: boolean }
  // what is asked
  | { code: 'invalidField'; field: string; rule: string }
  | { code: 'invalidRecipient'; index: number }
  | { code: 'tooManyRecipients'; limit: number }
  | { code: 'idempotencyMismatch' }
  /** `why`: a piece of a sentence about the file, for whoever made it. */
  | { code: 'fileRefused'; why: string }
  | { code: 'fileTooLarge'; limitBytes: number }
  // nouns
  | { code: 'businessNotFound' }
  | { code: 'businessNameTaken' }
  | { code: 'credentialNotFound' }
  | { code: 'memberNotFound' }
  | { code: 'memberNameTaken' }
  | { code: 'tooManyMembers'; limit: number }
  | { code: 'inviteNotFound' }
  | { code: 'sessionNotFound' }
  | { code: 'channelNotFound' }
  | { code: 'channelNameTaken' }
  | { code: 'channelDisabled' }
  /** `limit` tests of a channel a minute. */
  | { code: 'tooManyTests'; limit: number; retryAfterS: number }
  | { code: 'priceNotFound' }
  | { code: 'costNotFound' }
  | { code: 'tooManyRows'; limit: number }
  /** `routes`: their names. */
  | { code: 'channelNamedByRoute'; routes: string[] }
  | { code: 'routeNotFound' }
  | { code: 'routeNameTaken' }
  | { code: 'tooManyRoutes'; limit: number }
  | { code: 'figuresRebuilding' }
  | { code: 'comparisonNotFound' }
  | { code: 'webhookNotFound' }
  | { code: 'tooManyWebhooks'; limit: number }
  | { code: 'webhookUnreachable'; reason: string }
  | { code: 'deliveryNotFound' }
  | { code: 'planNotFound' }
  | { code: 'planStateWrong'; state: PlanState }
  | { code: 'messageNotFound' }
  | { code: 'inboundNotFound' }
  /** It is somebody's already. */
  | { code: 'inboundAssigned' }
  | { code: 'inboundNumberNotFound' }
  | { code: 'inboundNumberTaken' }
  | { code: 'keywordNotFound' }
  | { code: 'keywordTaken' }
  | { code: 'tooManyKeywords'; limit: number }
  | { code: 'recipientNotListed' }
  | { code: 'taskNotFound' }
  /** `actions`: what can be done to it as it is. */
  | { code: 'taskActionWrong'; state: string; actions: readonly string[] }
  | { code: 'queueNotFound' }
  | { code: 'tooManyDrafts'; limit: number }
  /** Template or signature say something else than when the file was uploaded. */
  | { code: 'draftOutdated' }
  | { code: 'pictureNotFound' }
  | { code: 'signatureNotFound' }
  | { code: 'signatureInReview' }
  | { code: 'signatureInUse' }
  | { code: 'signatureNamedByTemplate' }
  | { code: 'signatureTextTaken' }
  | { code: 'signatureNotApproved' }
  | { code: 'templateNotFound' }
  | { code: 'templateNotOfSignature' }
  | { code: 'templateInReview' }
  | { code: 'templateInUse' }
  | { code: 'templateNotApproved' }
  // sending
  | { code: 'variableMissing'; name: string }
  | { code: 'textTooLong'; segments: number }
  | { code: 'frequencyExceeded'; recipient: number }
  | { code: 'balanceTooLow'; needed: number; available: number }
  | { code: 'balanceLimit' }
  // the house itself
  /** Too many live views are open. */
  | { code: 'tooManyStreams'; limit: number; retryAfterS: number }
  | { code: 'overloaded'; retryAfterS: number }
  | { code: 'diskFull'; retryAfterS: number }
  | { code: 'storeAway'; retryAfterS: number }
  /** The store went away while the change was committed: it may have been made or not. */
  | { code: 'outcomeUnknown'; retryAfterS: number };

export type RefusalCode = Refusal['code'];

/** Thrown by domain and services; only dialects turn it into an answer. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.code);
    this.name = 'Refused';
    this.refusal = refusal;
  }
}

/** Throws the refusal unless `condition` holds. */
export function must(condition: unknown, refusal: Refusal): asserts condition {
  if (!condition) throw new Refused(refusal);
}
