import { ADMIN_NAME } from '../domain/business.ts';
import { type ChannelTest, checkTest, TEST_VALIDITY_MS, TESTS_A_MINUTE, testPlan } from '../domain/channel-test.ts';
import { must } from '../domain/refusals.ts';
import { idAt } from '../lib/ids.ts';
import { EventBatch } from './event.ts';
import { type ActorRef, single } from './verb.ts';

const MINUTE_MS = 60_000;

/**
 * Sends a text over one channel, past routes, templates and prices, to see whether it works. It is a plan of one message
 * of the administrator's, which costs no credits; everything else about it is as of any other: attempts, reports, figures
 * and what the carrier charges. It waits as a retry does, because retries may be bound to a channel.
 */
export const testChannel = single(
  async (tx, ctx, input: { actor: ActorRef; id: number } & ChannelTest): Promise<{ planId: number }> => {
    must(input.actor.admin, { code: 'adminOnly' });
    const channel = await tx.channels.byId(input.id);
    must(channel !== null, { code: 'channelNotFound' });
    must(channel.enabled, { code: 'channelDisabled' });
    const segments = checkTest(input);
    const now = ctx.now();
    const { id: businessId } = (await tx.businesses.byName(ADMIN_NAME))!;
    const lately = await tx.plans.testsOf(businessId, channel.id, idAt(now - MINUTE_MS));
    must(lately < TESTS_A_MINUTE, { code: 'tooManyTests', limit: TESTS_A_MINUTE, retryAfterS: MINUTE_MS / 1_000 });

    const { content, plan } = testPlan(channel, input.text);
    const { category } = content;
    const planId = ctx.nextId('plan');
    const contentId = await tx.contents.insert(content, now);
    const expiresAt = now + TEST_VALIDITY_MS;
    await tx.plans.insert([{ ...plan, id: planId, businessId, contentId, segments, createdAt: now, expiresAt }]);
    const { recipient } = input;
    await tx.messages.insert([{ planId, from: 0, recipients: [recipient], segments, reserved: 0, parameters: null }]);
    await tx.retries.add([{ planId, index: 0, category, dueAt: now }]);
    const events = new EventBatch();
    events.plan(businessId, planId, 'running', true);
    await events.write(tx, ctx);
    ctx.notify({ kind: 'workWaiting' });
    return { planId };
  },
);
