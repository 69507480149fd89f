/** What reviewers think of a signature or template. The numbers are stored; do not renumber. */
export const REVIEW_STATES = ['pending', 'approved', 'rejected'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

export const reviewCode = (state: ReviewState): number => REVIEW_STATES.indexOf(state) + 1;

export function reviewOfCode(code: number): ReviewState {
  const state = REVIEW_STATES[code - 1];
  if (state === undefined) throw new Error(`no review state has code ${code}`);
  return state;
}

/** A reviewer's decision. The reason is kept with either verdict. */
export interface Verdict {
  state: 'approved' | 'rejected';
  reason: string;
}

/** What is reviewed. The position + 1 is the stored code: append, never reorder. */
export const REVIEWED = ['signature', 'template'] as const;
export type Reviewed = (typeof REVIEWED)[number];

export const reviewedCode = (kind: Reviewed): number => REVIEWED.indexOf(kind) + 1;

/** What a signature or template was when it was approved last, to be compared with what waits now. */
export interface ApprovedVersion {
  version: number;
  /** JSON of its fields. */
  body: string;
  at: number;
}
