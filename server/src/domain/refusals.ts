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
  // what is asked
  | { code: 'invalidField'; field: string; rule: string }
  | { code: 'invalidRecipient'; index: number }
  | { code: 'tooManyRecipients'; limit: number }
  | { code: 'idempotencyMismatch' }
  // nouns
  | { code: 'businessNotFound' }
  | { code: 'businessNameTaken' }
  | { code: 'credentialNotFound' }
  | { code: 'channelNotFound' }
  | { code: 'channelNameTaken' }
  | { code: 'planNotFound' }
  | { code: 'messageNotFound' }
  | { code: 'signatureNotFound' }
  | { code: 'signatureInReview' }
  | { code: 'signatureInUse' }
  | { code: 'signatureNamedByTemplate' }
  | { code: 'signatureNotApproved' }
  | { code: 'templateNotFound' }
  | { code: 'templateNotOfSignature' }
  | { code: 'templateInReview' }
  | { code: 'templateInUse' }
  | { code: 'templateNotApproved' }
  // sending
  | { code: 'variableMissing'; name: string }
  | { code: 'textTooLong'; segments: number }
  | { code: 'frequencyExceeded' }
  | { code: 'balanceTooLow'; needed: number; available: number }
  | { code: 'balanceLimit' }
  // the house itself
  | { code: 'overloaded'; retryAfterS: number }
  | { code: 'diskFull'; retryAfterS: number }
  | { code: 'storeAway'; retryAfterS: number };

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
