import { single } from './verb.ts';

/** How long an answer is remembered for its Idempotency-Key. */
const IDEMPOTENCY_MS = 24 * 3_600_000;

/** Forgets answers to Idempotency-Keys whose time has passed. */
export const forgetIdempotency = single(
  async (tx, ctx, _input: Record<string, never>): Promise<{ dropped: number }> => ({
    dropped: await tx.idempotency.dropBefore(ctx.now() - IDEMPOTENCY_MS),
  }),
);
