/** Paths of the EngageLab dialect, each with all below it; the rest of /v1, and /v2, are the tsms dialect's. */
export const ENGAGELAB_PATHS = [
  '/v1/template-configs',
  '/v1/sign-configs',
  '/v1/messages',
  '/v1/plans',
  '/v1/balance',
] as const;
export type EngagelabPath = (typeof ENGAGELAB_PATHS)[number];

export const TSMS_PATHS = ['/v1', '/v2'] as const;
